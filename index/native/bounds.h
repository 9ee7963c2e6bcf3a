/* Upper bounds of the scores in blocks, and of articles. */
#ifndef TIMTIN_BOUNDS_H
#define TIMTIN_BOUNDS_H

#include "features.h"

/* Blocks are skipped in groups of this many: of about 24,000 a few hundred are scored. Arbitrary. */
enum { GROUP = 8 };

/* The blocks of a docset with upper bounds of their scores; 0 for a block without articles of it. */
typedef struct {
    npy_intp count;
    const uint8_t *articles; /* the bits of the docset, a byte for each block */
    float *bounds;
    float *maxima;         /* the highest bound of each group */
    uint64_t *term_masks;    /* bit i % 64: sparse term i occurs in the block; NULL without such */
} Blocks;

/* Compute the bounds of the blocks of a docset; false without memory. Release them in either case. */
bool make_blocks(const Features *features, const uint64_t *bits, Blocks *blocks);
void release_blocks(Blocks *blocks);

/* Return a bound above 0 that about `wanted` blocks reach, estimated from a sample. */
float initial_threshold(const float *bounds, npy_intp count, npy_intp wanted);

/* Write an upper bound of the score of each article in [start, start + count); a word begins at `start`.
 */
void bound_articles(Features *features, npy_intp start, npy_intp count, float *bounds);

/* Return the factor by which a bound, summed in float32, may fall short of a score in float64.
 *
 * A sum of n float32 has a relative error of at most n * 2^-24 (Higham 2002, 4.2); this allows for
 * 16 times as much, since the summands are rounded as well. */
double float32_margin(const Features *features);

#endif
