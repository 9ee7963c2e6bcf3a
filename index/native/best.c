/* The k best articles of a docset, most of which are not scored.
 *
 * Block-max pruning (Ding and Suel 2011), document at a time: blocks with the highest bounds are
 * scored first, then the others whose bound reaches the k-th best score so far. If that leaves too
 * many articles, as it does for many features, each of them is bounded by itself. Scores are summed in
 * the order of the features, so that they equal those of `scores` to the last bit.
 */
#include "bounds.h"
#include <math.h>

typedef struct {
    double score;
    int64_t doc_id;
} Scored;

/* The best articles so far: a binary heap with the worst one at its root. */
typedef struct {
    Scored *heap;
    npy_intp count, capacity;
} Best;

/* Return whether an article ranks below another; among equal scores the lower doc id ranks first. */
static inline bool is_worse(Scored one, Scored other)
{
    return one.score < other.score || (one.score == other.score && one.doc_id > other.doc_id);
}

static void sift_down(Scored *heap, npy_intp count, npy_intp i)
{
    const Scored moved = heap[i];
    for (npy_intp child; (child = 2 * i + 1) < count; i = child) {
        if (child + 1 < count && is_worse(heap[child + 1], heap[child])) {
            child++;
        }
        if (!is_worse(heap[child], moved)) {
            break;
        }
        heap[i] = heap[child];
    }
    heap[i] = moved;
}

/* Add an article if there is room, or replace the worst one if it ranks below. */
static void offer(Best *best, double score, int64_t doc_id)
{
    const Scored one = {score, doc_id};
    if (best->count < best->capacity) {
        npy_intp i = best->count++;
        for (; i && is_worse(one, best->heap[(i - 1) / 2]); i = (i - 1) / 2) {
            best->heap[i] = best->heap[(i - 1) / 2];
        }
        best->heap[i] = one;
    } else if (is_worse(best->heap[0], one)) {
        best->heap[0] = one;
        sift_down(best->heap, best->count, 0);
    }
}

static inline bool is_full(const Best *best)
{
    return best->count == best->capacity;
}

/* A sum of n float64 has a relative error of at most n * 1.1e-16 (Higham 2002, 4.2): enough for
 * 9,000 features, of which queries have fewer than 2,000. */
static const double ROUNDING_SLACK = 1e-12;

/* Score an article and offer it, unless it cannot be among the best. Articles must come in ascending
 * order. A sparse term i does not occur in the article if bit i % 64 of `term_mask` is not set. */
static inline void consider(Features *features, Best *best, int64_t doc_id, uint64_t term_mask)
{
    const double threshold =
        is_full(best) ? best->heap[0].score - ROUNDING_SLACK * features->remaining[0] : -INFINITY;
    double total = 0.0;
    for (Py_ssize_t number = 0; number < features->count; number++) {
        if (total + features->remaining[number] < threshold) {
            return;
        }
        Feature *feature = &features->all[number];
        if (feature->ids && !(term_mask >> (number % WORD_BITS) & 1)) {
            continue;
        }
        const uint64_t frequency = frequency_in(feature, doc_id);
        if (frequency) {
            total += score_of(feature, frequency, doc_id);
        }
    }
    offer(best, total, doc_id);
}

/* Blocks that are scored first, at least. Arbitrary. */
enum { MIN_FIRST_BLOCKS = 256 };
/* Articles that are bounded at a time: their bounds stay in the first-level cache. */
enum { TILE = 1024 };
/* Articles are bounded one by one if the blocks leave more than one article in this many. Arbitrary. */
enum { BOUNDED_ONE_IN = 12 };

/* Consider the articles of blocks whose bound is in [low, high). */
FOR_EACH_CPU static void consider_blocks(Features *features, Best *best, const Blocks *blocks,
                                         float low, float high)
{
    const double factor = float32_margin(features);
    rewind_features(features);
    for (npy_intp group = 0; group < blocks->count / GROUP; group++) {
        if (blocks->maxima[group] < low) {
            continue;
        }
        for (npy_intp block = group * GROUP; block < (group + 1) * GROUP; block++) {
            const float bound = blocks->bounds[block];
            if (!(bound >= low && bound < high)
                || (is_full(best) && bound * factor < best->heap[0].score)) {
                continue;
            }
            const uint64_t mask = blocks->term_masks ? blocks->term_masks[block] : 0;
            for (unsigned left = blocks->articles[block]; left; left &= left - 1) {
                consider(features, best, block * BLOCK_ARTICLES + __builtin_ctz(left), mask);
            }
        }
    }
}

/* Return the number of articles in blocks whose bound is in [low, high). */
static npy_intp count_articles(const Blocks *blocks, float low, float high)
{
    npy_intp left = 0;
    for (npy_intp group = 0; group < blocks->count / GROUP; group++) {
        if (blocks->maxima[group] >= low) {
            for (npy_intp block = group * GROUP; block < (group + 1) * GROUP; block++) {
                const float bound = blocks->bounds[block];
                left += bound >= low && bound < high ? __builtin_popcount(blocks->articles[block]) : 0;
            }
        }
    }
    return left;
}

/* Consider the articles of blocks whose bound is below `first`, after bounding each by itself; false
 * without memory. */
FOR_EACH_CPU static bool consider_tiles(Features *features, Best *best, const Blocks *blocks,
                                        float first)
{
    float bounds[TILE];
    Features others = *features; /* with cursors of their own: tiles run ahead of articles */
    others.all = PyMem_RawMalloc(((size_t)features->count + 1) * sizeof(Feature));
    if (!others.all) {
        return false;
    }
    memcpy(others.all, features->all, (size_t)features->count * sizeof(Feature));
    for (npy_intp start = 0; start < features->size; start += TILE) {
        const npy_intp left = features->size - start, count = left < TILE ? left : TILE;
        bound_articles(&others, start, count, bounds);
        for (npy_intp i = 0; i < count; i++) {
            const npy_intp block = (start + i) / BLOCK_ARTICLES;
            const double threshold =
                is_full(best) ? best->heap[0].score / float32_margin(features) : -INFINITY;
            if (bounds[i] >= threshold && blocks->bounds[block] < first
                && blocks->articles[block] >> (i % BLOCK_ARTICLES) & 1) {
                consider(features, best, start + i,
                         blocks->term_masks ? blocks->term_masks[block] : 0);
            }
        }
    }
    PyMem_RawFree(others.all);
    return true;
}

/* Find the best of a docset given as bits; false without memory. */
static bool search_blocks(Features *features, Best *best, const uint64_t *bits)
{
    Blocks blocks;
    bool has_memory = make_blocks(features, bits, &blocks);
    if (has_memory) {
        const npy_intp half = best->capacity / 2;
        const npy_intp wanted = half > MIN_FIRST_BLOCKS ? half : MIN_FIRST_BLOCKS;
        const float first = initial_threshold(blocks.bounds, blocks.count, wanted);
        consider_blocks(features, best, &blocks, first, INFINITY);
        const float low =
            is_full(best) ? (float)(best->heap[0].score / float32_margin(features)) : -1.0f;
        const npy_intp left = count_articles(&blocks, low, first);
        rewind_features(features);
        if (left * BOUNDED_ONE_IN > features->size) {
            has_memory = consider_tiles(features, best, &blocks, first);
        } else if (left) {
            consider_blocks(features, best, &blocks, low, first);
        }
    }
    release_blocks(&blocks);
    return has_memory;
}

/* Find the best of a docset given as doc ids, for a single sparse term: impacts alone exclude most. */
static void consider_ids_of_one(Features *features, Best *best, const DocSet *set)
{
    Feature *feature = &features->all[0];
    const double scale = feature->bound / 255.0 * float32_margin(features);
    npy_intp i = 0;
    for (npy_intp place = 0; place < feature->articles && i < set->count; place++) {
        const int64_t doc_id = feature->ids[place];
        for (; i < set->count && set->ids[i] < doc_id; i++) {
            offer(best, 0.0, set->ids[i]); /* the term does not occur in it */
        }
        if (i == set->count || set->ids[i] != doc_id) {
            continue;
        }
        i++;
        if (is_full(best) && scale * feature->impacts[place] < best->heap[0].score) {
            continue;
        }
        offer(best, score_of(feature, frequency_at(feature, place), doc_id), doc_id);
    }
    for (; i < set->count; i++) {
        offer(best, 0.0, set->ids[i]);
    }
}

/* Find the best of a docset given as doc ids. */
FOR_EACH_CPU static void search_ids(Features *features, Best *best, const DocSet *set)
{
    if (features->count == 1 && features->all[0].ids) {
        consider_ids_of_one(features, best, set);
        return;
    }
    for (npy_intp i = 0; i < set->count; i++) {
        consider(features, best, set->ids[i], ~(uint64_t)0);
    }
}

/* Return a tuple of doc ids and scores, best first; empties the heap. */
static PyObject *sorted_best(Best *best)
{
    PyObject *ids = new_array(best->count, NPY_INT64);
    PyObject *found = new_array(best->count, NPY_FLOAT64);
    if (!ids || !found) {
        Py_XDECREF(ids);
        Py_XDECREF(found);
        return NULL;
    }
    int64_t *const doc_ids = PyArray_DATA((PyArrayObject *)ids);
    double *const scored = PyArray_DATA((PyArrayObject *)found);
    while (best->count) {
        const npy_intp last = --best->count;
        doc_ids[last] = best->heap[0].doc_id;
        scored[last] = best->heap[0].score;
        best->heap[0] = best->heap[last];
        sift_down(best->heap, last, 0);
    }
    return Py_BuildValue("NN", ids, found);
}

PyObject *best(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    const npy_intp size = check_argument_count(count, 4) ? read_size(arguments[3]) : -1;
    const npy_intp wanted = size < 0 ? -1 : read_size(arguments[2]);
    Features features;
    if (wanted < 0) {
        return NULL;
    }
    const int read = read_features(arguments[1], size, &features);
    if (read < 1) {
        return read < 0 ? NULL : Py_NewRef(Py_None);
    }
    DocSet set;
    PyObject *found = NULL;
    if (read_docset(arguments[0], size, &set)) {
        Best best = {.capacity = wanted < size ? wanted : size};
        best.heap = PyMem_RawMalloc(((size_t)best.capacity + 1) * sizeof(Scored));
        bool has_memory = best.heap != NULL;
        Py_BEGIN_ALLOW_THREADS;
        if (has_memory && best.capacity && set.bits) {
            has_memory = search_blocks(&features, &best, set.bits);
        }
        if (has_memory && best.capacity && set.ids) {
            search_ids(&features, &best, &set);
        }
        Py_END_ALLOW_THREADS;
        found = has_memory ? sorted_best(&best) : PyErr_NoMemory();
        PyMem_RawFree(best.heap);
    }
    release_docset(&set);
    release_features(&features);
    return found;
}
