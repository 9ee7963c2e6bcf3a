/* Impacts and bounds of a decoded term (see `search.engines.embedded.term_postings`). */
#include "kernels.h"

typedef struct {
    const int32_t *ids, *frequencies; /* one for each article of the term, above 0 */
    const double *norms;              /* one for each article of the index */
    npy_intp count, size;             /* of `ids` and of `norms` */
    double factor, extra;             /* k1 + 1 and delta */
} Term;

/* Read a term with at least one article; false with an exception. */
static bool read_term(PyObject *const *arguments, Term *term)
{
    npy_intp frequencies;
    term->ids = array_of(arguments[0], 'i', 4, &term->count);
    term->frequencies = term->ids ? array_of(arguments[1], 'i', 4, &frequencies) : NULL;
    term->norms = term->frequencies ? array_of(arguments[2], 'f', 8, &term->size) : NULL;
    term->factor = term->norms ? PyFloat_AsDouble(arguments[3]) : 0.0;
    term->extra = PyErr_Occurred() ? 0.0 : PyFloat_AsDouble(arguments[4]);
    if (PyErr_Occurred()) {
        return false;
    }
    int64_t last = -1;
    bool valid = frequencies == term->count && term->count > 0;
    for (npy_intp i = 0; valid && i < term->count; i++) {
        valid = term->ids[i] > last && term->frequencies[i] > 0;
        last = term->ids[i];
    }
    if (!valid || last >= term->size) {
        PyErr_SetString(PyExc_ValueError, "the postings of a term are inconsistent");
        return false;
    }
    return true;
}

typedef struct {
    uint8_t *impacts; /* one for each article of the term */
    double bound;     /* the highest score */
    int width;        /* of the highest frequency, in bytes */
} TermScores;

/* Write what the term adds to the score of each of its articles. */
FOR_EACH_CPU static void saturate(const Term *restrict term, double *restrict scores)
{
    for (npy_intp i = 0; i < term->count; i++) {
        const double f = (double)term->frequencies[i];
        scores[i] = f / (f + term->norms[term->ids[i]]) * term->factor;
    }
    if (term->extra != 0.0) {
        for (npy_intp i = 0; i < term->count; i++) {
            scores[i] += term->extra;
        }
    }
}

/* Return the highest of some scores, none of them below 0. */
FOR_EACH_CPU static double highest_of(const double *scores, npy_intp count)
{
    enum { LANES = 4 }; /* in one lane each comparison waits for the one before */
    double highest[LANES] = {0.0};
    npy_intp i = 0;
    for (; i + LANES <= count; i += LANES) {
        for (int lane = 0; lane < LANES; lane++) {
            highest[lane] = scores[i + lane] > highest[lane] ? scores[i + lane] : highest[lane];
        }
    }
    for (; i < count; i++) {
        highest[0] = scores[i] > highest[0] ? scores[i] : highest[0];
    }
    for (int lane = 1; lane < LANES; lane++) {
        highest[0] = highest[lane] > highest[0] ? highest[lane] : highest[0];
    }
    return highest[0];
}

/* Write scores in 255ths of the highest one, rounded up. */
FOR_EACH_CPU static void quantise(const double *restrict scores, npy_intp count, double highest,
                                  uint8_t *restrict impacts)
{
    const double scale = 255.0 / highest;
    for (npy_intp i = 0; i < count; i++) {
        const double exact = scores[i] * scale;
        const int32_t floored = (int32_t)exact, impact = floored + (floored < exact);
        impacts[i] = (uint8_t)(impact < 255 ? impact : 255); /* rounding may exceed it */
    }
}

/* Return how many bytes each of some frequencies needs: 1, 2 or 4. */
FOR_EACH_CPU static int width_of(const int32_t *frequencies, npy_intp count)
{
    int32_t any = 0;
    for (npy_intp i = 0; i < count; i++) {
        any |= frequencies[i];
    }
    return any < 1 << 8 ? 1 : any < 1 << 16 ? 2 : 4;
}

/* Score a term in each of its articles; false with an exception. The caller frees the impacts. */
static bool score_term(const Term *term, TermScores *scored)
{
    double *const scores = PyMem_Malloc((size_t)term->count * sizeof(double));
    scored->impacts = PyMem_Malloc((size_t)term->count);
    if (!scores || !scored->impacts) {
        PyMem_Free(scores);
        PyMem_Free(scored->impacts);
        PyErr_NoMemory();
        return false;
    }
    saturate(term, scores);
    scored->bound = highest_of(scores, term->count);
    scored->width = width_of(term->frequencies, term->count);
    quantise(scores, term->count, scored->bound != 0.0 ? scored->bound : 1.0, scored->impacts);
    PyMem_Free(scores);
    return true;
}

/* Return the NumPy type of frequencies of `width` bytes. */
static int type_of(int width)
{
    return width == 1 ? NPY_UINT8 : width == 2 ? NPY_UINT16 : NPY_UINT32;
}

/* Return the frequencies in `width` bytes each. */
FOR_EACH_CPU static PyObject *narrowed(const Term *term, int width)
{
    PyObject *frequencies = new_array(term->count, type_of(width));
    void *const out = frequencies ? PyArray_DATA((PyArrayObject *)frequencies) : NULL;
    const int32_t *const wide = term->frequencies;
    if (out && width == 1) {
        for (npy_intp i = 0; i < term->count; i++) {
            ((uint8_t *)out)[i] = (uint8_t)wide[i];
        }
    } else if (out && width == 2) {
        for (npy_intp i = 0; i < term->count; i++) {
            ((uint16_t *)out)[i] = (uint16_t)wide[i];
        }
    } else if (out) {
        memcpy(out, wide, (size_t)term->count * sizeof(int32_t));
    }
    return frequencies;
}

/* Return (doc ids, None, frequencies, impacts, bound). */
static PyObject *sparse_term(const Term *term, const TermScores *scored, PyObject *doc_ids)
{
    PyObject *frequencies = narrowed(term, scored->width);
    PyObject *impacts = new_array(term->count, NPY_UINT8);
    if (!frequencies || !impacts) {
        Py_XDECREF(frequencies);
        Py_XDECREF(impacts);
        return NULL;
    }
    memcpy(PyArray_DATA((PyArrayObject *)impacts), scored->impacts, (size_t)term->count);
    return Py_BuildValue("OONNd", doc_ids, Py_None, frequencies, impacts, scored->bound);
}

/* Return (bits, ranks, frequencies, block maxima, bound). */
static PyObject *dense_term(const Term *term, const TermScores *scored)
{
    npy_intp words = word_count(term->size), blocks = words * (WORD_BITS / BLOCK_ARTICLES);
    PyObject *frequencies = narrowed(term, scored->width);
    PyObject *ranks = new_array(words, NPY_UINT32);
    PyObject *maxima = PyArray_ZEROS(1, &blocks, NPY_UINT8, 0);
    PyObject *bits = PyArray_ZEROS(1, &words, NPY_UINT64, 0);
    if (!frequencies || !ranks || !maxima || !bits) {
        Py_XDECREF(frequencies);
        Py_XDECREF(ranks);
        Py_XDECREF(maxima);
        Py_XDECREF(bits);
        return NULL;
    }
    uint64_t *const word_at = PyArray_DATA((PyArrayObject *)bits);
    uint32_t *const rank_at = PyArray_DATA((PyArrayObject *)ranks);
    uint8_t *const maximum_at = PyArray_DATA((PyArrayObject *)maxima);
    npy_intp ranked = 0; /* words whose rank is known */
    for (npy_intp i = 0; i < term->count; i++) {
        const int32_t id = term->ids[i];
        while (ranked <= id / WORD_BITS) {
            rank_at[ranked++] = (uint32_t)i;
        }
        uint8_t *const highest = &maximum_at[id / BLOCK_ARTICLES];
        *highest = scored->impacts[i] > *highest ? scored->impacts[i] : *highest;
        word_at[id / WORD_BITS] |= (uint64_t)1 << (id % WORD_BITS);
    }
    while (ranked < words) {
        rank_at[ranked++] = (uint32_t)term->count;
    }
    return Py_BuildValue("NNNNd", bits, ranks, frequencies, maxima, scored->bound);
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
                                                : sparse_term(&term, &scored, arguments[0]);
    PyMem_Free(scored.impacts);
    return weighed;
}
