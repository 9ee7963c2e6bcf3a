/* The best articles of a set by a sum of features, without scoring most of them.
 *
 * Block-max pruning (Ding and Suel 2011), document at a time: the blocks with the highest bounds
 * are scored first; of the others those whose bound reaches the k-th best score so far. Where blocks
 * prune too little, as with many features, each article has a bound of its own. Scores are added in
 * the order of the features, so that they equal those of `scores` to the last bit.
 */
#include "kernels.h"
#include <math.h>

static PyObject *name_row;

bool prepare_scoring(void)
{
    name_row = PyUnicode_InternFromString("row");
    return name_row != NULL;
}

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

static void release_features(Features *features)
{
    for (Py_ssize_t at = 0; at < features->count; at++) {
        Py_XDECREF(features->all[at].owner);
    }
    PyMem_Free(features->all);
    PyMem_Free(features->rests);
    *features = (Features){0};
}

/* Read a row (ids or None, frequencies, impacts or block maxima, norms, k1 + 1, delta). */
static bool read_row(PyObject *row, npy_intp size, double weight, Feature *feature)
{
    npy_intp frequencies, impacts, norms;
    if (!PyTuple_Check(row) || PyTuple_GET_SIZE(row) != 6) {
        PyErr_SetString(PyExc_TypeError, "expected a row of six");
        return false;
    }
    PyObject *const ids = PyTuple_GET_ITEM(row, 0), *const held = PyTuple_GET_ITEM(row, 1);
    feature->width = PyArray_Check(held) ? (int)PyArray_ITEMSIZE((PyArrayObject *)held) : 0;
    if (feature->width != 1 && feature->width != 2 && feature->width != 4) {
        PyErr_SetString(PyExc_TypeError, "frequencies take 1, 2 or 4 bytes");
        return false;
    }
    feature->frequencies = array_of(held, 'u', feature->width, &frequencies);
    feature->impacts = array_of(PyTuple_GET_ITEM(row, 2), 'u', 1, &impacts);
    feature->norms = array_of(PyTuple_GET_ITEM(row, 3), 'f', 8, &norms);
    if (!feature->frequencies || !feature->impacts || !feature->norms) {
        return false;
    }
    bool fits;
    if (ids == Py_None) {
        fits = frequencies == size && impacts == words_of(size) * (WORD_BITS / BLOCK_ARTICLES);
        feature->articles = size;
    } else {
        feature->ids = array_of(ids, 'i', 4, &feature->articles);
        if (!feature->ids) {
            return false;
        }
        fits = frequencies == feature->articles && impacts == feature->articles;
        /* The ids ascend: they were checked when they were decoded. */
        fits &= !feature->articles
                || (feature->ids[0] >= 0 && feature->ids[feature->articles - 1] < size);
    }
    if (!fits || norms != size) {
        PyErr_SetString(PyExc_ValueError, "the arrays of a term do not fit the index");
        return false;
    }
    feature->factor = PyFloat_AsDouble(PyTuple_GET_ITEM(row, 4)) * weight;
    feature->extra = PyFloat_AsDouble(PyTuple_GET_ITEM(row, 5)) * weight;
    return !PyErr_Occurred();
}

/* Read weighted features; 1, 0 if one of them has no row (it is scored by NumPy), -1 for an error. */
static int read_features(PyObject *weighted, npy_intp size, Features *features)
{
    *features = (Features){.size = size};
    PyObject *fast = PySequence_Fast(weighted, "expected features");
    if (!fast) {
        return -1;
    }
    const Py_ssize_t count = PySequence_Fast_GET_SIZE(fast);
    features->all = PyMem_Calloc((size_t)count + 1, sizeof(Feature));
    features->rests = PyMem_Calloc((size_t)count + 1, sizeof(double));
    int read = features->all && features->rests ? 1 : -1;
    for (Py_ssize_t at = 0; read == 1 && at < count; at++) {
        PyObject *one = PySequence_Fast_GET_ITEM(fast, at); /* (key, scorer, weight, bound) */
        Feature *feature = &features->all[at];
        if (!PyTuple_Check(one) || PyTuple_GET_SIZE(one) != 4) {
            PyErr_SetString(PyExc_TypeError, "expected a feature of four");
            read = -1;
            break;
        }
        feature->owner = PyObject_GetAttr(PyTuple_GET_ITEM(one, 1), name_row);
        features->count = at + 1;
        const double weight = PyFloat_AsDouble(PyTuple_GET_ITEM(one, 2));
        feature->bound = PyFloat_AsDouble(PyTuple_GET_ITEM(one, 3));
        if (!feature->owner || PyErr_Occurred()) {
            read = -1;
        } else if (feature->owner == Py_None) {
            read = 0;
        } else if (!read_row(feature->owner, size, weight, feature)) {
            read = -1;
        }
    }
    for (Py_ssize_t at = features->count - 1; at >= 0; at--) {
        features->rests[at] = features->rests[at + 1] + features->all[at].bound;
    }
    Py_DECREF(fast);
    if (read != 1) {
        release_features(features);
        if (read < 0 && !PyErr_Occurred()) {
            PyErr_NoMemory();
        }
    }
    return read;
}

/* Return the index of the first id of a sparse term, from its cursor on, that is not below. */
static inline npy_intp seek(Feature *feature, int64_t doc_id)
{
    const int32_t *ids = feature->ids;
    npy_intp low = feature->cursor, step = 1;
    if (low < feature->articles && ids[low] < doc_id) {
        while (low + step < feature->articles && ids[low + step] < doc_id) {
            low += step;
            step *= 2;
        }
        npy_intp high = low + step < feature->articles ? low + step : feature->articles;
        low++;
        while (low < high) {
            const npy_intp middle = low + (high - low) / 2;
            if (ids[middle] < doc_id) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        feature->cursor = low;
    }
    return low;
}

static void rewind_features(Features *features)
{
    for (Py_ssize_t at = 0; at < features->count; at++) {
        features->all[at].cursor = 0;
    }
}

PyObject *scores(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    if (count != 3) {
        PyErr_SetString(PyExc_TypeError, "scores(doc_ids, weighted, size)");
        return NULL;
    }
    npy_intp articles;
    const npy_intp size = size_of(arguments[2]);
    const int64_t *ids = array_of(arguments[0], 'i', 8, &articles);
    Features features;
    if (!ids || size < 0) {
        return NULL;
    }
    const int read = read_features(arguments[1], size, &features);
    if (read < 1) {
        return read < 0 ? NULL : Py_NewRef(Py_None);
    }
    PyObject *found = PyArray_ZEROS(1, &articles, NPY_FLOAT64, 0);
    double *out = found ? PyArray_DATA((PyArrayObject *)found) : NULL;
    int64_t last = -1;
    for (npy_intp at = 0; out && at < articles; at++) {
        if (ids[at] <= last || ids[at] >= size) {
            PyErr_SetString(PyExc_ValueError, "doc ids must ascend and be in the index");
            Py_CLEAR(found);
            out = NULL;
            break;
        }
        last = ids[at];
    }
    for (Py_ssize_t number = 0; out && number < features.count; number++) {
        Feature *feature = &features.all[number];
        for (npy_intp at = 0; at < articles; at++) {
            npy_intp place = ids[at];
            if (feature->ids) {
                place = seek(feature, ids[at]);
                if (place == feature->articles) {
                    break;
                }
                if (feature->ids[place] != ids[at]) {
                    continue;
                }
            }
            const uint64_t frequency = frequency_at(feature, place);
            if (frequency) {
                out[at] += score_of(feature, frequency, ids[at]);
            }
        }
    }
    release_features(&features);
    return found;
}

/* The best articles so far: a heap with the worst of them at its root. */
typedef struct {
    double score;
    int64_t doc_id;
} Scored;

typedef struct {
    Scored *heap;
    npy_intp count, room;
} Best;

/* Articles of equal scores are ordered by doc id. */
static inline bool is_worse(Scored one, Scored other)
{
    return one.score < other.score || (one.score == other.score && one.doc_id > other.doc_id);
}

static void sift_down(Scored *heap, npy_intp count, npy_intp at)
{
    const Scored moved = heap[at];
    for (npy_intp child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && is_worse(heap[child + 1], heap[child])) {
            child++;
        }
        if (!is_worse(heap[child], moved)) {
            break;
        }
        heap[at] = heap[child];
    }
    heap[at] = moved;
}

static void offer(Best *best, double score, int64_t doc_id)
{
    const Scored one = {score, doc_id};
    if (best->count < best->room) {
        npy_intp at = best->count++;
        for (; at && is_worse(one, best->heap[(at - 1) / 2]); at = (at - 1) / 2) {
            best->heap[at] = best->heap[(at - 1) / 2];
        }
        best->heap[at] = one;
    } else if (is_worse(best->heap[0], one)) {
        best->heap[0] = one;
        sift_down(best->heap, best->count, 0);
    }
}

static inline bool is_full(const Best *best)
{
    return best->count == best->room;
}

/* A sum of n float64 has a relative error of at most n * 1.1e-16 (Higham 2002, 4.2), n < 2,000. */
static const double slack = 1e-12;

/* Score an article unless it cannot be among the best; articles come in ascending order.
 *
 * Of features beyond the first 64 the bit `number % 64` of `maybe` says whether they may be held. */
static void consider(Features *features, Best *best, int64_t doc_id, uint64_t maybe)
{
    const double cut = is_full(best) ? best->heap[0].score - slack * features->rests[0] : -INFINITY;
    double total = 0.0;
    for (Py_ssize_t number = 0; number < features->count; number++) {
        if (total + features->rests[number] < cut) {
            return;
        }
        Feature *feature = &features->all[number];
        npy_intp place = doc_id;
        if (feature->ids) {
            if (!(maybe >> (number % WORD_BITS) & 1)) {
                continue;
            }
            place = seek(feature, doc_id);
            if (place == feature->articles || feature->ids[place] != doc_id) {
                continue;
            }
        }
        const uint64_t frequency = frequency_at(feature, place);
        if (frequency) {
            total += score_of(feature, frequency, doc_id);
        }
    }
    offer(best, total, doc_id);
}

FOR_EACH_CPU static void add_block_maxima(float *restrict bounds, const uint8_t *restrict maxima,
                                          npy_intp blocks, float scale)
{
    for (npy_intp block = 0; block < blocks; block++) {
        bounds[block] += scale * (float)maxima[block];
    }
}

/* Add up what features can add in each block, and mark which sparse terms a block may hold. */
static void bound_blocks(const Features *features, npy_intp blocks, float *bounds, uint64_t *held)
{
    for (Py_ssize_t number = 0; number < features->count; number++) {
        const Feature *feature = &features->all[number];
        const float scale = (float)(feature->bound / 255.0);
        if (!feature->ids) {
            if (scale > 0.0f) {
                add_block_maxima(bounds, feature->impacts, blocks, scale);
            }
            continue;
        }
        const uint64_t bit = (uint64_t)1 << (number % WORD_BITS);
        for (npy_intp at = 0; at < feature->articles; at++) {
            const npy_intp block = feature->ids[at] / BLOCK_ARTICLES;
            bounds[block] += scale * (float)feature->impacts[at];
            held[block] |= bit;
        }
    }
}

/* The factor by which sums in float32 may fall short of those in float64. */
static double rounding(const Features *features)
{
    return 1.0 + 8.0 * (double)(features->count + 1) * 1.1920929e-07;
}

/* Return the value that would be at `at` if the values were sorted (Hoare 1961); reorders them. */
static float nth_lowest(float *values, npy_intp count, npy_intp at)
{
    npy_intp low = 0, high = count - 1;
    while (low < high) {
        const float pivot = values[low + (high - low) / 2];
        npy_intp left = low, right = high;
        while (left <= right) {
            while (values[left] < pivot) {
                left++;
            }
            while (values[right] > pivot) {
                right--;
            }
            if (left <= right) {
                const float moved = values[left];
                values[left++] = values[right];
                values[right--] = moved;
            }
        }
        if (at <= right) {
            high = right;
        } else if (at >= left) {
            low = left;
        } else {
            break;
        }
    }
    return values[at];
}

enum { SAMPLED_BLOCKS = 512, MIN_FIRST_BLOCKS = 256, GROUP = 8 };
/* Blocks are passed over in groups: a few hundred of some 24,000 are scored. */

/* Return a bound that about `wanted` blocks reach, estimated from a sample; it is above 0. */
static float first_bound(const float *bounds, npy_intp count, npy_intp wanted)
{
    float sample[2 * SAMPLED_BLOCKS + 2];
    npy_intp step = count / SAMPLED_BLOCKS + 1, taken = 0;
    for (npy_intp block = 0; block < count; block += step) {
        sample[taken++] = bounds[block];
    }
    const npy_intp above = wanted / step + 1;
    const float found = above < taken ? nth_lowest(sample, taken, taken - above) : 0.0f;
    return found > 0.0f ? found : 1e-30f;
}

enum { TILE = 1024, BOUNDED_ONE_IN = 12 };
/* Articles that are bounded at a time: their bounds and norms stay in the first-level cache. If
 * blocks leave more than one article in this many, articles have bounds of their own. */

FOR_EACH_CPU static void add_frequent(float *restrict bounds, const uint8_t *restrict frequencies,
                                      const float *restrict norms, npy_intp count, float factor)
{
    for (npy_intp at = 0; at < count; at++) {
        const float f = (float)frequencies[at];
        bounds[at] += factor * (f / (f + norms[at]));
    }
}

/* Add up what features can add to each article of [start, start + count). */
static void bound_articles(Features *features, npy_intp start, npy_intp count, float *bounds,
                           float *norms)
{
    const double *converted = NULL;
    memset(bounds, 0, (size_t)count * sizeof(float));
    for (Py_ssize_t number = 0; number < features->count; number++) {
        Feature *feature = &features->all[number];
        const float scale = (float)(feature->bound / 255.0);
        if (feature->bound <= 0.0) {
            continue;
        }
        if (feature->ids) {
            for (npy_intp at = seek(feature, start);
                 at < feature->articles && feature->ids[at] < start + count; at++) {
                bounds[feature->ids[at] - start] += scale * (float)feature->impacts[at];
            }
        } else if (feature->width == 1 && feature->extra == 0.0) {
            if (converted != feature->norms) {
                converted = feature->norms;
                for (npy_intp at = 0; at < count; at++) {
                    norms[at] = (float)converted[start + at];
                }
            }
            add_frequent(bounds, (const uint8_t *)feature->frequencies + start, norms, count,
                         (float)feature->factor);
        } else {
            for (npy_intp at = 0; at < count; at++) {
                const uint64_t frequency = frequency_at(feature, start + at);
                if (frequency) {
                    bounds[at] += (float)score_of(feature, frequency, start + at);
                }
            }
        }
    }
}

/* The blocks of a set with their bounds, 0 where none of its articles is. */
typedef struct {
    npy_intp count;
    const uint8_t *articles; /* bits */
    float *bounds;
    float *maxima;  /* of the bounds of each group */
    uint64_t *held; /* which sparse terms a block may hold; NULL without such terms */
} Blocks;

FOR_EACH_CPU static void find_maxima(Blocks *blocks)
{
    for (npy_intp group = 0; group < blocks->count / GROUP; group++) {
        float *const bounds = blocks->bounds + group * GROUP;
        const uint8_t *const articles = blocks->articles + group * GROUP;
        float highest = 0.0f;
        for (int at = 0; at < GROUP; at++) {
            bounds[at] = articles[at] ? bounds[at] : 0.0f;
        }
        for (int at = 0; at < GROUP; at++) {
            highest = bounds[at] > highest ? bounds[at] : highest;
        }
        blocks->maxima[group] = highest;
    }
}

/* Offer the articles of blocks whose bound is in [low, high). */
static void consider_blocks(Features *features, Best *best, const Blocks *blocks, float low,
                            float high)
{
    const double factor = rounding(features);
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
            const uint64_t held = blocks->held ? blocks->held[block] : 0;
            for (unsigned left = blocks->articles[block]; left; left &= left - 1) {
                consider(features, best, block * BLOCK_ARTICLES + __builtin_ctz(left), held);
            }
        }
    }
}

/* Return how many articles are in blocks whose bound is in [low, high). */
static npy_intp left_between(const Blocks *blocks, float low, float high)
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

/* Offer the articles of all blocks but those that were scored first, bounding each by itself; false
 * without memory. */
static bool consider_tiles(Features *features, Best *best, const Blocks *blocks, float first)
{
    float bounds[TILE], norms[TILE];
    Features others = *features; /* with cursors of their own: tiles run ahead of articles */
    others.all = PyMem_Malloc(((size_t)features->count + 1) * sizeof(Feature));
    if (!others.all) {
        return false;
    }
    memcpy(others.all, features->all, (size_t)features->count * sizeof(Feature));
    for (npy_intp start = 0; start < features->size; start += TILE) {
        const npy_intp left = features->size - start, count = left < TILE ? left : TILE;
        bound_articles(&others, start, count, bounds, norms);
        for (npy_intp at = 0; at < count; at++) {
            const npy_intp block = (start + at) / BLOCK_ARTICLES;
            const double cut = is_full(best) ? best->heap[0].score / rounding(features) : -INFINITY;
            if (bounds[at] >= cut && blocks->bounds[block] < first
                && blocks->articles[block] >> (at % BLOCK_ARTICLES) & 1) {
                consider(features, best, start + at, blocks->held ? blocks->held[block] : 0);
            }
        }
    }
    PyMem_Free(others.all);
    return true;
}

static void release_blocks(Blocks *blocks)
{
    PyMem_Free(blocks->bounds);
    PyMem_Free(blocks->maxima);
    PyMem_Free(blocks->held);
}

/* Compute the bounds of the blocks of a set; false without memory. */
static bool make_blocks(const Features *features, const uint64_t *bits, Blocks *blocks)
{
    /* A multiple of a group: each word has eight blocks. */
    const npy_intp count = words_of(features->size) * (WORD_BITS / BLOCK_ARTICLES);
    bool has_sparse = false;
    for (Py_ssize_t at = 0; at < features->count; at++) {
        has_sparse |= features->all[at].ids != NULL;
    }
    *blocks = (Blocks){.count = count, .articles = (const uint8_t *)bits};
    blocks->bounds = PyMem_Calloc((size_t)count, sizeof(float));
    blocks->maxima = PyMem_Calloc((size_t)(count / GROUP + 1), sizeof(float));
    blocks->held = has_sparse ? PyMem_Calloc((size_t)count, sizeof(uint64_t)) : NULL;
    if (!blocks->bounds || !blocks->maxima || (has_sparse && !blocks->held)) {
        return false;
    }
    bound_blocks(features, count, blocks->bounds, blocks->held);
    find_maxima(blocks);
    return true;
}

/* Fill `best` from a set given as bits; false without memory. */
static bool search_blocks(Features *features, Best *best, const uint64_t *bits)
{
    Blocks blocks;
    bool has_memory = make_blocks(features, bits, &blocks);
    if (has_memory) {
        const npy_intp wanted = best->room / 2 > MIN_FIRST_BLOCKS ? best->room / 2 : MIN_FIRST_BLOCKS;
        const float first = first_bound(blocks.bounds, blocks.count, wanted);
        consider_blocks(features, best, &blocks, first, INFINITY);
        const float low =
            is_full(best) ? (float)(best->heap[0].score / rounding(features)) : -1.0f;
        const npy_intp left = left_between(&blocks, low, first);
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

/* Return (doc ids, scores), best first, and empty the heap. */
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
    if (count != 4) {
        PyErr_SetString(PyExc_TypeError, "best(docset, weighted, count, size)");
        return NULL;
    }
    const npy_intp size = size_of(arguments[3]), wanted = size_of(arguments[2]);
    Features features;
    if (size < 0 || wanted < 0) {
        return NULL;
    }
    const int read = read_features(arguments[1], size, &features);
    if (read < 1) {
        return read < 0 ? NULL : Py_NewRef(Py_None);
    }
    DocSet set;
    PyObject *found = NULL;
    if (read_docset(arguments[0], size, &set)) {
        Best best = {.room = wanted < size ? wanted : size};
        best.heap = PyMem_Malloc(((size_t)best.room + 1) * sizeof(Scored));
        bool has_memory = best.heap != NULL;
        if (has_memory && best.room && set.bits) {
            has_memory = search_blocks(&features, &best, set.bits);
        }
        for (npy_intp at = 0; has_memory && best.room && at < set.count; at++) {
            consider(&features, &best, set.ids[at], ~(uint64_t)0);
        }
        found = has_memory ? sorted_best(&best) : PyErr_NoMemory();
        PyMem_Free(best.heap);
    }
    release_docset(&set);
    release_features(&features);
    return found;
}
