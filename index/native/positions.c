/* Positions of terms, and terms found by bisection. */
#include "kernels.h"

/* Positions of 4 or 8 bytes. */
typedef struct {
    const void *all;
    npy_intp count;
    int width;
} Positions;

static bool read_positions(PyObject *object, int width, Positions *positions)
{
    positions->width = width ? width
                       : PyArray_Check(object) ? (int)PyArray_ITEMSIZE((PyArrayObject *)object)
                                               : 0;
    if (positions->width != 4 && positions->width != 8) {
        PyErr_SetString(PyExc_TypeError, "positions take 4 or 8 bytes");
        return false;
    }
    positions->all = array_of(object, 'u', positions->width, &positions->count);
    return positions->all != NULL;
}

static inline uint64_t position_at(const Positions *positions, npy_intp at)
{
    return positions->width == 4 ? ((const uint32_t *)positions->all)[at]
                                 : ((const uint64_t *)positions->all)[at];
}

/* Mark the places at which two arrays have the same number, the second shifted by `offset`.
 *
 * Of the first, `marks` has a byte each. The fewer numbers are looked for among the more: by
 * galloping (Bentley and Yao 1976), since they mostly ascend. The first need not: it then is the
 * one whose numbers are looked for. */
enum { MERGED = 8 };
/* Arrays of which one is less than this many times as long as the other are merged: galloping takes
 * some 4 ns a number, a step of a merge 1. */

#define MARK_FOLLOWED(NAME, NUMBER)                                                                \
    static npy_intp NAME##_seek(const NUMBER *numbers, npy_intp count, npy_intp low, NUMBER wanted) \
    {                                                                                              \
        npy_intp step = 1;                                                                         \
        if (low >= count || numbers[low] >= wanted) {                                              \
            return low;                                                                            \
        }                                                                                          \
        while (low + step < count && numbers[low + step] < wanted) {                               \
            low += step;                                                                           \
            step *= 2;                                                                             \
        }                                                                                          \
        npy_intp high = low + step < count ? low + step : count;                                   \
        low++;                                                                                     \
        while (low < high) {                                                                       \
            const npy_intp middle = low + (high - low) / 2;                                        \
            if (numbers[middle] < wanted) {                                                        \
                low = middle + 1;                                                                  \
            } else {                                                                               \
                high = middle;                                                                     \
            }                                                                                      \
        }                                                                                          \
        return low;                                                                                \
    }                                                                                              \
                                                                                                   \
    static void NAME(const NUMBER *starts, npy_intp count, bool ascending, NUMBER offset,          \
                     const NUMBER *term, npy_intp occurrences, uint8_t *marks)                     \
    {                                                                                              \
        npy_intp at = 0;                                                                           \
        NUMBER last = 0;                                                                           \
        if (ascending && occurrences / MERGED < count && count / MERGED < occurrences) {           \
            for (npy_intp one = 0, other = 0; one < count && other < occurrences;) {               \
                const NUMBER wanted = starts[one] + offset, there = term[other];                   \
                marks[one] |= wanted == there;                                                     \
                one += wanted <= there;                                                            \
                other += there <= wanted;                                                          \
            }                                                                                      \
            return;                                                                                \
        }                                                                                          \
        if (ascending && occurrences < count) {                                                    \
            for (npy_intp number = 0; number < occurrences; number++) {                            \
                const NUMBER wanted = term[number] - offset;                                       \
                at = NAME##_seek(starts, count, wanted >= last ? at : 0, wanted);                  \
                last = wanted;                                                                     \
                if (at < count && starts[at] == wanted) {                                          \
                    marks[at] = 1;                                                                 \
                }                                                                                  \
            }                                                                                      \
            return;                                                                                \
        }                                                                                          \
        for (npy_intp number = 0; number < count; number++) {                                      \
            const NUMBER wanted = starts[number] + offset;                                         \
            at = NAME##_seek(term, occurrences, wanted >= last ? at : 0, wanted);                  \
            last = wanted;                                                                         \
            marks[number] |= at < occurrences && term[at] == wanted;                               \
        }                                                                                          \
    }

MARK_FOLLOWED(mark_followed_32, uint32_t)
MARK_FOLLOWED(mark_followed_64, uint64_t)

static bool do_ascend(const Positions *positions)
{
    bool ascending = true;
    for (npy_intp at = 1; at < positions->count; at++) {
        ascending &= position_at(positions, at - 1) < position_at(positions, at);
    }
    return ascending;
}

/* Return the marked starts. */
static PyObject *kept(const Positions *starts, const uint8_t *marks)
{
    npy_intp count = 0;
    for (npy_intp at = 0; at < starts->count; at++) {
        count += marks[at];
    }
    PyObject *found = new_array(count, starts->width == 4 ? NPY_UINT32 : NPY_UINT64);
    if (found) {
        uint32_t *narrow = PyArray_DATA((PyArrayObject *)found);
        uint64_t *wide = PyArray_DATA((PyArrayObject *)found);
        for (npy_intp at = 0; at < starts->count; at++) {
            if (marks[at] && starts->width == 4) {
                *narrow++ = (uint32_t)position_at(starts, at);
            } else if (marks[at]) {
                *wide++ = position_at(starts, at);
            }
        }
    }
    return found;
}

PyObject *followed(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    Positions starts, term;
    if (!are_arguments(count, 3) || !read_positions(arguments[0], 0, &starts)) {
        return NULL;
    }
    const long long offset = PyLong_AsLongLong(arguments[1]);
    if (PyErr_Occurred()) {
        return NULL;
    }
    PyObject *fast = PySequence_Fast(arguments[2], "expected the positions of terms");
    uint8_t *marks = PyMem_Calloc((size_t)starts.count + 1, 1);
    PyObject *found = NULL;
    if (fast && marks) {
        const bool ascending = do_ascend(&starts);
        for (Py_ssize_t at = 0; at < PySequence_Fast_GET_SIZE(fast); at++) {
            if (!read_positions(PySequence_Fast_GET_ITEM(fast, at), starts.width, &term)) {
                break;
            }
            if (starts.width == 4) {
                mark_followed_32(starts.all, starts.count, ascending, (uint32_t)offset, term.all,
                                 term.count, marks);
            } else {
                mark_followed_64(starts.all, starts.count, ascending, (uint64_t)offset, term.all,
                                 term.count, marks);
            }
        }
        found = PyErr_Occurred() ? NULL : kept(&starts, marks);
    } else if (!PyErr_Occurred()) {
        PyErr_NoMemory();
    }
    PyMem_Free(marks);
    Py_XDECREF(fast);
    return found;
}

PyObject *pack_positions(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    npy_intp documents, counts, occurrences;
    const int32_t *ids = !are_arguments(count, 5) ? NULL : array_of(arguments[0], 'i', 4, &documents);
    const int32_t *frequencies = ids ? array_of(arguments[1], 'i', 4, &counts) : NULL;
    const int32_t *positions = frequencies ? array_of(arguments[2], 'i', 4, &occurrences) : NULL;
    const npy_intp bits = positions ? size_of(arguments[3]) : -1;
    const npy_intp width = bits < 0 ? -1 : size_of(arguments[4]);
    if (width < 0) {
        return NULL;
    }
    int64_t total = 0;
    for (npy_intp at = 0; at < counts; at++) {
        total += frequencies[at] > 0 ? frequencies[at] : occurrences + 1;
    }
    if (documents != counts || total != occurrences || bits > 32) {
        return damaged("frequencies and positions are inconsistent");
    }
    PyObject *found = new_array(occurrences, width == 4 ? NPY_UINT32 : NPY_UINT64);
    uint32_t *narrow = found ? PyArray_DATA((PyArrayObject *)found) : NULL;
    uint64_t *wide = found ? PyArray_DATA((PyArrayObject *)found) : NULL;
    for (npy_intp at = 0, next = 0; found && at < documents; at++) {
        const uint64_t first = (uint64_t)(uint32_t)ids[at] << bits;
        for (int32_t each = 0; each < frequencies[at]; each++, next++) {
            const uint64_t packed = first | (uint32_t)positions[next];
            if (width == 4) {
                narrow[next] = (uint32_t)packed;
            } else {
                wide[next] = packed;
            }
        }
    }
    return found;
}

PyObject *lower_bound(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    npy_intp size, bounds;
    const uint8_t *content =
        are_arguments(count, 4) ? array_of(arguments[0], 'u', 1, &size) : NULL;
    const uint32_t *starts = content ? array_of(arguments[1], 'u', 4, &bounds) : NULL;
    char *term;
    Py_ssize_t length;
    if (!starts || PyBytes_AsStringAndSize(arguments[2], &term, &length) < 0) {
        return NULL;
    }
    npy_intp low = size_of(arguments[3]), high = bounds - 1;
    if (low < 0) {
        return NULL;
    }
    while (low < high) {
        const npy_intp middle = low + (high - low) / 2;
        const size_t start = starts[middle], end = starts[middle + 1];
        if (start > end || end > (size_t)size) {
            return damaged("the terms are inconsistent");
        }
        const size_t shorter = end - start < (size_t)length ? end - start : (size_t)length;
        const int order = memcmp(content + start, term, shorter);
        if (order < 0 || (order == 0 && end - start < (size_t)length)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return PyLong_FromSsize_t(low);
}
