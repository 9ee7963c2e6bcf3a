/* The sections of `packed_ints.Packed`, as their Python callers have them. */
#ifndef TIMTIN_PACKED_H
#define TIMTIN_PACKED_H

#include "kernels.h"

enum { RANK_BITS = 512 }; /* `packed_ints._RANK_BITS` */

typedef struct {
    const uint8_t *has_high, *high, *low;
    const uint32_t *ranks, *exceptions, *values;
    npy_intp has_high_size, high_size, low_size, ranks_size, exceptions_size, values_size;
} Sections;

/* Read six arrays; false with TypeError. `low` may be None. */
static inline bool read_sections(PyObject *const *arrays, Sections *sections)
{
    return (sections->has_high = array_of(arrays[0], 'u', 1, &sections->has_high_size))
           && (sections->ranks = array_of(arrays[1], 'u', 4, &sections->ranks_size))
           && (sections->high = array_of(arrays[2], 'u', 1, &sections->high_size))
           && (arrays[3] == Py_None
               || (sections->low = array_of(arrays[3], 'u', 1, &sections->low_size)))
           && (sections->exceptions = array_of(arrays[4], 'u', 4, &sections->exceptions_size))
           && (sections->values = array_of(arrays[5], 'u', 4, &sections->values_size));
}

/* Return whether the sections, but for `high`, contain the numbers [start, stop). */
static inline bool contain_numbers(const Sections *sections, npy_intp start, npy_intp stop)
{
    return stop <= sections->has_high_size * 8 && start / RANK_BITS < sections->ranks_size
           && (!sections->low || stop <= sections->low_size)
           && sections->exceptions_size == sections->values_size;
}

#endif
