/* The Python module `index.native.kernels`, and helpers that all kernels use. */
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

bool check_argument_count(Py_ssize_t count, Py_ssize_t expected)
{
    if (count != expected) {
        PyErr_Format(PyExc_TypeError, "expected %zd arguments, got %zd", expected, count);
    }
    return count == expected;
}

PyObject *value_error(const char *what)
{
    PyErr_SetString(PyExc_ValueError, what);
    return NULL;
}

npy_intp read_size(PyObject *object)
{
    const npy_intp size = PyLong_AsSsize_t(object);
    if (size < 0 && !PyErr_Occurred()) {
        PyErr_SetString(PyExc_ValueError, "sizes must not be negative");
    }
    return size;
}

PyObject *new_array(npy_intp length, int type)
{
    return PyArray_SimpleNew(1, &length, type);
}

#define KERNEL(NAME) {#NAME, (PyCFunction)(void (*)(void))NAME, METH_FASTCALL, NULL}
static PyMethodDef methods[] = { /* documented in `index.native.Kernels` */
    KERNEL(at_least),       KERNEL(unite),    KERNEL(doc_ids_of_bits), KERNEL(bits_of),
    KERNEL(intersect),      KERNEL(contained),
    KERNEL(best),           KERNEL(scores),   KERNEL(find_terms),
    KERNEL(decode_doc_ids), KERNEL(unpack),   KERNEL(pack_positions),  KERNEL(followed),
    KERNEL(lower_bound),    KERNEL(weigh),    KERNEL(article_counts),  KERNEL(min_hashes),
    KERNEL(terms_as_json),  KERNEL(factorize), KERNEL(stretched),      KERNEL(bigram),
    KERNEL(bigram_rows),    KERNEL(count_ordinals),
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "index.native.kernels",
    .m_doc = "Inner loops over postings, docsets, texts and tokens.",
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
