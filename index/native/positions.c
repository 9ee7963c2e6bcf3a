/* Packed positions after which a term occurs: the matching of phrases and bigrams. */
#include "galloping.h"

/* An array of packed positions, 4 or 8 bytes each. */
typedef struct {
    const void *all;
    npy_intp count;
    int width;
} Positions;

/* Read an array of positions of `width` bytes, 0 for either width; false with an exception. */
static bool read_positions(PyObject *object, int width, Positions *positions)
{
    positions->width = width ? width
                       : PyArray_Check(object) ? (int)PyArray_ITEMSIZE((PyArrayObject *)object)
                                               : 0;
    if (positions->width != 4 && positions->width != 8) {
        PyErr_SetString(PyExc_TypeError, "expected positions of 4 or 8 bytes");
        return false;
    }
    positions->all = array_of(object, 'u', positions->width, &positions->count);
    return positions->all != NULL;
}

static inline uint64_t position_at(const Positions *positions, npy_intp i)
{
    return positions->width == 4 ? ((const uint32_t *)positions->all)[i]
                                 : ((const uint64_t *)positions->all)[i];
}

/* A Bloom filter (Bloom 1970) with one hash function and at least eight bits for each position. */
typedef struct {
    uint64_t *words;
    int bits; /* of the hash */
} Filter;

/* Return a hash of which the upper bits are used. */
static inline uint64_t hash_of(uint64_t position)
{
    return position * 0x9E3779B97F4A7C15u; /* Fibonacci hashing (Knuth, TAOCP 3, 6.4) */
}

static bool make_filter(Filter *filter, npy_intp positions)
{
    filter->bits = 10;
    while ((npy_intp)1 << filter->bits < 8 * positions) {
        filter->bits++;
    }
    filter->words = PyMem_Calloc((size_t)1 << filter->bits >> 6, sizeof(uint64_t));
    return filter->words != NULL;
}

static inline void add_to(Filter *filter, uint64_t position)
{
    const uint64_t bit = hash_of(position) >> (64 - filter->bits);
    filter->words[bit / 64] |= (uint64_t)1 << (bit % 64);
}

static inline bool may_contain(const Filter *filter, uint64_t position)
{
    const uint64_t bit = hash_of(position) >> (64 - filter->bits);
    return filter->words[bit / 64] >> (bit % 64) & 1;
}

/* The starts of possible phrases, each with a mark that is 1 if a term occurs `offset` later.
 *
 * `mark_by_hashing` looks up positions of terms in a hash table with linear probing (Knuth, TAOCP 3,
 * 6.4), behind a Bloom filter. Both contain the starts that a filter of all terms did not exclude. */
typedef struct {
    Positions positions;
    uint64_t mask; /* all bits of a position: sums wrap around */
    uint64_t offset;
    uint8_t *marks;
    Filter filter;
    int32_t *table; /* indexes of starts, -1 in empty slots */
    int table_bits;
} Starts;

static inline npy_intp seek_position(const Positions *positions, npy_intp from, uint64_t wanted)
{
    return positions->width == 4
               ? gallop_uint32(positions->all, positions->count, from, (uint32_t)wanted)
               : gallop_uint64(positions->all, positions->count, from, wanted);
}

/* Return the position at which a term must occur after a start; below 0 it wraps around. */
static inline uint64_t position_after(const Starts *starts, npy_intp i)
{
    return (position_at(&starts->positions, i) + starts->offset) & starts->mask;
}

/* Look up each start in a term that has many more positions. */
static void mark_by_galloping(Starts *starts, const Positions *term)
{
    npy_intp i = 0;
    uint64_t last = 0;
    for (npy_intp start = 0; start < starts->positions.count; start++) {
        const uint64_t wanted = position_after(starts, start);
        i = seek_position(term, wanted >= last ? i : 0, wanted);
        last = wanted;
        starts->marks[start] |= i < term->count && position_at(term, i) == wanted;
    }
}

/* Merge starts and positions, both ascending. */
static void mark_by_merging(Starts *starts, const Positions *term)
{
    for (npy_intp start = 0, i = 0; start < starts->positions.count && i < term->count;) {
        const uint64_t wanted = position_after(starts, start);
        const uint64_t position = position_at(term, i);
        starts->marks[start] |= wanted == position;
        start += wanted <= position;
        i += position <= wanted;
    }
}

/* Return the indexes of the starts that a Bloom filter of all terms does not exclude; the caller frees
 * them. NULL without memory. */
static int32_t *candidates_of(const Starts *starts, const Positions *terms, Py_ssize_t count,
                              npy_intp *found)
{
    npy_intp positions = 0;
    for (Py_ssize_t term = 0; term < count; term++) {
        positions += terms[term].count;
    }
    Filter filter = {0};
    int32_t *candidates = PyMem_Malloc(((size_t)starts->positions.count + 1) * sizeof(int32_t));
    *found = 0;
    if (candidates && make_filter(&filter, positions)) {
        for (Py_ssize_t term = 0; term < count; term++) {
            for (npy_intp i = 0; i < terms[term].count; i++) {
                add_to(&filter, (position_at(&terms[term], i) - starts->offset) & starts->mask);
            }
        }
        for (npy_intp start = 0; start < starts->positions.count; start++) {
            candidates[*found] = (int32_t)start;
            *found += may_contain(&filter, position_at(&starts->positions, start));
        }
    } else {
        PyMem_Free(candidates);
        candidates = NULL;
    }
    PyMem_Free(filter.words);
    return candidates;
}

/* Fill the hash table and the filter with some starts, given by index; false without memory. */
static bool index_starts(Starts *starts, const int32_t *candidates, npy_intp count)
{
    starts->table_bits = 4;
    while ((npy_intp)1 << starts->table_bits < 2 * count) {
        starts->table_bits++;
    }
    const size_t slots = (size_t)1 << starts->table_bits;
    starts->table = PyMem_Malloc(slots * sizeof(int32_t));
    if (!starts->table || !make_filter(&starts->filter, count)) {
        return false;
    }
    memset(starts->table, 0xff, slots * sizeof(int32_t));
    for (npy_intp i = 0; i < count; i++) {
        const uint64_t start = position_at(&starts->positions, candidates[i]);
        size_t slot = hash_of(start) >> (64 - starts->table_bits);
        while (starts->table[slot] >= 0) {
            slot = (slot + 1) & (slots - 1);
        }
        starts->table[slot] = candidates[i];
        add_to(&starts->filter, start);
    }
    return true;
}

/* Look up each position of a term among the starts. */
static void mark_by_hashing(Starts *starts, const Positions *term)
{
    const size_t slots = (size_t)1 << starts->table_bits;
    for (npy_intp i = 0; i < term->count; i++) {
        const uint64_t wanted = (position_at(term, i) - starts->offset) & starts->mask;
        if (!may_contain(&starts->filter, wanted)) {
            continue;
        }
        for (size_t slot = hash_of(wanted) >> (64 - starts->table_bits); starts->table[slot] >= 0;
             slot = (slot + 1) & (slots - 1)) {
            if (position_at(&starts->positions, starts->table[slot]) == wanted) {
                starts->marks[starts->table[slot]] = 1;
            }
        }
    }
}

/* Return whether the starts ascend, and the positions after them as well: none of these wraps around. */
static bool are_ascending(const Starts *starts)
{
    const Positions *positions = &starts->positions;
    bool ascending = true;
    for (npy_intp i = 1; i < positions->count; i++) {
        ascending &= position_at(positions, i - 1) < position_at(positions, i);
    }
    return ascending
           && (!positions->count
               || position_after(starts, 0) <= position_after(starts, positions->count - 1));
}

/* Starts are looked up in a term with at least this many times as many positions: that takes about 20 ns
 * for each start, the other ways 1 to 3 ns for each position. */
enum { GALLOP_RATIO = 16 };

/* Mark the starts after which one of the terms occurs; false without memory. */
static bool mark_followed(Starts *starts, const Positions *terms, Py_ssize_t count)
{
    if (count == 1 && are_ascending(starts)
        && starts->positions.count > terms[0].count / GALLOP_RATIO) {
        mark_by_merging(starts, &terms[0]);
        return true;
    }
    for (Py_ssize_t term = 0; term < count; term++) {
        if (starts->positions.count <= terms[term].count / GALLOP_RATIO) {
            mark_by_galloping(starts, &terms[term]);
            continue;
        }
        if (!starts->table) {
            npy_intp found;
            int32_t *candidates = candidates_of(starts, terms, count, &found);
            const bool indexed = candidates && index_starts(starts, candidates, found);
            PyMem_Free(candidates);
            if (!indexed) {
                return false;
            }
        }
        mark_by_hashing(starts, &terms[term]);
    }
    return true;
}

static inline void set_position(void *all, int width, npy_intp i, uint64_t position)
{
    if (width == 4) {
        ((uint32_t *)all)[i] = (uint32_t)position;
    } else {
        ((uint64_t *)all)[i] = position;
    }
}

static int type_of(const Positions *positions)
{
    return positions->width == 4 ? NPY_UINT32 : NPY_UINT64;
}

/* Return an array of the marked starts. */
static PyObject *marked_positions(const Positions *starts, const uint8_t *marks)
{
    npy_intp count = 0;
    for (npy_intp i = 0; i < starts->count; i++) {
        count += marks[i];
    }
    PyObject *found = new_array(count, type_of(starts));
    if (found) {
        void *const all = PyArray_DATA((PyArrayObject *)found);
        npy_intp end = 0;
        for (npy_intp i = 0; i < starts->count; i++) {
            if (marks[i]) {
                set_position(all, starts->width, end++, position_at(starts, i));
            }
        }
    }
    return found;
}

/* Read the positions of each term; NULL with an exception. The caller frees them. */
static Positions *read_terms(PyObject *fast, int width)
{
    const Py_ssize_t count = PySequence_Fast_GET_SIZE(fast);
    Positions *terms = PyMem_Calloc((size_t)count + 1, sizeof(Positions));
    for (Py_ssize_t i = 0; terms && i < count; i++) {
        if (!read_positions(PySequence_Fast_GET_ITEM(fast, i), width, &terms[i])) {
            PyMem_Free(terms);
            return NULL;
        }
    }
    return terms ? terms : (Positions *)PyErr_NoMemory();
}

PyObject *followed(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    Starts starts = {0};
    if (!check_argument_count(count, 3) || !read_positions(arguments[0], 0, &starts.positions)) {
        return NULL;
    }
    starts.offset = (uint64_t)PyLong_AsLongLong(arguments[1]);
    if (PyErr_Occurred()) {
        return NULL;
    }
    if (starts.positions.count > INT32_MAX) {
        return value_error("too many positions");
    }
    PyObject *fast = PySequence_Fast(arguments[2], "expected a sequence of arrays of positions");
    Positions *terms = fast ? read_terms(fast, starts.positions.width) : NULL;
    PyObject *found = NULL;
    if (terms) {
        starts.mask = starts.positions.width == 4 ? UINT32_MAX : UINT64_MAX;
        starts.marks = PyMem_Calloc((size_t)starts.positions.count + 1, 1);
        if (starts.marks && mark_followed(&starts, terms, PySequence_Fast_GET_SIZE(fast))) {
            found = marked_positions(&starts.positions, starts.marks);
        } else {
            PyErr_NoMemory();
        }
    }
    PyMem_Free(starts.marks);
    PyMem_Free(starts.filter.words);
    PyMem_Free(starts.table);
    PyMem_Free(terms);
    Py_XDECREF(fast);
    return found;
}

/* Sloppy phrases, which are extended to the next position of a step. */
typedef struct {
    Positions starts, ends, step;
    uint64_t limit;
    void *new_starts, *new_ends;
    npy_intp count; /* of the new starts and ends */
} Stretching;

/* Write a phrase that is extended to a position of the step; drop it again if `is_after` is false or it
 * is too long. The arrays have room for one more phrase than there are. */
static inline void stretch(Stretching *all, npy_intp one, npy_intp next, int width, bool is_after)
{
    const uint64_t mask = width == 4 ? UINT32_MAX : UINT64_MAX;
    const uint64_t start = position_at(&all->starts, one), end = position_at(&all->step, next);
    set_position(all->new_starts, width, all->count, start);
    set_position(all->new_ends, width, all->count, end);
    all->count += is_after & (((end - start) & mask) < all->limit);
}

/* Look up the next position after each end in a step that has many more positions. */
static void stretch_by_galloping(Stretching *all)
{
    npy_intp next = 0;
    uint64_t last = 0;
    for (npy_intp one = 0; one < all->ends.count; one++) {
        const uint64_t end = position_at(&all->ends, one);
        next = seek_position(&all->step, end >= last ? next : 0, end);
        last = end;
        const bool is_same = next < all->step.count && position_at(&all->step, next) == end;
        if (next + is_same < all->step.count) {
            stretch(all, one, next + is_same, all->ends.width, true);
        }
    }
}

/* Look up before each position of the step the phrases that it can extend, which are far fewer than there
 * are. No phrase is looked at twice, whatever the order of the arrays. */
static void stretch_from_step(Stretching *all)
{
    npy_intp one = 0;
    uint64_t previous = 0;
    for (npy_intp next = 0; next < all->step.count && one < all->ends.count; next++) {
        const uint64_t end = position_at(&all->step, next);
        const uint64_t shortest = end >= all->limit ? end - all->limit + 1 : 0;
        one = seek_position(&all->ends, one, shortest > previous ? shortest : previous);
        while (one < all->ends.count && position_at(&all->ends, one) < end) {
            stretch(all, one++, next, all->ends.width, true);
        }
        previous = end;
    }
}

/* Merge ends and positions without a branch, which could not be predicted. */
static inline void stretch_by_merging(Stretching *all, int width)
{
    /* A constant at each call: the compiler drops the other case. */
    all->starts.width = all->ends.width = all->step.width = width;
    for (npy_intp one = 0, next = 0; one < all->ends.count && next < all->step.count;) {
        const bool is_after = position_at(&all->step, next) > position_at(&all->ends, one);
        stretch(all, one, next, width, is_after);
        one += is_after;
        next += !is_after;
    }
}

PyObject *stretched(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    Stretching all = {0};
    if (!check_argument_count(count, 4) || !read_positions(arguments[0], 0, &all.starts)
        || !read_positions(arguments[1], all.starts.width, &all.ends)
        || !read_positions(arguments[2], all.starts.width, &all.step)) {
        return NULL;
    }
    all.limit = PyLong_AsUnsignedLongLong(arguments[3]);
    if (PyErr_Occurred()) {
        return NULL;
    }
    if (all.starts.count != all.ends.count) {
        return value_error("starts and ends differ in length");
    }
    PyObject *starts = new_array(all.starts.count + 1, type_of(&all.starts)), *found = NULL;
    PyObject *ends = starts ? new_array(all.starts.count + 1, type_of(&all.starts)) : NULL;
    if (ends) {
        all.new_starts = PyArray_DATA((PyArrayObject *)starts);
        all.new_ends = PyArray_DATA((PyArrayObject *)ends);
        if (all.ends.count <= all.step.count / GALLOP_RATIO) {
            stretch_by_galloping(&all);
        } else if (all.step.count <= all.ends.count / GALLOP_RATIO) {
            stretch_from_step(&all);
        } else if (all.starts.width == 4) {
            stretch_by_merging(&all, 4);
        } else {
            stretch_by_merging(&all, 8);
        }
        found = Py_BuildValue("NN", PySequence_GetSlice(starts, 0, all.count),
                              PySequence_GetSlice(ends, 0, all.count));
    }
    Py_XDECREF(starts);
    Py_XDECREF(ends);
    return found;
}
