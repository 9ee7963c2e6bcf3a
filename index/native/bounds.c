/* Upper bounds of scores in float32: sums of block maxima, impacts, or rounded scores. */
#include "bounds.h"
#include <float.h>

FOR_EACH_CPU static void add_block_maxima(float *restrict bounds, const uint8_t *restrict maxima,
                                          npy_intp blocks, float scale)
{
    for (npy_intp block = 0; block < blocks; block++) {
        bounds[block] += scale * (float)maxima[block];
    }
}

/* Add the bounds of all features to those of the blocks, and mark which sparse terms occur in each. */
static void bound_blocks(const Features *features, npy_intp blocks, float *bounds, uint64_t *term_masks)
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
        for (npy_intp i = 0; i < feature->articles; i++) {
            const npy_intp block = feature->ids[i] / BLOCK_ARTICLES;
            bounds[block] += scale * (float)feature->impacts[i];
            term_masks[block] |= bit;
        }
    }
}

double float32_margin(const Features *features)
{
    return 1.0 + 8.0 * (double)(features->count + 1) * FLT_EPSILON;
}

/* Return the value that sorting would move to index `i` (quickselect, Hoare 1961); reorders them. */
static float nth_lowest(float *values, npy_intp count, npy_intp i)
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
        if (i <= right) {
            high = right;
        } else if (i >= left) {
            low = left;
        } else {
            break;
        }
    }
    return values[i];
}

/* Arbitrary: the sample fits into the first-level cache. */
enum { SAMPLED_BLOCKS = 512 };

float initial_threshold(const float *bounds, npy_intp count, npy_intp wanted)
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

/* Add what a dense term adds to each article of [start, start + count). */
static void add_dense(const Feature *feature, npy_intp start, npy_intp count, float *bounds)
{
    for (npy_intp word = start / WORD_BITS; word * WORD_BITS < start + count; word++) {
        npy_intp place = feature->ranks[word];
        for (uint64_t left = feature->bits[word]; left; left &= left - 1, place++) {
            const npy_intp doc_id = word * WORD_BITS + __builtin_ctzll(left);
            if (place < feature->articles && doc_id < start + count) {
                const uint64_t frequency = frequency_at(feature, place);
                bounds[doc_id - start] += (float)score_of(feature, frequency, doc_id);
            }
        }
    }
}

void bound_articles(Features *features, npy_intp start, npy_intp count, float *bounds)
{
    memset(bounds, 0, (size_t)count * sizeof(float));
    for (Py_ssize_t number = 0; number < features->count; number++) {
        Feature *feature = &features->all[number];
        const float scale = (float)(feature->bound / 255.0);
        if (feature->bound <= 0.0) {
            continue;
        }
        if (!feature->ids) {
            add_dense(feature, start, count, bounds);
            continue;
        }
        for (npy_intp i = seek(feature, start);
             i < feature->articles && feature->ids[i] < start + count; i++) {
            bounds[feature->ids[i] - start] += scale * (float)feature->impacts[i];
        }
    }
}

FOR_EACH_CPU static void find_maxima(Blocks *blocks)
{
    for (npy_intp group = 0; group < blocks->count / GROUP; group++) {
        float *const bounds = blocks->bounds + group * GROUP;
        const uint8_t *const articles = blocks->articles + group * GROUP;
        float highest = 0.0f;
        for (int i = 0; i < GROUP; i++) {
            bounds[i] = articles[i] ? bounds[i] : 0.0f;
        }
        for (int i = 0; i < GROUP; i++) {
            highest = bounds[i] > highest ? bounds[i] : highest;
        }
        blocks->maxima[group] = highest;
    }
}

void release_blocks(Blocks *blocks)
{
    PyMem_RawFree(blocks->bounds);
    PyMem_RawFree(blocks->maxima);
    PyMem_RawFree(blocks->term_masks);
}

bool make_blocks(const Features *features, const uint64_t *bits, Blocks *blocks)
{
    /* This is a multiple of GROUP, since each word has eight blocks. */
    const npy_intp count = word_count(features->size) * (WORD_BITS / BLOCK_ARTICLES);
    bool has_sparse = false;
    for (Py_ssize_t i = 0; i < features->count; i++) {
        has_sparse |= features->all[i].ids != NULL;
    }
    *blocks = (Blocks){.count = count, .articles = (const uint8_t *)bits};
    blocks->bounds = PyMem_RawCalloc((size_t)count, sizeof(float));
    blocks->maxima = PyMem_RawCalloc((size_t)(count / GROUP + 1), sizeof(float));
    blocks->term_masks = has_sparse ? PyMem_RawCalloc((size_t)count, sizeof(uint64_t)) : NULL;
    if (!blocks->bounds || !blocks->maxima || (has_sparse && !blocks->term_masks)) {
        return false;
    }
    bound_blocks(features, count, blocks->bounds, blocks->term_masks);
    find_maxima(blocks);
    return true;
}
