/* Decoders of postings: doc ids, packed integers, positions; and lookup in a term dictionary. */
#include "galloping.h"
#include "packed.h"

/* Read an unsigned little-endian number of 1 to 4 bytes. */
static inline uint32_t read_uint(const uint8_t *content, int width)
{
    uint32_t number = 0;
    for (int byte = 0; byte < width; byte++) {
        number |= (uint32_t)content[byte] << 8 * byte;
    }
    return number;
}

/* The doc ids decoded so far, of `count`; all are below `documents`. */
typedef struct {
    int32_t *out;
    npy_intp found, count;
    int64_t last, documents;
} Decoded;

/* Append a doc id; false if it does not ascend, is too high, or is one too many. */
static inline bool add_doc_id(Decoded *decoded, int64_t doc_id)
{
    if (decoded->found == decoded->count || doc_id <= decoded->last
        || doc_id >= decoded->documents) {
        return false;
    }
    decoded->out[decoded->found++] = (int32_t)doc_id;
    decoded->last = doc_id;
    return true;
}

/* A bitmap: one bit for each document. */
static bool decode_bits(const uint8_t *content, npy_intp size, Decoded *decoded)
{
    for (npy_intp byte = 0; byte < size; byte++) {
        for (unsigned left = content[byte]; left; left &= left - 1) {
            if (!add_doc_id(decoded, (int64_t)byte * 8 + __builtin_ctz(left))) {
                return false;
            }
        }
    }
    return true;
}

/* Doc ids of two, three or four bytes. */
static bool decode_plain(const uint8_t *content, int width, Decoded *decoded)
{
    for (npy_intp i = 0; i < decoded->count; i++) {
        if (!add_doc_id(decoded, read_uint(content + i * width, width))) {
            return false;
        }
    }
    return true;
}

/* Gaps of one or two bytes; a gap is the number of documents between two doc ids. */
static bool decode_gaps(const uint8_t *content, int width, Decoded *decoded)
{
    for (npy_intp i = 0; i < decoded->count; i++) {
        if (!add_doc_id(decoded, decoded->last + 1 + read_uint(content + i * width, width))) {
            return false;
        }
    }
    return true;
}

/* Gaps of a byte or a nibble; the highest value, 255 or 15, skips that many documents. */
static bool decode_steps(const uint8_t *content, npy_intp size, bool nibbles, Decoded *decoded)
{
    const unsigned skip = nibbles ? 15 : 255;
    int64_t before = -1;
    for (npy_intp i = 0; i < (nibbles ? 2 * size : size); i++) {
        const unsigned step = nibbles ? content[i / 2] >> 4 * (i % 2) & 15 : content[i];
        if (step == skip) {
            before += skip;
        } else if (add_doc_id(decoded, before + 1 + step)) {
            before += 1 + step;
        } else {
            return false;
        }
    }
    return true;
}

PyObject *decode_doc_ids(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    npy_intp size;
    const uint8_t *content =
        check_argument_count(count, 3) ? array_of(arguments[0], 'u', 1, &size) : NULL;
    const npy_intp expected = content ? read_size(arguments[1]) : -1;
    const npy_intp documents = expected < 0 ? -1 : read_size(arguments[2]);
    if (documents < 0) {
        return NULL;
    }
    /* Every codec takes at least one bit for a posting. */
    if (documents > INT32_MAX || expected / 8 > size) {
        return value_error("there are more postings than bits");
    }
    PyObject *found = new_array(expected, NPY_INT32);
    if (!found) {
        return NULL;
    }
    Decoded decoded = {.out = PyArray_DATA((PyArrayObject *)found), .count = expected,
                       .last = -1, .documents = documents};
    const int width = documents <= 1 << 16 ? 2 : documents <= 1 << 24 ? 3 : 4;
    bool valid;
    if (size == (documents + 7) / 8) {
        valid = decode_bits(content, size, &decoded);
    } else if (size == expected * width) {
        valid = decode_plain(content, width, &decoded);
    } else if (size == expected || size == expected * 2) {
        valid = decode_gaps(content, size == expected ? 1 : 2, &decoded);
    } else {
        valid = decode_steps(content, size, size < expected, &decoded);
    }
    if (!valid || decoded.found != expected) {
        Py_DECREF(found);
        return value_error("doc ids do not ascend, are too high, or are not as many as postings");
    }
    return found;
}

/* Write the numbers [start, stop), each plus `added`; false if the sections are inconsistent. */
static bool unpack_numbers(const Sections *sections, npy_intp start, npy_intp stop, int32_t added,
                           int32_t *out)
{
    const npy_intp block = start / RANK_BITS;
    if (!contain_numbers(sections, start, stop)) {
        return false;
    }
    uint64_t high_at = sections->ranks[block];
    for (npy_intp i = block * RANK_BITS; i < start; i++) {
        high_at += sections->has_high[i / 8] >> (i % 8) & 1;
    }
    for (npy_intp i = start; i < stop; i++) {
        out[i - start] = (sections->low ? sections->low[i] : 0) + added;
    }
    const int low_bits = sections->low ? 8 : 0;
    for (npy_intp byte = start / 8; byte * 8 < stop; byte++) {
        unsigned left = sections->has_high[byte] & (byte == start / 8 ? 0xffu << start % 8 : 0xffu);
        for (; left; left &= left - 1, high_at++) {
            const npy_intp i = byte * 8 + __builtin_ctz(left);
            if (i >= stop) {
                break;
            }
            if (high_at / 2 >= (uint64_t)sections->high_size) {
                return false;
            }
            const int high = sections->high[high_at / 2] >> 4 * (high_at % 2) & 15;
            out[i - start] += ((high + 1) & 15) << low_bits;
        }
    }
    npy_intp exception =
        gallop_uint32(sections->exceptions, sections->exceptions_size, 0, (uint32_t)start);
    for (; exception < sections->exceptions_size && sections->exceptions[exception] < stop;
         exception++) {
        const npy_intp i = sections->exceptions[exception];
        if (i < start) {
            return false; /* the exceptions do not ascend */
        }
        out[i - start] = (int32_t)sections->values[exception] + added;
    }
    return true;
}

PyObject *unpack(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    Sections sections = {0};
    const npy_intp start = check_argument_count(count, 9) ? read_size(arguments[6]) : -1;
    const npy_intp stop = start < 0 ? -1 : read_size(arguments[7]);
    const npy_intp added = stop < 0 ? -1 : read_size(arguments[8]);
    if (added < 0 || !read_sections(arguments, &sections)) {
        return NULL;
    }
    if (stop < start) {
        return value_error("a slice ends before it starts");
    }
    if (stop > sections.has_high_size * 8) { /* before an array of that length is allocated */
        return value_error("a section is too short");
    }
    PyObject *found = new_array(stop - start, NPY_INT32);
    if (found
        && !unpack_numbers(&sections, start, stop, (int32_t)added,
                           PyArray_DATA((PyArrayObject *)found))) {
        Py_DECREF(found);
        return value_error("its sections are inconsistent");
    }
    return found;
}

PyObject *pack_positions(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    npy_intp documents, counts, occurrences;
    const int32_t *ids =
        check_argument_count(count, 5) ? array_of(arguments[0], 'i', 4, &documents) : NULL;
    const int32_t *frequencies = ids ? array_of(arguments[1], 'i', 4, &counts) : NULL;
    const int32_t *positions = frequencies ? array_of(arguments[2], 'i', 4, &occurrences) : NULL;
    const npy_intp bits = positions ? read_size(arguments[3]) : -1;
    const npy_intp width = bits < 0 ? -1 : read_size(arguments[4]);
    if (width < 0) {
        return NULL;
    }
    int64_t total = 0;
    for (npy_intp i = 0; i < counts; i++) {
        total += frequencies[i] > 0 ? frequencies[i] : occurrences + 1;
    }
    if (documents != counts || total != occurrences || bits > 32) {
        return value_error("frequencies and positions are inconsistent");
    }
    PyObject *found = new_array(occurrences, width == 4 ? NPY_UINT32 : NPY_UINT64);
    uint32_t *narrow = found ? PyArray_DATA((PyArrayObject *)found) : NULL;
    uint64_t *wide = found ? PyArray_DATA((PyArrayObject *)found) : NULL;
    for (npy_intp i = 0, next = 0; found && i < documents; i++) {
        const uint64_t first = (uint64_t)(uint32_t)ids[i] << bits;
        for (int32_t each = 0; each < frequencies[i]; each++, next++) {
            const uint64_t packed = first | (uint32_t)positions[next];
            if (width == 4) {
                narrow[next] = (uint32_t)packed;
            } else {
                wide[next] = packed;
            }
        }
    }
    return found;
}

PyObject *lower_bound(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    npy_intp size, bounds;
    const uint8_t *content =
        check_argument_count(count, 4) ? array_of(arguments[0], 'u', 1, &size) : NULL;
    const uint32_t *starts = content ? array_of(arguments[1], 'u', 4, &bounds) : NULL;
    char *term;
    Py_ssize_t length;
    if (!starts || PyBytes_AsStringAndSize(arguments[2], &term, &length) < 0) {
        return NULL;
    }
    npy_intp low = read_size(arguments[3]), high = bounds - 1;
    if (low < 0) {
        return NULL;
    }
    while (low < high) {
        const npy_intp middle = low + (high - low) / 2;
        const size_t start = starts[middle], end = starts[middle + 1];
        if (start > end || end > (size_t)size) {
            return value_error("the offsets of the terms are inconsistent");
        }
        const size_t shorter = end - start < (size_t)length ? end - start : (size_t)length;
        const int order = memcmp(content + start, term, shorter);
        if (order < 0 || (order == 0 && end - start < (size_t)length)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return PyLong_FromSsize_t(low);
}
