/* Docsets: membership, unions, weighted thresholds, and conversion between doc ids and bits. */
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
    for (npy_intp i = 0; i < count; i++) {
        ascending &= ids[i] > last;
        last = ids[i];
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
        if (set->bits && words != word_count(size)) {
            PyErr_SetString(PyExc_ValueError, "a docset has another size than the index");
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

/* Read a sequence of docsets; NULL with an exception. Free them with `release_docsets`. */
static DocSet *read_docsets(PyObject *sequence, npy_intp size, Py_ssize_t *count)
{
    PyObject *fast = PySequence_Fast(sequence, "expected a sequence of docsets");
    if (!fast) {
        return NULL;
    }
    *count = PySequence_Fast_GET_SIZE(fast);
    DocSet *sets = PyMem_Calloc((size_t)*count + 1, sizeof(DocSet));
    bool read = sets != NULL;
    for (Py_ssize_t i = 0; read && i < *count; i++) {
        read = read_docset(PySequence_Fast_GET_ITEM(fast, i), size, &sets[i]);
    }
    Py_DECREF(fast);
    if (!read && sets) {
        for (Py_ssize_t i = 0; i < *count; i++) {
            release_docset(&sets[i]);
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
    for (Py_ssize_t i = 0; i < count; i++) {
        release_docset(&sets[i]);
    }
    PyMem_Free(sets);
}

FOR_EACH_CPU static npy_intp count_bits(const uint64_t *bits, npy_intp words)
{
    npy_intp total = 0;
    for (npy_intp i = 0; i < words; i++) {
        total += __builtin_popcountll(bits[i]);
    }
    return total;
}

static void write_doc_ids(const uint64_t *bits, npy_intp words, int64_t *ids)
{
    for (npy_intp i = 0; i < words; i++) {
        for (uint64_t word = bits[i]; word; word &= word - 1) {
            *ids++ = i * WORD_BITS + __builtin_ctzll(word);
        }
    }
}

PyObject *doc_ids_of_bits(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    npy_intp words;
    const uint64_t *bits =
        check_argument_count(count, 1) ? array_of(arguments[0], 'u', 8, &words) : NULL;
    if (!bits) {
        return NULL;
    }
    PyObject *ids = new_array(count_bits(bits, words), NPY_INT64);
    if (ids) {
        write_doc_ids(bits, words, PyArray_DATA((PyArrayObject *)ids));
    }
    return ids;
}

PyObject *bits_of(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    npy_intp articles;
    const npy_intp size = check_argument_count(count, 2) ? read_size(arguments[1]) : -1;
    const int64_t *ids = size < 0 ? NULL : array_of(arguments[0], 'i', 8, &articles);
    if (!ids) {
        return NULL;
    }
    npy_intp words = word_count(size);
    PyObject *bits = PyArray_ZEROS(1, &words, NPY_UINT64, 0);
    uint64_t *out = bits ? PyArray_DATA((PyArrayObject *)bits) : NULL;
    for (npy_intp i = 0; out && i < articles; i++) {
        if (ids[i] < 0 || ids[i] >= size) {
            PyErr_Format(PyExc_ValueError, "doc ids must be below %zd", (Py_ssize_t)size);
            Py_CLEAR(bits);
            break;
        }
        out[ids[i] / WORD_BITS] |= (uint64_t)1 << (ids[i] % WORD_BITS);
    }
    return bits;
}

FOR_EACH_CPU static void or_words(uint64_t *restrict bits, const uint64_t *restrict other,
                                  npy_intp words)
{
    for (npy_intp i = 0; i < words; i++) {
        bits[i] |= other[i];
    }
}

static void set_bits(uint64_t *restrict bits, const int64_t *restrict ids, npy_intp count)
{
    for (npy_intp i = 0; i < count; i++) {
        bits[ids[i] / WORD_BITS] |= (uint64_t)1 << (ids[i] % WORD_BITS);
    }
}

FOR_EACH_CPU static void and_words(uint64_t *restrict bits, const uint64_t *restrict other,
                                   npy_intp words)
{
    for (npy_intp word = 0; word < words; word++) {
        bits[word] &= other[word];
    }
}

PyObject *unite(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    Py_ssize_t sets_count;
    const npy_intp size = check_argument_count(count, 3) ? read_size(arguments[1]) : -1;
    DocSet *sets = size < 0 ? NULL : read_docsets(arguments[0], size, &sets_count);
    if (!sets) {
        return NULL;
    }
    npy_intp words = word_count(size), total = 0;
    PyObject *found = PyArray_ZEROS(1, &words, NPY_UINT64, 0);
    if (found) {
        uint64_t *bits = PyArray_DATA((PyArrayObject *)found);
        for (Py_ssize_t i = 0; i < sets_count; i++) {
            if (sets[i].bits) {
                or_words(bits, sets[i].bits, words);
            }
            set_bits(bits, sets[i].ids, sets[i].count);
        }
        total = count_bits(bits, words);
        if (arguments[2] == Py_True) { /* as doc ids */
            PyObject *ids = new_array(total, NPY_INT64);
            if (ids) {
                write_doc_ids(bits, words, PyArray_DATA((PyArrayObject *)ids));
            }
            Py_SETREF(found, ids);
        }
    }
    release_docsets(sets, sets_count);
    return found ? Py_BuildValue("Nn", found, (Py_ssize_t)total) : NULL;
}

/* Keep those of some doc ids, ascending, that are in a docset; return how many they are. */
static npy_intp keep_contained(const DocSet *set, int64_t *ids, npy_intp count)
{
    npy_intp kept = 0, i = 0;
    for (npy_intp number = 0; number < count; number++) {
        const int64_t id = ids[number];
        ids[kept] = id;
        if (set->bits) {
            kept += set->bits[id / WORD_BITS] >> (id % WORD_BITS) & 1;
        } else {
            i = gallop_int64(set->ids, set->count, i, id);
            kept += i < set->count && set->ids[i] == id;
        }
    }
    return kept;
}

/* Return the doc ids of all sets, of which the one at `smallest` has doc ids. */
static PyObject *intersect_ids(const DocSet *sets, Py_ssize_t count, Py_ssize_t smallest)
{
    npy_intp left = sets[smallest].count;
    int64_t *const ids = PyMem_Malloc(((size_t)left + 1) * sizeof(int64_t));
    if (!ids) {
        return PyErr_NoMemory();
    }
    memcpy(ids, sets[smallest].ids, (size_t)left * sizeof(int64_t));
    for (Py_ssize_t i = 0; i < count; i++) {
        left = i == smallest ? left : keep_contained(&sets[i], ids, left);
    }
    PyObject *found = new_array(left, NPY_INT64);
    if (found) {
        memcpy(PyArray_DATA((PyArrayObject *)found), ids, (size_t)left * sizeof(int64_t));
    }
    PyMem_Free(ids);
    return found;
}

PyObject *intersect(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    Py_ssize_t sets_count, smallest = -1;
    const npy_intp size = check_argument_count(count, 2) ? read_size(arguments[1]) : -1;
    DocSet *sets = size < 0 ? NULL : read_docsets(arguments[0], size, &sets_count);
    if (!sets) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < sets_count; i++) {
        if (!sets[i].bits && (smallest < 0 || sets[i].count < sets[smallest].count)) {
            smallest = i;
        }
    }
    PyObject *found = NULL;
    if (!sets_count) {
        value_error("expected at least one set");
    } else if (smallest >= 0) {
        found = intersect_ids(sets, sets_count, smallest);
    } else {
        found = new_array(word_count(size), NPY_UINT64);
        uint64_t *const bits = found ? PyArray_DATA((PyArrayObject *)found) : NULL;
        for (Py_ssize_t i = 0; found && i < sets_count; i++) {
            if (i) {
                and_words(bits, sets[i].bits, word_count(size));
            } else {
                memcpy(bits, sets[i].bits, (size_t)word_count(size) * sizeof(uint64_t));
            }
        }
    }
    release_docsets(sets, sets_count);
    return found;
}

PyObject *contained(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    npy_intp length;
    const npy_intp size = check_argument_count(count, 3) ? read_size(arguments[2]) : -1;
    const int64_t *ids = size < 0 ? NULL : array_of(arguments[1], 'i', 8, &length);
    DocSet set;
    if (!ids) {
        return NULL;
    }
    if (!read_docset(arguments[0], size, &set)) {
        release_docset(&set);
        return NULL;
    }
    PyObject *found = new_array(length, NPY_BOOL);
    npy_bool *out = found ? PyArray_DATA((PyArrayObject *)found) : NULL;
    npy_intp i = 0;
    int64_t last = -1;
    for (npy_intp number = 0; out && number < length; number++) {
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
        i = gallop_int64(set.ids, set.count, id >= last ? i : 0, id);
        last = id;
        out[number] = i < set.count && set.ids[i] == id;
    }
    release_docset(&set);
    return found;
}

/* With more sets the weights are added up article by article: a decision tree over the 64 articles of
 * a word has up to 64 paths, each as long as the number of sets. Arbitrary. */
enum { MAX_DECIDED_SETS = 12 };

typedef struct {
    const double *weights;   /* heaviest first */
    const double *remaining; /* remaining[i] = weights[i] + weights[i + 1] + ... */
    double minimum;
    Py_ssize_t count;
} Threshold;

/* Return the articles of `among` whose weights reach the minimum.
 *
 * `words` has one word of each set. All articles of `among` are in the same ones of the first `i`
 * sets, and `total` is the weight of these. */
static uint64_t decide_word(const Threshold *threshold, const uint64_t *words, Py_ssize_t i,
                            double total, uint64_t among)
{
    uint64_t found = 0;
    for (;; i++) {
        if (total >= threshold->minimum) {
            return found | among;
        }
        if (i == threshold->count || total + threshold->remaining[i] < threshold->minimum) {
            return found;
        }
        const uint64_t inside = among & words[i];
        among &= ~words[i];
        if (inside) {
            found |= decide_word(threshold, words, i + 1, total + threshold->weights[i], inside);
        }
        if (!among) {
            return found;
        }
    }
}

/* Return the articles of a word whose weights reach the minimum, by adding up those of each article. */
static uint64_t sum_word(const Threshold *threshold, const uint64_t *words)
{
    double totals[WORD_BITS] = {0};
    for (Py_ssize_t i = 0; i < threshold->count; i++) {
        for (uint64_t word = words[i]; word; word &= word - 1) {
            totals[__builtin_ctzll(word)] += threshold->weights[i];
        }
    }
    uint64_t found = 0;
    for (int bit = 0; bit < WORD_BITS; bit++) {
        found |= (uint64_t)(totals[bit] >= threshold->minimum) << bit;
    }
    return found;
}

/* Write the bits of the articles whose weights reach the minimum, and return their number.
 *
 * The minimum is above 0. `set_words` has room for one word of each set. */
FOR_EACH_CPU static npy_intp reach_minimum(const Threshold *threshold, DocSet *sets, npy_intp words,
                                           uint64_t *set_words, uint64_t *out)
{
    npy_intp total = 0;
    for (npy_intp word = 0; word < words; word++) {
        double highest = 0.0;
        uint64_t any = 0;
        for (Py_ssize_t i = 0; i < threshold->count; i++) {
            set_words[i] = next_word(&sets[i], word);
            highest += set_words[i] ? threshold->weights[i] : 0.0;
            any |= set_words[i];
        }
        /* Added up in the order of the sets, so that it equals the sum of an article in all of them. */
        if (highest >= threshold->minimum) {
            out[word] = threshold->count > MAX_DECIDED_SETS ? sum_word(threshold, set_words)
                                                      : decide_word(threshold, set_words, 0, 0.0, any);
            total += __builtin_popcountll(out[word]);
        }
    }
    return total;
}

PyObject *at_least(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    Py_ssize_t sets_count;
    const npy_intp size = check_argument_count(count, 4) ? read_size(arguments[3]) : -1;
    const double minimum = size < 0 ? 0.0 : PyFloat_AsDouble(arguments[2]);
    if (PyErr_Occurred()) {
        return NULL;
    }
    DocSet *sets = read_docsets(arguments[0], size, &sets_count);
    PyObject *fast = sets ? PySequence_Fast(arguments[1], "expected weights") : NULL;
    PyObject *found = NULL;
    npy_intp words = word_count(size), total = 0;
    double *weights = PyMem_Calloc(2 * ((size_t)(sets ? sets_count : 0) + 1), sizeof(double));
    uint64_t *set_words = PyMem_Calloc((size_t)(sets ? sets_count : 0) + 1, sizeof(uint64_t));
    if (fast && weights && set_words) {
        double *remaining = weights + sets_count + 1;
        if (PySequence_Fast_GET_SIZE(fast) != sets_count || !(minimum > 0.0)) {
            PyErr_SetString(PyExc_ValueError, "expected a weight for each set and a minimum above 0");
        }
        for (Py_ssize_t i = sets_count - 1; i >= 0 && !PyErr_Occurred(); i--) {
            weights[i] = PyFloat_AsDouble(PySequence_Fast_GET_ITEM(fast, i));
            remaining[i] = remaining[i + 1] + weights[i];
        }
        found = PyErr_Occurred() ? NULL : PyArray_ZEROS(1, &words, NPY_UINT64, 0);
        if (found) {
            const Threshold threshold = {weights, remaining, minimum, sets_count};
            total = reach_minimum(&threshold, sets, words, set_words,
                                  PyArray_DATA((PyArrayObject *)found));
        }
    } else if (!PyErr_Occurred()) {
        PyErr_NoMemory();
    }
    PyMem_Free(set_words);
    PyMem_Free(weights);
    Py_XDECREF(fast);
    if (sets) {
        release_docsets(sets, sets_count);
    }
    return found ? Py_BuildValue("Nn", found, (Py_ssize_t)total) : NULL;
}
