/* Sets of articles: unions, sums of weights, and their two representations. */
#include "galloping.h"

static PyObject *name_doc_ids, *name_bits;

bool prepare_sets(void)
{
    name_doc_ids = PyUnicode_InternFromString("doc_ids");
    name_bits = PyUnicode_InternFromString("bits");
    return name_doc_ids && name_bits;
}

/* Return whether ids ascend and lie in [0, size). */
static bool are_doc_ids(const int64_t *ids, npy_intp count, npy_intp size)
{
    int64_t last = -1;
    bool ascending = true;
    for (npy_intp at = 0; at < count; at++) {
        ascending &= ids[at] > last;
        last = ids[at];
    }
    if (!ascending || last >= size) {
        PyErr_Format(PyExc_ValueError, "doc ids must ascend and be below %zd", (Py_ssize_t)size);
        return false;
    }
    return true;
}

bool read_docset(PyObject *object, npy_intp size, DocSet *set)
{
    *set = (DocSet){0};
    PyObject *bits = PyObject_GetAttr(object, name_bits);
    if (!bits) {
        return false;
    }
    if (bits != Py_None) {
        npy_intp words;
        set->owner = bits;
        set->bits = array_of(bits, 'u', 8, &words);
        if (set->bits && words != words_of(size)) {
            PyErr_SetString(PyExc_ValueError, "a set of another size");
        }
        return !PyErr_Occurred();
    }
    Py_DECREF(bits);
    set->owner = PyObject_GetAttr(object, name_doc_ids);
    if (!set->owner) {
        return false;
    }
    set->ids = array_of(set->owner, 'i', 8, &set->count);
    return set->ids && are_doc_ids(set->ids, set->count, size);
}

void release_docset(DocSet *set)
{
    Py_CLEAR(set->owner);
}

/* Read a sequence of sets; NULL with an exception. Free with `release_docsets`. */
static DocSet *read_docsets(PyObject *sequence, npy_intp size, Py_ssize_t *count)
{
    PyObject *fast = PySequence_Fast(sequence, "expected sets of articles");
    if (!fast) {
        return NULL;
    }
    *count = PySequence_Fast_GET_SIZE(fast);
    DocSet *sets = PyMem_Calloc((size_t)*count + 1, sizeof(DocSet));
    bool read = sets != NULL;
    for (Py_ssize_t at = 0; read && at < *count; at++) {
        read = read_docset(PySequence_Fast_GET_ITEM(fast, at), size, &sets[at]);
    }
    Py_DECREF(fast);
    if (!read && sets) {
        for (Py_ssize_t at = 0; at < *count; at++) {
            release_docset(&sets[at]);
        }
        PyMem_Free(sets);
        sets = NULL;
    }
    if (!read && !PyErr_Occurred()) {
        PyErr_NoMemory();
    }
    return sets;
}

static void release_docsets(DocSet *sets, Py_ssize_t count)
{
    for (Py_ssize_t at = 0; at < count; at++) {
        release_docset(&sets[at]);
    }
    PyMem_Free(sets);
}

FOR_EACH_CPU static npy_intp count_bits(const uint64_t *bits, npy_intp words)
{
    npy_intp total = 0;
    for (npy_intp at = 0; at < words; at++) {
        total += __builtin_popcountll(bits[at]);
    }
    return total;
}

static void extract(const uint64_t *bits, npy_intp words, int64_t *ids)
{
    for (npy_intp at = 0; at < words; at++) {
        for (uint64_t word = bits[at]; word; word &= word - 1) {
            *ids++ = at * WORD_BITS + __builtin_ctzll(word);
        }
    }
}

PyObject *doc_ids_of_bits(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    npy_intp words;
    const uint64_t *bits =
        are_arguments(count, 1) ? array_of(arguments[0], 'u', 8, &words) : NULL;
    if (!bits) {
        return NULL;
    }
    PyObject *ids = new_array(count_bits(bits, words), NPY_INT64);
    if (ids) {
        extract(bits, words, PyArray_DATA((PyArrayObject *)ids));
    }
    return ids;
}

PyObject *bits_of(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    npy_intp articles;
    const npy_intp size = are_arguments(count, 2) ? size_of(arguments[1]) : -1;
    const int64_t *ids = size < 0 ? NULL : array_of(arguments[0], 'i', 8, &articles);
    if (!ids) {
        return NULL;
    }
    npy_intp words = words_of(size);
    PyObject *bits = PyArray_ZEROS(1, &words, NPY_UINT64, 0);
    uint64_t *out = bits ? PyArray_DATA((PyArrayObject *)bits) : NULL;
    for (npy_intp at = 0; out && at < articles; at++) {
        if (ids[at] < 0 || ids[at] >= size) {
            PyErr_Format(PyExc_ValueError, "doc ids must be below %zd", (Py_ssize_t)size);
            Py_CLEAR(bits);
            break;
        }
        out[ids[at] / WORD_BITS] |= (uint64_t)1 << (ids[at] % WORD_BITS);
    }
    return bits;
}

FOR_EACH_CPU static void unite(uint64_t *restrict bits, const uint64_t *restrict other, npy_intp words)
{
    for (npy_intp at = 0; at < words; at++) {
        bits[at] |= other[at];
    }
}

static PyObject *unite_sets(PyObject *const *arguments, Py_ssize_t count, bool as_ids)
{
    Py_ssize_t sets_count;
    const npy_intp size = are_arguments(count, 2) ? size_of(arguments[1]) : -1;
    DocSet *sets = size < 0 ? NULL : read_docsets(arguments[0], size, &sets_count);
    if (!sets) {
        return NULL;
    }
    npy_intp words = words_of(size), total = 0;
    PyObject *found = PyArray_ZEROS(1, &words, NPY_UINT64, 0);
    if (found) {
        uint64_t *bits = PyArray_DATA((PyArrayObject *)found);
        for (Py_ssize_t at = 0; at < sets_count; at++) {
            if (sets[at].bits) {
                unite(bits, sets[at].bits, words);
            }
            for (npy_intp id = 0; id < sets[at].count; id++) {
                bits[sets[at].ids[id] / WORD_BITS] |= (uint64_t)1 << (sets[at].ids[id] % WORD_BITS);
            }
        }
        total = count_bits(bits, words);
        if (as_ids) {
            PyObject *ids = new_array(total, NPY_INT64);
            if (ids) {
                extract(bits, words, PyArray_DATA((PyArrayObject *)ids));
            }
            Py_SETREF(found, ids);
        }
    }
    release_docsets(sets, sets_count);
    return found ? Py_BuildValue("Nn", found, (Py_ssize_t)total) : NULL;
}

PyObject *union_bits(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    return unite_sets(arguments, count, false);
}

PyObject *union_ids(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    return unite_sets(arguments, count, true);
}

PyObject *contained(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    npy_intp asked;
    const npy_intp size = are_arguments(count, 3) ? size_of(arguments[2]) : -1;
    const int64_t *ids = size < 0 ? NULL : array_of(arguments[1], 'i', 8, &asked);
    DocSet set;
    if (!ids) {
        return NULL;
    }
    if (!read_docset(arguments[0], size, &set)) {
        release_docset(&set);
        return NULL;
    }
    PyObject *found = new_array(asked, NPY_BOOL);
    npy_bool *out = found ? PyArray_DATA((PyArrayObject *)found) : NULL;
    npy_intp at = 0;
    int64_t last = -1;
    for (npy_intp number = 0; out && number < asked; number++) {
        const int64_t id = ids[number];
        if (id < 0 || id >= size) {
            PyErr_Format(PyExc_ValueError, "doc ids must be below %zd", (Py_ssize_t)size);
            Py_CLEAR(found);
            break;
        }
        if (set.bits) {
            out[number] = set.bits[id / WORD_BITS] >> (id % WORD_BITS) & 1;
            continue;
        }
        at = gallop_int64(set.ids, set.count, id >= last ? at : 0, id);
        last = id;
        out[number] = at < set.count && set.ids[at] == id;
    }
    release_docset(&set);
    return found;
}

enum { MAX_DECIDED_SETS = 12 };
/* With more sets their weights are added up article by article: a decision tree over the 64
 * articles of a word then has up to 64 paths that are all as long as there are sets. */

typedef struct {
    const double *weights; /* heaviest first */
    const double *rests;   /* the sum of the weights from each on */
    double minimum;
    Py_ssize_t count;
} Sum;

/* Return which of the articles in `among`, all in the same of the first `at` sets, reach it. */
static uint64_t reaching(const Sum *sum, const uint64_t *words, Py_ssize_t at, double total,
                         uint64_t among)
{
    uint64_t found = 0;
    for (;; at++) {
        if (total >= sum->minimum) {
            return found | among;
        }
        if (at == sum->count || total + sum->rests[at] < sum->minimum) {
            return found;
        }
        const uint64_t inside = among & words[at];
        among &= ~words[at];
        if (inside) {
            found |= reaching(sum, words, at + 1, total + sum->weights[at], inside);
        }
        if (!among) {
            return found;
        }
    }
}

/* As `reaching`, for all 64 articles of a word. */
static uint64_t summed(const Sum *sum, const uint64_t *words)
{
    double totals[WORD_BITS] = {0};
    for (Py_ssize_t at = 0; at < sum->count; at++) {
        for (uint64_t word = words[at]; word; word &= word - 1) {
            totals[__builtin_ctzll(word)] += sum->weights[at];
        }
    }
    uint64_t found = 0;
    for (int bit = 0; bit < WORD_BITS; bit++) {
        found |= (uint64_t)(totals[bit] >= sum->minimum) << bit;
    }
    return found;
}

/* Write the articles whose sets add up to the minimum, which is above 0, and return how many. */
FOR_EACH_CPU static npy_intp sum_sets(const Sum *sum, DocSet *sets, npy_intp words, uint64_t *here, uint64_t *out)
{
    npy_intp total = 0;
    for (npy_intp word = 0; word < words; word++) {
        double most = 0.0;
        uint64_t any = 0;
        for (Py_ssize_t at = 0; at < sum->count; at++) {
            here[at] = next_word(&sets[at], word);
            most += here[at] ? sum->weights[at] : 0.0;
            any |= here[at];
        }
        /* `most` is added up in the order of the sets, as the sum of an article in all is. */
        if (most >= sum->minimum) {
            out[word] = sum->count > MAX_DECIDED_SETS ? summed(sum, here)
                                                      : reaching(sum, here, 0, 0.0, any);
            total += __builtin_popcountll(out[word]);
        }
    }
    return total;
}

PyObject *at_least(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    Py_ssize_t sets_count;
    const npy_intp size = are_arguments(count, 4) ? size_of(arguments[3]) : -1;
    const double minimum = size < 0 ? 0.0 : PyFloat_AsDouble(arguments[2]);
    if (PyErr_Occurred()) {
        return NULL;
    }
    DocSet *sets = read_docsets(arguments[0], size, &sets_count);
    PyObject *fast = sets ? PySequence_Fast(arguments[1], "expected weights") : NULL;
    PyObject *found = NULL;
    npy_intp words = words_of(size), total = 0;
    double *weights = PyMem_Calloc(2 * ((size_t)(sets ? sets_count : 0) + 1), sizeof(double));
    uint64_t *here = PyMem_Calloc((size_t)(sets ? sets_count : 0) + 1, sizeof(uint64_t));
    if (fast && weights && here) {
        double *rests = weights + sets_count + 1;
        if (PySequence_Fast_GET_SIZE(fast) != sets_count || !(minimum > 0.0)) {
            PyErr_SetString(PyExc_ValueError, "a weight for each set, and a minimum above 0");
        }
        for (Py_ssize_t at = sets_count - 1; at >= 0 && !PyErr_Occurred(); at--) {
            weights[at] = PyFloat_AsDouble(PySequence_Fast_GET_ITEM(fast, at));
            rests[at] = rests[at + 1] + weights[at];
        }
        found = PyErr_Occurred() ? NULL : PyArray_ZEROS(1, &words, NPY_UINT64, 0);
        if (found) {
            const Sum sum = {weights, rests, minimum, sets_count};
            total = sum_sets(&sum, sets, words, here, PyArray_DATA((PyArrayObject *)found));
        }
    } else if (!PyErr_Occurred()) {
        PyErr_NoMemory();
    }
    PyMem_Free(here);
    PyMem_Free(weights);
    Py_XDECREF(fast);
    if (sets) {
        release_docsets(sets, sets_count);
    }
    return found ? Py_BuildValue("Nn", found, (Py_ssize_t)total) : NULL;
}
