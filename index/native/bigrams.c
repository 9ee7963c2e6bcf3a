/* Bigrams: where a term directly follows another. Only the positions in articles that contain both
 * are decoded: few of those that contain one of them do. */
#include "galloping.h"
#include "packed.h"

/* The postings of a term; the positions of posting `i` are the numbers of a section from
 * start + before[i] on. */
typedef struct {
    const int32_t *ids, *frequencies;
    npy_intp count, start, stop;
    uint32_t *before;
} Term;

/* Indices of postings of two terms in the same articles. */
typedef struct {
    uint32_t *first, *second;
    npy_intp count;
} Common;

/* Reads ascending numbers of sections. */
typedef struct {
    const Sections *sections;
    npy_intp next;
    int64_t high_at; /* the high parts before number `next` */
    npy_intp exception; /* the first that is not before `next` */
    npy_intp exception_at; /* its number */
    bool inconsistent;
} Reader;

/* Packed positions that were found; there is room for all. */
typedef struct {
    int bits, width;
    npy_intp count;
    void *all;
} Found;

/* Read the postings of a term from a tuple of doc ids, frequencies, and the bounds of its numbers;
 * false with an exception. Free `before` in either case. */
static bool read_term(PyObject *object, Term *term)
{
    npy_intp frequencies;
    if (!PyTuple_Check(object) || PyTuple_GET_SIZE(object) != 4) {
        PyErr_SetString(PyExc_TypeError, "a term has doc ids, frequencies and bounds of numbers");
        return false;
    }
    term->ids = array_of(PyTuple_GET_ITEM(object, 0), 'i', 4, &term->count);
    term->frequencies =
        term->ids ? array_of(PyTuple_GET_ITEM(object, 1), 'i', 4, &frequencies) : NULL;
    term->start = term->frequencies ? read_size(PyTuple_GET_ITEM(object, 2)) : -1;
    term->stop = term->start < 0 ? -1 : read_size(PyTuple_GET_ITEM(object, 3));
    if (term->stop < 0) {
        return false;
    }
    term->before = PyMem_Malloc(((size_t)frequencies + 1) * sizeof(uint32_t));
    if (!term->before) {
        PyErr_NoMemory();
        return false;
    }
    int32_t least = 1;
    uint64_t total = 0;
    for (npy_intp i = 0; i < frequencies; i++) {
        least = term->frequencies[i] < least ? term->frequencies[i] : least;
        term->before[i] = (uint32_t)total;
        total += (uint32_t)term->frequencies[i];
    }
    if (frequencies != term->count || least < 1 || total > UINT32_MAX
        || term->start + (npy_intp)total != term->stop) {
        value_error("frequencies and positions are inconsistent");
        return false;
    }
    return true;
}

/* Return a word of the bits that say which numbers have high parts; 0 past their end. */
static inline uint64_t high_word(const Sections *sections, npy_intp word)
{
    uint64_t bits = 0;
    const npy_intp left = sections->has_high_size - word * 8;
    if (left >= 8) {
        memcpy(&bits, sections->has_high + word * 8, 8);
    } else if (left > 0) {
        memcpy(&bits, sections->has_high + word * 8, (size_t)left);
    }
    return bits;
}

static inline void seek_exception(Reader *reader, npy_intp exception)
{
    const Sections *sections = reader->sections;
    reader->exception = exception;
    reader->exception_at = exception < sections->exceptions_size
                               ? (npy_intp)sections->exceptions[exception]
                               : NPY_MAX_INTP;
}

/* Go on to a number that is not before the current one. */
static inline void seek_number(Reader *reader, npy_intp i)
{
    const npy_intp block = i / RANK_BITS;
    npy_intp from = reader->next;
    if (block * RANK_BITS > from) {
        from = block * RANK_BITS;
        reader->high_at = reader->sections->ranks[block];
    }
    uint64_t word = high_word(reader->sections, from / WORD_BITS) & ~(uint64_t)0 << from % WORD_BITS;
    for (from /= WORD_BITS; from < i / WORD_BITS; word = high_word(reader->sections, ++from)) {
        reader->high_at += __builtin_popcountll(word);
    }
    word &= ((uint64_t)1 << i % WORD_BITS) - 1;
    reader->high_at += __builtin_popcountll(word);
    reader->next = i;
    while (reader->exception_at < i) {
        seek_exception(reader, reader->exception + 1);
    }
}

static inline uint32_t next_number(Reader *reader)
{
    const Sections *sections = reader->sections;
    const npy_intp i = reader->next++;
    /* Without branches, since every other number has a high part; `high` has a byte at least. */
    const uint32_t has_high = sections->has_high[i / 8] >> (i % 8) & 1;
    const int64_t byte = reader->high_at / 2;
    const bool exists = byte < sections->high_size;
    const uint32_t high = (sections->high[exists ? byte : 0] >> 4 * (reader->high_at % 2)) + 1u;
    reader->inconsistent |= has_high && !exists;
    reader->high_at += has_high;
    if (reader->exception_at == i) {
        const uint32_t exception = sections->values[reader->exception];
        seek_exception(reader, reader->exception + 1);
        return exception;
    }
    return (high & 15 & -has_high) << 8 | sections->low[i];
}

static inline void add_found(Found *found, int32_t id, uint32_t position)
{
    const uint64_t packed = (uint64_t)(uint32_t)id << found->bits | position;
    if (found->width == 4) {
        ((uint32_t *)found->all)[found->count++] = (uint32_t)packed;
    } else {
        ((uint64_t *)found->all)[found->count++] = packed;
    }
}

/* Add where the second term follows the first in an article, in which they occur `left` and `right`
 * times. At most the lesser of these is added, also for positions that do not ascend. */
static inline void add_article(int32_t id, Reader *before, int32_t left, Reader *after,
                               int32_t right, Found *found)
{
    int64_t one = next_number(before), other = next_number(after);
    while (true) {
        const int64_t ahead = other - (one + 1);
        if (ahead == 0) {
            add_found(found, id, (uint32_t)one);
        }
        if (ahead <= 0) {
            if (!--right) {
                return;
            }
            other = next_number(after);
        }
        if (ahead >= 0) {
            if (!--left) {
                return;
            }
            one = next_number(before);
        }
    }
}

/* The longer term is galloped through if it has more than this many times as many postings; the time
 * is flat from 4 to 16. */
enum { GALLOP_RATIO = 8 };

/* Find the articles that contain both terms; there is room for one more than the shorter one has. */
static void find_common(const Term *first, const Term *second, Common *common)
{
    const int32_t *const ids = first->ids, *const others = second->ids;
    const npy_intp count = first->count, other_count = second->count;
    const bool gallops = count / GALLOP_RATIO > other_count || other_count / GALLOP_RATIO > count;
    npy_intp left = 0, right = 0, found = 0;
    while (left < count && right < other_count) {
        if (gallops) {
            left = gallop_int32(ids, count, left, others[right]);
            if (left == count) {
                break;
            }
            right = gallop_int32(others, other_count, right, ids[left]);
            if (right == other_count) {
                break;
            }
        }
        /* Without branches: which of them is lower cannot be predicted. */
        const int32_t one = ids[left], other = others[right];
        common->first[found] = (uint32_t)left;
        common->second[found] = (uint32_t)right;
        found += one == other;
        left += one <= other;
        right += other <= one;
    }
    common->count = found;
}

/* Return whether any of some low parts follows any of others, modulo 256: they rule out most articles
 * of two frequent terms, and need no decoding. */
static inline bool may_follow(const uint8_t *ones, int32_t count, const uint8_t *others,
                              int32_t other_count)
{
    uint64_t bits[4] = {0}, any = 0;
    for (int32_t i = 0; i < other_count; i++) {
        bits[others[i] / WORD_BITS] |= (uint64_t)1 << others[i] % WORD_BITS;
    }
    for (int32_t i = 0; i < count; i++) {
        const uint8_t next = (uint8_t)(ones[i] + 1);
        any |= bits[next / WORD_BITS] >> next % WORD_BITS;
    }
    return any & 1;
}

FOR_EACH_CPU static void find_adjacent(const Term *first, Reader *before, const Term *second,
                                       Reader *after, const Common *common, Found *found)
{
    for (npy_intp i = 0; i < common->count; i++) {
        const npy_intp one = common->first[i], other = common->second[i];
        const npy_intp left = first->start + first->before[one];
        const npy_intp right = second->start + second->before[other];
        const uint8_t *const low = before->sections->low;
        if (may_follow(low + left, first->frequencies[one], low + right,
                       second->frequencies[other])) {
            seek_number(before, left);
            seek_number(after, right);
            add_article(first->ids[one], before, first->frequencies[one], after,
                        second->frequencies[other], found);
        }
    }
}

static Reader reader_of(const Sections *sections, npy_intp start)
{
    Reader reader = {.sections = sections, .next = start / RANK_BITS * RANK_BITS};
    reader.high_at = sections->ranks[start / RANK_BITS];
    seek_exception(&reader, gallop_uint32(sections->exceptions, sections->exceptions_size, 0,
                                          (uint32_t)start));
    return reader;
}

/* Find a bigram; false with an exception. Free what was found in either case. */
static bool find_bigram(const Term *first, const Term *second, const Sections *sections,
                        Common *common, Found *found)
{
    const npy_intp sizes[] = {first->stop - first->start, second->stop - second->start};
    const size_t articles = (size_t)(first->count < second->count ? first->count : second->count);
    common->first = PyMem_Malloc((articles + 1) * sizeof(uint32_t));
    common->second = PyMem_Malloc((articles + 1) * sizeof(uint32_t));
    found->all = PyMem_Malloc((size_t)(sizes[0] < sizes[1] ? sizes[0] : sizes[1])
                              * (size_t)found->width);
    if (!common->first || !common->second || !found->all) {
        PyErr_NoMemory();
        return false;
    }
    find_common(first, second, common);
    if (!common->count) {
        return true;
    }
    Reader before = reader_of(sections, first->start), after = reader_of(sections, second->start);
    find_adjacent(first, &before, second, &after, common, found);
    if (before.inconsistent || after.inconsistent) {
        value_error("its sections are inconsistent");
        return false;
    }
    return true;
}

/* Read the six arrays of packed numbers that have low parts; false with an exception. */
static bool read_packed(PyObject *arrays, Sections *sections)
{
    static const uint8_t nothing = 0;
    PyObject *each[6];
    if (!PyTuple_Check(arrays) || PyTuple_GET_SIZE(arrays) != 6) {
        PyErr_SetString(PyExc_TypeError, "packed numbers have six arrays");
        return false;
    }
    for (int i = 0; i < 6; i++) {
        each[i] = PyTuple_GET_ITEM(arrays, i);
    }
    if (!read_sections(each, sections)) {
        return false;
    }
    if (!sections->low) {
        value_error("positions have low parts");
        return false;
    }
    if (!sections->high_size) {
        sections->high = &nothing;
    }
    return true;
}

static PyObject *read_and_find(PyObject *const *arguments, Term *first, Term *second,
                               Common *common, Found *found)
{
    Sections sections = {0};
    if (!read_term(arguments[0], first) || !read_term(arguments[1], second)
        || !read_packed(arguments[2], &sections)) {
        return NULL;
    }
    const npy_intp bits = read_size(arguments[3]);
    const npy_intp width = bits < 0 ? -1 : read_size(arguments[4]);
    if (width < 0) {
        return NULL;
    }
    if (bits > 32 || (width != 4 && width != 8)) {
        return value_error("positions have at most 32 bits, and are packed in 4 or 8 bytes");
    }
    if ((first->count && !contain_numbers(&sections, first->stop - 1, first->stop))
        || (second->count && !contain_numbers(&sections, second->stop - 1, second->stop))) {
        return value_error("its sections are inconsistent");
    }
    found->bits = (int)bits;
    found->width = (int)width;
    if (!find_bigram(first, second, &sections, common, found)) {
        return NULL;
    }
    PyObject *array = new_array(found->count, width == 4 ? NPY_UINT32 : NPY_UINT64);
    if (array && found->count) {
        memcpy(PyArray_DATA((PyArrayObject *)array), found->all,
               (size_t)found->count * (size_t)width);
    }
    return array;
}

PyObject *bigram(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    Term first = {0}, second = {0};
    Common common = {0};
    Found found = {0};
    PyObject *array = NULL;
    if (check_argument_count(count, 5)) {
        array = read_and_find(arguments, &first, &second, &common, &found);
    }
    PyMem_Free(found.all);
    PyMem_Free(common.first);
    PyMem_Free(common.second);
    PyMem_Free(first.before);
    PyMem_Free(second.before);
    return array;
}
