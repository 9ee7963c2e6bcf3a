/* Declarations that the kernels share: reading arguments, docsets, and the functions of the module.
 *
 * Every function checks dtypes, lengths and doc ids before it reads: an index is untrusted data.
 * Each has a NumPy version with the same results, for installations without the compiled module.
 */
#ifndef TIMTIN_KERNELS_H
#define TIMTIN_KERNELS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#define PY_ARRAY_UNIQUE_SYMBOL timtin_native_numpy
#ifndef TIMTIN_KERNELS_MODULE
#define NO_IMPORT_ARRAY
#endif
#include <numpy/arrayobject.h>
#include <stdbool.h>
#include <stdint.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "index files are little-endian: this needs a little-endian machine"
#endif

/* Compile a loop over all articles twice, for any x86-64 and for CPUs with AVX2, where it is 1.6 times
 * as fast. No fused multiply-add: sums must equal NumPy's to the last bit. */
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
#define FOR_EACH_CPU __attribute__((target_clones("default", "avx2")))
#else
#define FOR_EACH_CPU
#endif

enum { WORD_BITS = 64, BLOCK_ARTICLES = 8 };

/* Return the data and the length of a one-dimensional, contiguous array of items of `kind` ('i', 'u',
 * 'f', 'b') and `width` bytes; set TypeError and return NULL for anything else. */
const void *array_of(PyObject *object, char kind, int width, npy_intp *length);

/* Return whether a function got the expected number of arguments; set TypeError otherwise. */
bool check_argument_count(Py_ssize_t count, Py_ssize_t expected);

/* Set ValueError and return NULL. */
PyObject *value_error(const char *what);

/* Return an integer that is not negative; set an exception and return -1 otherwise. */
npy_intp read_size(PyObject *object);

/* Return a new, uninitialised one-dimensional array; NULL with MemoryError. */
PyObject *new_array(npy_intp length, int type);

/* A set of articles (`docsets.DocSet`): ascending doc ids or bits; the other pointer is NULL. */
typedef struct {
    const int64_t *ids;
    const uint64_t *bits;
    npy_intp count; /* of ids */
    npy_intp cursor; /* of `next_word`: the first id that it has not returned */
    PyObject *owner; /* keeps the array alive */
} DocSet;

/* Read a `DocSet` with doc ids below `size`; false with an exception. Release it in either case. */
bool read_docset(PyObject *object, npy_intp size, DocSet *set);
void release_docset(DocSet *set);

/* Return a word of a set: the bits of 64 articles. Words must be read in ascending order. */
static inline uint64_t next_word(DocSet *set, npy_intp word)
{
    if (set->bits) {
        return set->bits[word];
    }
    uint64_t found = 0;
    const int64_t end = (int64_t)(word + 1) * WORD_BITS;
    while (set->cursor < set->count && set->ids[set->cursor] < end) {
        found |= (uint64_t)1 << (set->ids[set->cursor++] % WORD_BITS);
    }
    return found;
}

/* Return the number of words that the bits of `size` articles take. */
static inline npy_intp word_count(npy_intp size)
{
    return (size + WORD_BITS - 1) / WORD_BITS;
}

PyObject *at_least(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *unite(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *doc_ids_of_bits(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *bits_of(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *intersect(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *contained(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *best(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *scores(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *find_terms(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *decode_doc_ids(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *unpack(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *bigram_rows(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *count_ordinals(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *bigram(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *followed(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *stretched(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *pack_positions(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *lower_bound(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *weigh(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *article_counts(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *min_hashes(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *terms_as_json(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *factorize(PyObject *module, PyObject *const *arguments, Py_ssize_t count);

/* Initialise the static data of a file; false with an exception. */
bool prepare_sets(void);
bool prepare_scoring(void);
void prepare_text(void);

#endif
