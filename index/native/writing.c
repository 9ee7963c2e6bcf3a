/* Loops over the tokens of a build: counts, MinHash signatures, texts for a cluster, numbering. */
#include "kernels.h"
#include <string.h>

/* `near_duplicates.BINS`, and a limit so that the length of a text cannot overflow; arbitrary. */
enum { BINS = 64, MAX_GAP = 1 << 16 };

/* Read the term and the article of each token: two arrays of equal length; false with an exception. */
static bool read_tokens(PyObject *const *arguments, const int32_t **terms,
                        const int32_t **articles, npy_intp *length)
{
    npy_intp other = 0;
    *terms = array_of(arguments[0], 'i', 4, length);
    *articles = *terms ? array_of(arguments[1], 'i', 4, &other) : NULL;
    if (*articles && other != *length) {
        PyErr_SetString(PyExc_ValueError, "terms and articles differ in length");
    }
    return *articles && other == *length;
}

PyObject *article_counts(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    const int32_t *terms, *articles;
    npy_intp length;
    if (!check_argument_count(count, 3) || !read_tokens(arguments, &terms, &articles, &length)) {
        return NULL;
    }
    npy_intp size = read_size(arguments[2]);
    PyObject *counts = size < 0 ? NULL : PyArray_ZEROS(1, &size, NPY_INT64, 0);
    /* The last article in which each term occurred, plus 1. */
    PyObject *last = counts ? PyArray_ZEROS(1, &size, NPY_INT32, 0) : NULL;
    if (!last) {
        Py_XDECREF(counts);
        return NULL;
    }
    int64_t *const count_at = PyArray_DATA((PyArrayObject *)counts);
    int32_t *const last_at = PyArray_DATA((PyArrayObject *)last);
    int32_t before = 0;
    bool valid = true;
    for (npy_intp i = 0; valid && i < length; i++) {
        const int32_t term = terms[i], article = articles[i];
        valid = term >= 0 && term < size && article >= before && article < INT32_MAX;
        if (valid && last_at[term] != article + 1) {
            last_at[term] = article + 1;
            count_at[term]++;
        }
        before = article;
    }
    Py_DECREF(last);
    if (!valid) {
        Py_DECREF(counts);
        return value_error("the tokens of a field are inconsistent");
    }
    return counts;
}

PyObject *min_hashes(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    const uint64_t first_factor = 0xD1B54A32D192ED03u, second_factor = 0x8CB92BA72F3D8DD7u;
    const int32_t *terms, *articles;
    npy_intp length, vocabulary;
    if (!check_argument_count(count, 4) || !read_tokens(arguments, &terms, &articles, &length)) {
        return NULL;
    }
    const uint64_t *hashes = array_of(arguments[2], 'u', 8, &vocabulary);
    npy_intp size = hashes ? read_size(arguments[3]) : -1;
    if (size > NPY_MAX_INTP / BINS) {
        return value_error("too many articles");
    }
    npy_intp bins = size * BINS;
    PyObject *least = size < 0 ? NULL : new_array(bins, NPY_UINT64);
    PyObject *shingles = least ? PyArray_ZEROS(1, &size, NPY_INT64, 0) : NULL;
    if (!shingles) {
        Py_XDECREF(least);
        return NULL;
    }
    uint64_t *const least_at = PyArray_DATA((PyArrayObject *)least);
    int64_t *const count_at = PyArray_DATA((PyArrayObject *)shingles);
    memset(least_at, 0xff, (size_t)bins * sizeof(uint64_t));
    bool valid = true;
    for (npy_intp i = 0; valid && i < length; i++) {
        valid = terms[i] >= 0 && terms[i] < vocabulary && articles[i] >= 0
                && articles[i] < size && (i == 0 || articles[i] >= articles[i - 1]);
        if (!valid || i < 2 || articles[i] != articles[i - 2]) {
            continue;
        }
        const uint64_t hash = hashes[terms[i - 2]] * first_factor
                              + hashes[terms[i - 1]] * second_factor + hashes[terms[i]];
        uint64_t *const bin = &least_at[(npy_intp)articles[i] * BINS + (npy_intp)(hash >> 58)];
        *bin = hash < *bin ? hash : *bin;
        count_at[articles[i]]++;
    }
    if (!valid) {
        Py_DECREF(least);
        Py_DECREF(shingles);
        return value_error("the tokens of a field are inconsistent");
    }
    return Py_BuildValue("NN", least, shingles);
}

typedef struct {
    PyObject *terms; /* a list of bytes */
    const int32_t *numbers, *gaps;
    const char *filler;
    Py_ssize_t filler_length;
} Field;

static inline char *written(char *out, const char *text, Py_ssize_t length)
{
    memcpy(out, text, (size_t)length);
    return out + length;
}

/* Return the length of what precedes a token: part breaks, or a space within a part. */
static inline Py_ssize_t separator(const Field *field, npy_intp i, npy_intp start)
{
    return field->gaps[i] ? 3 * (Py_ssize_t)field->gaps[i] : i > start;
}

/* Return the terms of tokens [start, end) as a JSON array of strings, one for each part of the text. */
static PyObject *article_text(const Field *field, npy_intp start, npy_intp end)
{
    Py_ssize_t length = 0, breaks = 0;
    for (npy_intp i = start; i < end; i++) {
        const Py_ssize_t before = separator(field, i, start);
        breaks += field->gaps[i] ? before : 0;
        length += before + PyBytes_GET_SIZE(PyList_GET_ITEM(field->terms, field->numbers[i]));
    }
    const bool is_empty = length == breaks; /* it consists of breaks alone */
    length = is_empty ? field->filler_length : length;
    PyObject *text = PyBytes_FromStringAndSize(NULL, length + 4);
    if (!text) {
        return NULL;
    }
    char *out = written(PyBytes_AS_STRING(text), "[\"", 2);
    if (is_empty) {
        out = written(out, field->filler, field->filler_length);
    }
    for (npy_intp i = start; !is_empty && i < end; i++) {
        PyObject *term = PyList_GET_ITEM(field->terms, field->numbers[i]);
        if (field->gaps[i]) {
            for (int32_t gap = 0; gap < field->gaps[i]; gap++) {
                out = written(out, "\",\"", 3);
            }
        } else if (i > start) {
            *out++ = ' ';
        }
        out = written(out, PyBytes_AS_STRING(term), PyBytes_GET_SIZE(term));
    }
    written(out, "\"]", 2);
    return text;
}

/* Return whether every item of a list is bytes. */
static bool are_bytes(PyObject *terms)
{
    bool valid = PyList_Check(terms);
    for (Py_ssize_t i = 0; valid && i < PyList_GET_SIZE(terms); i++) {
        valid = PyBytes_Check(PyList_GET_ITEM(terms, i));
    }
    return valid;
}

PyObject *terms_as_json(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    if (!check_argument_count(count, 5)) {
        return NULL;
    }
    if (!are_bytes(arguments[0]) || !PyBytes_Check(arguments[4])) {
        PyErr_SetString(PyExc_TypeError, "expected a list of bytes, three arrays and bytes");
        return NULL;
    }
    Field field = {arguments[0], NULL, NULL, PyBytes_AS_STRING(arguments[4]),
                   PyBytes_GET_SIZE(arguments[4])};
    npy_intp length, gaps, bounds;
    field.numbers = array_of(arguments[1], 'i', 4, &length);
    field.gaps = field.numbers ? array_of(arguments[2], 'i', 4, &gaps) : NULL;
    const int64_t *starts = field.gaps ? array_of(arguments[3], 'i', 8, &bounds) : NULL;
    if (!starts) {
        return NULL;
    }
    bool valid = gaps == length && bounds > 0 && starts[0] == 0 && starts[bounds - 1] == length;
    for (npy_intp i = 1; valid && i < bounds; i++) {
        valid = starts[i] >= starts[i - 1];
    }
    for (npy_intp i = 0; valid && i < length; i++) {
        valid = field.numbers[i] >= 0 && field.numbers[i] < PyList_GET_SIZE(field.terms)
                && field.gaps[i] >= 0 && field.gaps[i] <= MAX_GAP;
    }
    if (!valid) {
        return value_error("the tokens of a field are inconsistent");
    }
    PyObject *texts = PyList_New(bounds - 1);
    for (npy_intp i = 0; texts && i < bounds - 1; i++) {
        PyObject *text = article_text(&field, starts[i], starts[i + 1]);
        if (text) {
            PyList_SET_ITEM(texts, i, text);
        } else {
            Py_CLEAR(texts);
        }
    }
    return texts;
}

/* Return an array of the places of numbers among the distinct ones; NULL with an exception.
 *
 * Numbers that did not occur before are appended to `used`, and `count` is increased. */
static PyObject *places_of(PyObject *object, int32_t *place, npy_intp size, int32_t *used,
                          npy_intp *count)
{
    npy_intp length;
    const int32_t *numbers = array_of(object, 'i', 4, &length);
    PyObject *places = numbers ? new_array(length, NPY_INT32) : NULL;
    if (!places) {
        return NULL;
    }
    int32_t *const place_at = PyArray_DATA((PyArrayObject *)places);
    for (npy_intp i = 0; i < length; i++) {
        if (numbers[i] < 0 || numbers[i] >= size) {
            Py_DECREF(places);
            return value_error("a number is out of range");
        }
        int32_t *const known = &place[numbers[i]]; /* place + 1, 0 for none */
        if (!*known) {
            used[*count] = numbers[i];
            *known = (int32_t)++*count;
        }
        place_at[i] = *known - 1;
    }
    return places;
}

PyObject *factorize(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    if (!check_argument_count(count, 2)) {
        return NULL;
    }
    if (!PyList_Check(arguments[0])) {
        PyErr_SetString(PyExc_TypeError, "expected a list of arrays");
        return NULL;
    }
    npy_intp size = read_size(arguments[1]), distinct = 0;
    if (size < 0 || size > INT32_MAX) {
        return size < 0 ? NULL : value_error("too many texts");
    }
    PyObject *place = PyArray_ZEROS(1, &size, NPY_INT32, 0);
    PyObject *used = place ? new_array(size, NPY_INT32) : NULL;
    PyObject *found = used ? PyList_New(PyList_GET_SIZE(arguments[0])) : NULL;
    for (Py_ssize_t i = 0; found && i < PyList_GET_SIZE(found); i++) {
        PyObject *places = places_of(PyList_GET_ITEM(arguments[0], i),
                                    PyArray_DATA((PyArrayObject *)place), size,
                                    PyArray_DATA((PyArrayObject *)used), &distinct);
        if (places) {
            PyList_SET_ITEM(found, i, places);
        } else {
            Py_CLEAR(found);
        }
    }
    Py_XDECREF(place);
    PyObject *first = found ? PySequence_GetSlice(used, 0, distinct) : NULL;
    Py_XDECREF(used);
    if (!first) {
        Py_XDECREF(found);
        return NULL;
    }
    return Py_BuildValue("NN", first, found);
}
