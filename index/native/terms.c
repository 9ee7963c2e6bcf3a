/* Impacts and bounds of a decoded term (see `search.engines.embedded.term_postings`). */
#include "kernels.h"
#include <math.h>

typedef struct {
    const int64_t *ids;
    const int32_t *frequencies; /* one for each of `ids`, above 0 */
    const double *norms;        /* one for each article of the index */
    npy_intp count, size;       /* of `ids` and of `norms` */
    double factor, extra; /* k1 + 1 and delta */
} Term;

/* Return what the term adds to the score of its article number `at`. */
static double score_at(const Term *term, npy_intp at)
{
    const double f = (double)term->frequencies[at];
    const double score = f / (f + term->norms[term->ids[at]]) * term->factor;
    return term->extra != 0.0 ? score + term->extra : score;
}

/* Read a term with at least one article; false with an exception. */
static bool read_term(PyObject *const *arguments, Term *term)
{
    npy_intp frequencies;
    term->ids = array_of(arguments[0], 'i', 8, &term->count);
    term->frequencies = term->ids ? array_of(arguments[1], 'i', 4, &frequencies) : NULL;
    term->norms = term->frequencies ? array_of(arguments[2], 'f', 8, &term->size) : NULL;
    term->factor = term->norms ? PyFloat_AsDouble(arguments[3]) : 0.0;
    term->extra = PyErr_Occurred() ? 0.0 : PyFloat_AsDouble(arguments[4]);
    if (PyErr_Occurred()) {
        return false;
    }
    int64_t last = -1;
    bool valid = frequencies == term->count && term->count > 0;
    for (npy_intp at = 0; valid && at < term->count; at++) {
        valid = term->ids[at] > last && term->frequencies[at] > 0;
        last = term->ids[at];
    }
    if (!valid || last >= term->size) {
        PyErr_SetString(PyExc_ValueError, "the postings of a term are inconsistent");
        return false;
    }
    return true;
}

static inline void write_frequency(void *out, int width, npy_intp at, int32_t frequency)
{
    switch (width) {
    case 1:
        ((uint8_t *)out)[at] = (uint8_t)frequency;
        break;
    case 2:
        ((uint16_t *)out)[at] = (uint16_t)frequency;
        break;
    default:
        ((uint32_t *)out)[at] = (uint32_t)frequency;
    }
}

typedef struct {
    double *scores; /* one for each article of the term */
    double bound;   /* the highest score */
    int width;      /* of the highest frequency, in bytes */
} TermScores;

/* Score a term in each of its articles; false with an exception. The caller frees the scores. */
static bool score_term(const Term *term, TermScores *scored)
{
    int32_t highest = 0;
    double bound = 0.0;
    scored->scores = PyMem_Malloc(((size_t)term->count + 1) * sizeof(double));
    if (!scored->scores) {
        PyErr_NoMemory();
        return false;
    }
    for (npy_intp at = 0; at < term->count; at++) {
        const double score = score_at(term, at);
        scored->scores[at] = score;
        bound = score > bound ? score : bound;
        highest = term->frequencies[at] > highest ? term->frequencies[at] : highest;
    }
    scored->bound = bound;
    scored->width = highest < 1 << 8 ? 1 : highest < 1 << 16 ? 2 : 4;
    return true;
}

/* Return the score of an article in 255ths of the highest one, rounded up. */
static inline uint8_t impact_of(const TermScores *scored, npy_intp at)
{
    /* Divide first: the highest quotient is exactly 1, so that no impact is above 255. */
    return (uint8_t)ceil(scored->scores[at] / (scored->bound != 0.0 ? scored->bound : 1.0)
                         * 255.0);
}

/* Return the NumPy type of frequencies of `width` bytes. */
static int type_of(int width)
{
    return width == 1 ? NPY_UINT8 : width == 2 ? NPY_UINT16 : NPY_UINT32;
}

/* Return (doc ids, frequencies, impacts, bound). */
static PyObject *sparse_term(const Term *term, const TermScores *scored)
{
    PyObject *frequencies = new_array(term->count, type_of(scored->width));
    PyObject *impacts = new_array(term->count, NPY_UINT8), *ids = new_array(term->count, NPY_INT32);
    if (!frequencies || !impacts || !ids) {
        Py_XDECREF(frequencies);
        Py_XDECREF(impacts);
        Py_XDECREF(ids);
        return NULL;
    }
    int32_t *const id_at = PyArray_DATA((PyArrayObject *)ids);
    uint8_t *const impact_at = PyArray_DATA((PyArrayObject *)impacts);
    for (npy_intp at = 0; at < term->count; at++) {
        id_at[at] = (int32_t)term->ids[at];
        impact_at[at] = impact_of(scored, at);
        write_frequency(PyArray_DATA((PyArrayObject *)frequencies), scored->width, at,
                        term->frequencies[at]);
    }
    return Py_BuildValue("NNNd", ids, frequencies, impacts, scored->bound);
}

/* Return (bits, a frequency for each article of the index, block maxima, bound). */
static PyObject *dense_term(Term *term, const TermScores *scored)
{
    npy_intp words = word_count(term->size), blocks = words * (WORD_BITS / BLOCK_ARTICLES);
    PyObject *frequencies = PyArray_ZEROS(1, &term->size, type_of(scored->width), 0);
    PyObject *maxima = PyArray_ZEROS(1, &blocks, NPY_UINT8, 0);
    PyObject *bits = PyArray_ZEROS(1, &words, NPY_UINT64, 0);
    if (!frequencies || !maxima || !bits) {
        Py_XDECREF(frequencies);
        Py_XDECREF(maxima);
        Py_XDECREF(bits);
        return NULL;
    }
    uint64_t *const word_at = PyArray_DATA((PyArrayObject *)bits);
    uint8_t *const maximum_at = PyArray_DATA((PyArrayObject *)maxima);
    for (npy_intp at = 0; at < term->count; at++) {
        const int64_t id = term->ids[at];
        const uint8_t impact = impact_of(scored, at);
        uint8_t *const highest = &maximum_at[id / BLOCK_ARTICLES];
        *highest = impact > *highest ? impact : *highest;
        word_at[id / WORD_BITS] |= (uint64_t)1 << (id % WORD_BITS);
        write_frequency(PyArray_DATA((PyArrayObject *)frequencies), scored->width, id,
                        term->frequencies[at]);
    }
    return Py_BuildValue("NNNd", bits, frequencies, maxima, scored->bound);
}

PyObject *weigh(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    Term term = {0};
    TermScores scored;
    if (!check_argument_count(count, 6) || !read_term(arguments, &term)
        || !score_term(&term, &scored)) {
        return NULL;
    }
    PyObject *weighed = arguments[5] == Py_True ? dense_term(&term, &scored)
                                                : sparse_term(&term, &scored);
    PyMem_Free(scored.scores);
    return weighed;
}
