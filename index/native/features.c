/* Features read from Python objects, and the scores of given articles. */
#include "features.h"

static PyObject *name_row;

bool prepare_scoring(void)
{
    name_row = PyUnicode_InternFromString("row");
    return name_row != NULL;
}

void release_features(Features *features)
{
    for (Py_ssize_t i = 0; i < features->count; i++) {
        Py_XDECREF(features->all[i].owner);
    }
    PyMem_Free(features->all);
    PyMem_Free(features->remaining);
    *features = (Features){0};
}

/* Read the articles of a term, given its number of impacts or block maxima; false if they do not fit,
 * or with an exception. */
static bool read_articles(PyObject *articles, PyObject *ranks, npy_intp impacts, npy_intp size,
                          Feature *feature)
{
    npy_intp count, ranked;
    if (ranks == Py_None) {
        feature->ids = array_of(articles, 'i', 4, &count);
        /* That doc ids ascend was checked when they were decoded. */
        return feature->ids && count == feature->articles && impacts == count
               && (!count || (feature->ids[0] >= 0 && feature->ids[count - 1] < size));
    }
    feature->bits = array_of(articles, 'u', 8, &count);
    feature->ranks = feature->bits ? array_of(ranks, 'u', 4, &ranked) : NULL;
    return feature->ranks && count == word_count(size) && ranked == count
           && impacts == count * (WORD_BITS / BLOCK_ARTICLES);
}

/* Read a row (`term_postings.Row`). */
static bool read_row(PyObject *row, npy_intp size, double weight, Feature *feature)
{
    npy_intp impacts, norms;
    if (!PyTuple_Check(row) || PyTuple_GET_SIZE(row) != 7) {
        PyErr_SetString(PyExc_TypeError, "expected a row of seven items");
        return false;
    }
    PyObject *const counts = PyTuple_GET_ITEM(row, 2);
    feature->width = PyArray_Check(counts) ? (int)PyArray_ITEMSIZE((PyArrayObject *)counts) : 0;
    if (feature->width != 1 && feature->width != 2 && feature->width != 4) {
        PyErr_SetString(PyExc_TypeError, "expected frequencies of 1, 2 or 4 bytes");
        return false;
    }
    feature->frequencies = array_of(counts, 'u', feature->width, &feature->articles);
    feature->impacts = array_of(PyTuple_GET_ITEM(row, 3), 'u', 1, &impacts);
    feature->norms = array_of(PyTuple_GET_ITEM(row, 4), 'f', 8, &norms);
    if (!feature->frequencies || !feature->impacts || !feature->norms) {
        return false;
    }
    if (norms != size
        || !read_articles(PyTuple_GET_ITEM(row, 0), PyTuple_GET_ITEM(row, 1), impacts, size,
                          feature)) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_ValueError, "the arrays of a term do not fit the index");
        }
        return false;
    }
    feature->factor = PyFloat_AsDouble(PyTuple_GET_ITEM(row, 5)) * weight;
    feature->extra = PyFloat_AsDouble(PyTuple_GET_ITEM(row, 6)) * weight;
    return !PyErr_Occurred();
}

int read_features(PyObject *weighted, npy_intp size, Features *features)
{
    *features = (Features){.size = size};
    PyObject *fast = PySequence_Fast(weighted, "expected a sequence of features");
    if (!fast) {
        return -1;
    }
    const Py_ssize_t count = PySequence_Fast_GET_SIZE(fast);
    features->all = PyMem_Calloc((size_t)count + 1, sizeof(Feature));
    features->remaining = PyMem_Calloc((size_t)count + 1, sizeof(double));
    int read = features->all && features->remaining ? 1 : -1;
    for (Py_ssize_t i = 0; read == 1 && i < count; i++) {
        PyObject *item = PySequence_Fast_GET_ITEM(fast, i); /* (key, scorer, weight, bound) */
        Feature *feature = &features->all[i];
        if (!PyTuple_Check(item) || PyTuple_GET_SIZE(item) != 4) {
            PyErr_SetString(PyExc_TypeError, "expected a feature of four items");
            read = -1;
            break;
        }
        feature->owner = PyObject_GetAttr(PyTuple_GET_ITEM(item, 1), name_row);
        features->count = i + 1;
        const double weight = PyFloat_AsDouble(PyTuple_GET_ITEM(item, 2));
        feature->bound = PyFloat_AsDouble(PyTuple_GET_ITEM(item, 3));
        if (!feature->owner || PyErr_Occurred()) {
            read = -1;
        } else if (feature->owner == Py_None) {
            read = 0;
        } else if (!read_row(feature->owner, size, weight, feature)) {
            read = -1;
        }
    }
    for (Py_ssize_t i = features->count - 1; i >= 0; i--) {
        features->remaining[i] = features->remaining[i + 1] + features->all[i].bound;
    }
    Py_DECREF(fast);
    if (read != 1) {
        release_features(features);
        if (read < 0 && !PyErr_Occurred()) {
            PyErr_NoMemory();
        }
    }
    return read;
}

void rewind_features(Features *features)
{
    for (Py_ssize_t i = 0; i < features->count; i++) {
        features->all[i].cursor = 0;
    }
}

/* Add a feature to the scores of articles, ascending. */
FOR_EACH_CPU static void add_scores(Feature *feature, const int64_t *ids, npy_intp count,
                                    double *out)
{
    for (npy_intp i = 0; i < count; i++) {
        const uint64_t frequency = frequency_in(feature, ids[i]);
        if (frequency) {
            out[i] += score_of(feature, frequency, ids[i]);
        }
    }
}

PyObject *scores(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    npy_intp articles;
    const npy_intp size = check_argument_count(count, 3) ? read_size(arguments[2]) : -1;
    const int64_t *ids = size < 0 ? NULL : array_of(arguments[0], 'i', 8, &articles);
    Features features;
    if (!ids) {
        return NULL;
    }
    const int read = read_features(arguments[1], size, &features);
    if (read < 1) {
        return read < 0 ? NULL : Py_NewRef(Py_None);
    }
    PyObject *found = PyArray_ZEROS(1, &articles, NPY_FLOAT64, 0);
    double *out = found ? PyArray_DATA((PyArrayObject *)found) : NULL;
    int64_t last = -1;
    for (npy_intp i = 0; out && i < articles; i++) {
        if (ids[i] <= last || ids[i] >= size) {
            PyErr_SetString(PyExc_ValueError, "doc ids must ascend and be below the size of the index");
            Py_CLEAR(found);
            out = NULL;
            break;
        }
        last = ids[i];
    }
    for (Py_ssize_t number = 0; out && number < features.count; number++) {
        add_scores(&features.all[number], ids, articles, out);
    }
    release_features(&features);
    return found;
}
