/* What the compiled functions share: arrays and sets of articles as their Python callers hold them.
 *
 * Every function checks dtypes, lengths and doc ids before it reads: an index is untrusted data.
 * Each has a version in NumPy with the same results, which is used where nothing was compiled.
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
#error "index files are little-endian, and so must the machine be"
#endif

/* Loops over all articles are compiled twice, for any x86-64 and for those with AVX2: 1.6 times
 * as fast there. No fused multiply-add: sums must equal NumPy's to the last bit. */
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
#define FOR_EACH_CPU __attribute__((target_clones("default", "avx2")))
#else
#define FOR_EACH_CPU
#endif

enum { WORD_BITS = 64, BLOCK_ARTICLES = 8 };

/* Return the data of a one-dimensional array of items of `kind` ('i', 'u', 'f', 'b') and `width`
 * bytes, and its length; NULL with TypeError otherwise. */
const void *array_of(PyObject *object, char kind, int width, npy_intp *length);

/* Return whether there are as many arguments as expected; false with TypeError. */
bool are_arguments(Py_ssize_t count, Py_ssize_t expected);

/* Set ValueError and return NULL. */
PyObject *damaged(const char *what);

/* Return a number of articles; -1 with an exception if it is none. */
npy_intp size_of(PyObject *object);

/* Return a new one-dimensional array; NULL without memory. */
PyObject *new_array(npy_intp length, int type);

/* A set of articles (`docsets.DocSet`): ascending doc ids or bits, one of them NULL.
 *
 * `cursor` is the first id that was not passed yet by a scan of the words. */
typedef struct {
    const int64_t *ids;
    const uint64_t *bits;
    npy_intp count; /* of ids */
    npy_intp cursor;
    PyObject *owner; /* keeps the array alive */
} DocSet;

/* Read a `DocSet` of articles below `size`; false with an exception if it is not one. */
bool read_docset(PyObject *object, npy_intp size, DocSet *set);
void release_docset(DocSet *set);

/* Return the 64 articles of a set that are in a word; words must be taken in ascending order. */
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

static inline npy_intp words_of(npy_intp size)
{
    return (size + WORD_BITS - 1) / WORD_BITS;
}

PyObject *at_least(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *union_bits(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *union_ids(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *doc_ids_of_bits(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *bits_of(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *contained(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *best(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *scores(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *find_terms(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *decode_doc_ids(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *unpack(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *followed(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *stretched(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *pack_positions(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *lower_bound(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *weigh_sparse(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *weigh_dense(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *article_counts(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *least_hashes(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *joined_terms(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *numbered_anew(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
bool prepare_sets(void);
bool prepare_scoring(void);
void prepare_text(void);

#endif
