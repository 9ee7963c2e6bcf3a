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
    for (Py_ssize_t at = 0; at < features->count; at++) {
        Py_XDECREF(features->all[at].owner);
    }
    PyMem_Free(features->all);
    PyMem_Free(features->remaining);
    *features = (Features){0};
}

/* Read a row (ids or None, frequencies, impacts or block maxima, norms, k1 + 1, delta). */
static bool read_row(PyObject *row, npy_intp size, double weight, Feature *feature)
{
    npy_intp frequencies, impacts, norms;
    if (!PyTuple_Check(row) || PyTuple_GET_SIZE(row) != 6) {
        PyErr_SetString(PyExc_TypeError, "expected a row of six items");
        return false;
    }
    PyObject *const ids = PyTuple_GET_ITEM(row, 0), *const counts = PyTuple_GET_ITEM(row, 1);
    feature->width = PyArray_Check(counts) ? (int)PyArray_ITEMSIZE((PyArrayObject *)counts) : 0;
    if (feature->width != 1 && feature->width != 2 && feature->width != 4) {
        PyErr_SetString(PyExc_TypeError, "expected frequencies of 1, 2 or 4 bytes");
        return false;
    }
    feature->frequencies = array_of(counts, 'u', feature->width, &frequencies);
    feature->impacts = array_of(PyTuple_GET_ITEM(row, 2), 'u', 1, &impacts);
    feature->norms = array_of(PyTuple_GET_ITEM(row, 3), 'f', 8, &norms);
    if (!feature->frequencies || !feature->impacts || !feature->norms) {
        return false;
    }
    bool fits;
    if (ids == Py_None) {
        fits = frequencies == size && impacts == word_count(size) * (WORD_BITS / BLOCK_ARTICLES);
        feature->articles = size;
    } else {
        feature->ids = array_of(ids, 'i', 4, &feature->articles);
        if (!feature->ids) {
            return false;
        }
        fits = frequencies == feature->articles && impacts == feature->articles;
        /* That doc ids ascend was checked when they were decoded. */
        fits &= !feature->articles
                || (feature->ids[0] >= 0 && feature->ids[feature->articles - 1] < size);
    }
    if (!fits || norms != size) {
        PyErr_SetString(PyExc_ValueError, "the arrays of a term do not fit the index");
        return false;
    }
    feature->factor = PyFloat_AsDouble(PyTuple_GET_ITEM(row, 4)) * weight;
    feature->extra = PyFloat_AsDouble(PyTuple_GET_ITEM(row, 5)) * weight;
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
    for (Py_ssize_t at = 0; read == 1 && at < count; at++) {
        PyObject *item = PySequence_Fast_GET_ITEM(fast, at); /* (key, scorer, weight, bound) */
        Feature *feature = &features->all[at];
        if (!PyTuple_Check(item) || PyTuple_GET_SIZE(item) != 4) {
            PyErr_SetString(PyExc_TypeError, "expected a feature of four items");
            read = -1;
            break;
        }
        feature->owner = PyObject_GetAttr(PyTuple_GET_ITEM(item, 1), name_row);
        features->count = at + 1;
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
    for (Py_ssize_t at = features->count - 1; at >= 0; at--) {
        features->remaining[at] = features->remaining[at + 1] + features->all[at].bound;
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
    for (Py_ssize_t at = 0; at < features->count; at++) {
        features->all[at].cursor = 0;
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
    for (npy_intp at = 0; out && at < articles; at++) {
        if (ids[at] <= last || ids[at] >= size) {
            PyErr_SetString(PyExc_ValueError, "doc ids must ascend and be below the size of the index");
            Py_CLEAR(found);
            out = NULL;
            break;
        }
        last = ids[at];
    }
    for (Py_ssize_t number = 0; out && number < features.count; number++) {
        Feature *feature = &features.all[number];
        for (npy_intp at = 0; at < articles; at++) {
            npy_intp place = ids[at];
            if (feature->ids) {
                place = seek(feature, ids[at]);
                if (place == feature->articles) {
                    break;
                }
                if (feature->ids[place] != ids[at]) {
                    continue;
                }
            }
            const uint64_t frequency = frequency_at(feature, place);
            if (frequency) {
                out[at] += score_of(feature, frequency, ids[at]);
            }
        }
    }
    release_features(&features);
    return found;
}
