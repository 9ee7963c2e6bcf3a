/* The features of a query: terms with their weights, scored by BM25. */
#ifndef TIMTIN_FEATURES_H
#define TIMTIN_FEATURES_H

#include "galloping.h"

/* A weighted term: a sparse one has `ids`, a dense one `bits` and `ranks` (`term_postings`).
 *
 * An article in which the term occurs f > 0 times gets factor * f / (f + norm) + extra. */
typedef struct {
    const int32_t *ids;
    const uint64_t *bits;
    const uint32_t *ranks;
    npy_intp articles; /* that contain the term: the number of frequencies */
    npy_intp cursor;   /* of `seek`: doc ids before it are lower than those looked for */
    const void *frequencies;
    int width;              /* of a frequency, in bytes */
    const uint8_t *impacts; /* of each article of `ids`, or the maximum of each block */
    const double *norms;
    double factor, extra, bound;
    PyObject *owner; /* keeps the arrays alive */
} Feature;

typedef struct {
    Feature *all;
    Py_ssize_t count;
    double *remaining; /* remaining[i]: the sum of the bounds of features i, i + 1, ... */
    npy_intp size;     /* number of articles in the index */
} Features;

/* Return the frequency in the article number `i` of those that contain the term. */
static inline uint64_t frequency_at(const Feature *feature, npy_intp i)
{
    switch (feature->width) {
    case 1:
        return ((const uint8_t *)feature->frequencies)[i];
    case 2:
        return ((const uint16_t *)feature->frequencies)[i];
    default:
        return ((const uint32_t *)feature->frequencies)[i];
    }
}

/* Return what a term adds to the score of an article in which it occurs. */
static inline double score_of(const Feature *feature, uint64_t frequency, int64_t doc_id)
{
    const double f = (double)frequency;
    double score = f / (f + feature->norms[doc_id]);
    score *= feature->factor;
    return feature->extra != 0.0 ? score + feature->extra : score;
}

/* Read weighted features. Return 1; 0 if one of them has no row, so that NumPy must score them; -1 with
 * an exception. */
int read_features(PyObject *weighted, npy_intp size, Features *features);
void release_features(Features *features);

/* Reset the cursors of all features. */
void rewind_features(Features *features);

/* Return the index of the first doc id of a sparse term that is not below `doc_id`, and move the cursor
 * there; doc ids must be looked for in ascending order. */
static inline npy_intp seek(Feature *feature, int64_t doc_id)
{
    feature->cursor =
        gallop_int32(feature->ids, feature->articles, feature->cursor, (int32_t)doc_id);
    return feature->cursor;
}

/* Return the frequency of a term in an article, 0 if it does not occur; sparse terms `seek` it. */
static inline uint64_t frequency_in(Feature *feature, int64_t doc_id)
{
    npy_intp place;
    if (feature->ids) {
        place = seek(feature, doc_id);
        if (place == feature->articles || feature->ids[place] != doc_id) {
            return 0;
        }
    } else {
        const uint64_t word = feature->bits[doc_id / WORD_BITS];
        const uint64_t bit = (uint64_t)1 << (doc_id % WORD_BITS);
        place = feature->ranks[doc_id / WORD_BITS] + __builtin_popcountll(word & (bit - 1));
        if (!(word & bit) || place >= feature->articles) {
            return 0;
        }
    }
    return frequency_at(feature, place);
}

#endif
