/* The features of a query as the compiled functions score them. */
#ifndef TIMTIN_FEATURES_H
#define TIMTIN_FEATURES_H

#include "galloping.h"

/* A term with its weight; `ids` is NULL for a dense one, which has a frequency for each article.
 *
 * It adds factor * f / (f + norm) + extra to the score of an article that holds it f times. */
typedef struct {
    const int32_t *ids;
    npy_intp articles;
    npy_intp cursor; /* of a scan in ascending order: ids before it were passed */
    const void *frequencies;
    int width; /* bytes of a frequency */
    const uint8_t *impacts; /* of each id, or of each block */
    const double *norms;
    double factor, extra, bound;
    PyObject *owner;
} Feature;

typedef struct {
    Feature *all;
    Py_ssize_t count;
    double *rests; /* the sum of the bounds from each feature on */
    npy_intp size; /* articles of the index */
} Features;

static inline uint64_t frequency_at(const Feature *feature, npy_intp at)
{
    switch (feature->width) {
    case 1:
        return ((const uint8_t *)feature->frequencies)[at];
    case 2:
        return ((const uint16_t *)feature->frequencies)[at];
    default:
        return ((const uint32_t *)feature->frequencies)[at];
    }
}

static inline double score_of(const Feature *feature, uint64_t frequency, int64_t doc_id)
{
    const double f = (double)frequency;
    double score = f / (f + feature->norms[doc_id]);
    score *= feature->factor;
    return feature->extra != 0.0 ? score + feature->extra : score;
}

/* Read weighted features; 1, 0 if one of them has no row (it is scored by NumPy), -1 for an error. */
int read_features(PyObject *weighted, npy_intp size, Features *features);
void release_features(Features *features);

/* Start the scans of all features anew. */
void rewind_features(Features *features);

/* Return the index of the first doc id of a sparse term that is not below `doc_id`, and move the cursor
 * there; doc ids must be looked for in ascending order. */
static inline npy_intp seek(Feature *feature, int64_t doc_id)
{
    feature->cursor =
        gallop_int32(feature->ids, feature->articles, feature->cursor, (int32_t)doc_id);
    return feature->cursor;
}

#endif
