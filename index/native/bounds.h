/* Upper bounds of the scores in blocks, and of articles. */
#ifndef TIMTIN_BOUNDS_H
#define TIMTIN_BOUNDS_H

#include "features.h"

enum { GROUP = 8 };
/* Blocks are passed over in groups: a few hundred of some 24,000 are scored. */

/* The blocks of a set with their bounds, 0 where none of its articles is. */
typedef struct {
    npy_intp count;
    const uint8_t *articles; /* bits */
    float *bounds;
    float *maxima;  /* of the bounds of each group */
    uint64_t *held; /* which sparse terms a block may hold; NULL without such terms */
} Blocks;

/* Compute the bounds of the blocks of a set; false without memory. Release them in either case. */
bool make_blocks(const Features *features, const uint64_t *bits, Blocks *blocks);
void release_blocks(Blocks *blocks);

/* Return a bound that about `wanted` blocks reach, estimated from a sample; it is above 0. */
float first_bound(const float *bounds, npy_intp count, npy_intp wanted);

/* Add up what features can add to each article of [start, start + count); `norms` is overwritten. */
void bound_articles(Features *features, npy_intp start, npy_intp count, float *bounds,
                    float *norms);

/* Return the factor by which sums in float32 may fall short of those in float64. */
double rounding(const Features *features);

#endif
