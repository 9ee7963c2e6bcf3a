/* The module `index.native.kernels`. */
#define TIMTIN_KERNELS_MODULE
#include "kernels.h"

const void *array_of(PyObject *object, char kind, int width, npy_intp *length)
{
    if (PyArray_Check(object)) {
        PyArrayObject *array = (PyArrayObject *)object;
        if (PyArray_NDIM(array) == 1 && PyArray_ISCARRAY_RO(array)
            && PyArray_DESCR(array)->kind == kind && PyArray_ITEMSIZE(array) == width) {
            *length = PyArray_DIM(array, 0);
            return PyArray_DATA(array);
        }
    }
    PyErr_Format(PyExc_TypeError, "expected a contiguous array of kind %c of %d bytes, got %R",
                 kind, width, (PyObject *)Py_TYPE(object));
    return NULL;
}

npy_intp size_of(PyObject *object)
{
    const npy_intp size = PyLong_AsSsize_t(object);
    if (size < 0 && !PyErr_Occurred()) {
        PyErr_SetString(PyExc_ValueError, "a number of articles is not negative");
    }
    return size;
}

PyObject *new_array(npy_intp length, int type)
{
    return PyArray_SimpleNew(1, &length, type);
}

static PyMethodDef methods[] = {
    {"at_least", (PyCFunction)(void (*)(void))at_least, METH_FASTCALL,
     "at_least(docsets, weights, minimum, size): the bits of the articles in sets whose weights\n"
     "add up to the minimum, and how many they are."},
    {"union", (PyCFunction)(void (*)(void))union_of, METH_FASTCALL,
     "union(docsets, size, as_ids): the doc ids or the bits of the union, and its size."},
    {"doc_ids_of_bits", (PyCFunction)(void (*)(void))doc_ids_of_bits, METH_FASTCALL,
     "doc_ids_of_bits(bits): the doc ids, ascending."},
    {"bits_of", (PyCFunction)(void (*)(void))bits_of_doc_ids, METH_FASTCALL,
     "bits_of(doc_ids, size): the bits of a set."},
    {"contained", (PyCFunction)(void (*)(void))contained, METH_FASTCALL,
     "contained(docset, doc_ids, size): for each doc id whether it is in the set."},
    {"best", (PyCFunction)(void (*)(void))best, METH_FASTCALL,
     "best(docset, weighted, count, size): the best articles and their scores, or None."},
    {"scores", (PyCFunction)(void (*)(void))scores, METH_FASTCALL,
     "scores(doc_ids, weighted, size): the score of each article, or None."},
    {"find_terms", (PyCFunction)(void (*)(void))find_terms, METH_FASTCALL,
     "find_terms(text, term_of): (start, end, term) of each word that spells a term, or None."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "index.native.kernels",
    .m_doc = "Loops over postings, sets of articles and texts, compiled.",
    .m_size = -1,
    .m_methods = methods,
};

PyMODINIT_FUNC PyInit_kernels(void)
{
    import_array();
    if (!prepare_sets() || !prepare_scoring()) {
        return NULL;
    }
    prepare_text();
    PyObject *module = PyModule_Create(&definition);
    if (module && PyModule_AddStringConstant(module, "SOURCE", TIMTIN_SOURCE) < 0) {
        Py_CLEAR(module);
    }
    return module;
}
