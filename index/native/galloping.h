/* Galloping search in ascending arrays (Bentley and Yao 1976).
 *
 * gallop_TYPE(items, count, from, wanted) returns the index of the first item, starting at `from`,
 * that is not below `wanted`, or `count`. The time grows with the logarithm of the distance: callers
 * look up ascending values, and the next one is usually near. */
#ifndef TIMTIN_GALLOPING_H
#define TIMTIN_GALLOPING_H

#include "kernels.h"

#define DEFINE_GALLOP(NAME, TYPE)                                                                  \
    static inline npy_intp NAME(const TYPE *items, npy_intp count, npy_intp from, TYPE wanted)     \
    {                                                                                              \
        npy_intp low = from, step = 1;                                                             \
        if (low >= count || items[low] >= wanted) {                                                \
            return low;                                                                            \
        }                                                                                          \
        while (low + step < count && items[low + step] < wanted) {                                 \
            low += step;                                                                           \
            step *= 2;                                                                             \
        }                                                                                          \
        for (step /= 2; step; step /= 2) { /* it is in (low, low + 2 * step] */                    \
            if (low + step < count && items[low + step] < wanted) {                                \
                low += step;                                                                       \
            }                                                                                      \
        }                                                                                          \
        return low + 1;                                                                            \
    }

DEFINE_GALLOP(gallop_int32, int32_t)
DEFINE_GALLOP(gallop_int64, int64_t)
DEFINE_GALLOP(gallop_uint32, uint32_t)
DEFINE_GALLOP(gallop_uint64, uint64_t)

#endif
