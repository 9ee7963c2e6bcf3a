/* Tables of bigrams: rows by keys, and how many rows each second term has. */
#include "galloping.h"

/* Return the row of a bigram; -1 without one, -2 if the table is inconsistent. */
static int64_t row_of(const uint32_t *starts, npy_intp terms, const uint32_t *seconds,
                      npy_intp rows, int64_t key)
{
    if (key < 0 || key >> 32 >= terms) {
        return -1;
    }
    const npy_intp start = starts[key >> 32], stop = starts[(key >> 32) + 1];
    if (stop > rows) {
        return -2;
    }
    const npy_intp row = gallop_uint32(seconds, stop, start, (uint32_t)key);
    return row < stop && seconds[row] == (uint32_t)key ? row : -1;
}

PyObject *bigram_rows(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    npy_intp bounds, rows, wanted;
    const uint32_t *starts =
        check_argument_count(count, 3) ? array_of(arguments[0], 'u', 4, &bounds) : NULL;
    const uint32_t *seconds = starts ? array_of(arguments[1], 'u', 4, &rows) : NULL;
    const int64_t *keys = seconds ? array_of(arguments[2], 'i', 8, &wanted) : NULL;
    PyObject *found = keys ? new_array(wanted, NPY_INT64) : NULL;
    if (!found) {
        return NULL;
    }
    int64_t *out = PyArray_DATA((PyArrayObject *)found), least = 0;
    for (npy_intp i = 0; i < wanted; i++) {
        out[i] = row_of(starts, bounds - 1, seconds, rows, keys[i]);
        least = out[i] < least ? out[i] : least;
    }
    if (least < -1) {
        Py_DECREF(found);
        return value_error("a term has rows beyond the end of the table");
    }
    return found;
}

PyObject *count_ordinals(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    npy_intp length;
    const uint32_t *ordinals =
        check_argument_count(count, 2) ? array_of(arguments[0], 'u', 4, &length) : NULL;
    const npy_intp size = ordinals ? read_size(arguments[1]) : -1;
    PyObject *found = NULL;
    if (size >= 0) {
        npy_intp shape = size;
        found = PyArray_ZEROS(1, &shape, NPY_INT64, 0);
    }
    if (!found) {
        return NULL;
    }
    int64_t *counts = PyArray_DATA((PyArrayObject *)found);
    for (npy_intp i = 0; i < length; i++) {
        if (ordinals[i] >= size) {
            Py_DECREF(found);
            return value_error("an ordinal is too high");
        }
        counts[ordinals[i]]++;
    }
    return found;
}
