/* The words of a text that are among the terms of a query. */
#include "kernels.h"

/* No plain character is above, and no syllable of Vietnamese is half as long as the second. */
enum { PLAIN_CHARACTERS = 0x2030, MAX_TERM_CHARACTERS = 24 };

static uint16_t lower_of[PLAIN_CHARACTERS];
static bool is_plain[PLAIN_CHARACTERS], is_word[PLAIN_CHARACTERS];

/* Return whether a character is ASCII other than "_", a letter of Vietnamese, or common punctuation.
 *
 * The lower case of each is one character, and none has a second encoding that would have to be
 * composed first. */
static bool is_plain_character(Py_UCS4 c)
{
    static const uint16_t ranges[][2] = {
        {0x00, 0x5e}, {0x60, 0x7f}, {0xa0, 0xa0}, {0xab, 0xab}, {0xb0, 0xb0}, {0xb7, 0xb7},
        {0xbb, 0xbb}, {0xc0, 0xcf}, {0xd1, 0xef}, {0xf1, 0xfd}, {0x102, 0x103}, {0x110, 0x111},
        {0x128, 0x129}, {0x168, 0x169}, {0x1a0, 0x1a1}, {0x1af, 0x1b0}, {0x1ea0, 0x1ef9},
        {0x2013, 0x2014}, {0x2018, 0x2019}, {0x201c, 0x201d}, {0x2026, 0x2026},
    };
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        if (c >= ranges[i][0] && c <= ranges[i][1]) {
            return true;
        }
    }
    return false;
}

void prepare_text(void)
{
    for (Py_UCS4 c = 0; c < PLAIN_CHARACTERS; c++) {
        is_plain[c] = is_plain_character(c);
        is_word[c] = Py_UNICODE_ISALNUM(c);
        lower_of[c] = (uint16_t)Py_UNICODE_TOLOWER(c);
    }
}

typedef struct {
    uint64_t bits[16];
} Filter; /* a Bloom filter of the terms: about one in twenty other words passes */

static const uint32_t FNV_OFFSET = 2166136261u, FNV_PRIME = 16777619u;

static inline uint32_t next_hash(uint32_t hash, Py_UCS4 c)
{
    return (hash ^ c) * FNV_PRIME; /* FNV-1a, of code points */
}

static inline uint64_t *filter_word(Filter *filter, uint32_t hash, uint64_t *bit)
{
    const uint32_t mixed = hash ^ hash >> 16;
    *bit = (uint64_t)1 << (mixed & 63);
    return &filter->bits[mixed >> 6 & 15];
}

/* Add the keys to a filter; false if one is empty, too long, or has characters other than of words. */
static bool fill_filter(Filter *filter, PyObject *term_of)
{
    PyObject *form, *term;
    Py_ssize_t place = 0;
    while (PyDict_Next(term_of, &place, &form, &term)) {
        if (!PyUnicode_Check(form)) {
            return false;
        }
        const Py_ssize_t length = PyUnicode_GET_LENGTH(form);
        uint32_t hash = FNV_OFFSET;
        if (length == 0 || length > MAX_TERM_CHARACTERS) {
            return false;
        }
        for (Py_ssize_t i = 0; i < length; i++) {
            const Py_UCS4 c = PyUnicode_READ_CHAR(form, i);
            if (c >= PLAIN_CHARACTERS || !is_word[c]) {
                return false;
            }
            hash = next_hash(hash, c);
        }
        uint64_t bit;
        *filter_word(filter, hash, &bit) |= bit;
    }
    return true;
}

/* Append (start, end, term) to a list if a word is a key of `term_of`; false with an exception. */
static bool add_term(PyObject *found, PyObject *term_of, const uint16_t *word, Py_ssize_t start,
                     Py_ssize_t end)
{
    PyObject *spelling = PyUnicode_FromKindAndData(PyUnicode_2BYTE_KIND, word, end - start);
    PyObject *term = spelling ? PyDict_GetItemWithError(term_of, spelling) : NULL;
    Py_XDECREF(spelling);
    if (!term) {
        return !PyErr_Occurred();
    }
    PyObject *span = Py_BuildValue("nnO", start, end, term);
    const bool added = span && PyList_Append(found, span) == 0;
    Py_XDECREF(span);
    return added;
}

PyObject *find_terms(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    if (!check_argument_count(count, 2)) {
        return NULL;
    }
    if (!PyUnicode_Check(arguments[0]) || !PyDict_Check(arguments[1])) {
        PyErr_SetString(PyExc_TypeError, "expected a str and a dict");
        return NULL;
    }
    Filter filter = {{0}};
    if (!fill_filter(&filter, arguments[1])) {
        return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
    }
    const int kind = PyUnicode_KIND(arguments[0]);
    const void *text = PyUnicode_DATA(arguments[0]);
    const Py_ssize_t length = PyUnicode_GET_LENGTH(arguments[0]);
    PyObject *found = PyList_New(0);
    uint16_t word[MAX_TERM_CHARACTERS];
    uint32_t hash = FNV_OFFSET;
    Py_ssize_t start = 0;
    for (Py_ssize_t i = 0; found && i <= length; i++) {
        const Py_UCS4 c = i < length ? PyUnicode_READ(kind, text, i) : ' ';
        if (c >= PLAIN_CHARACTERS || !is_plain[c]) {
            Py_SETREF(found, Py_NewRef(Py_None)); /* the caller normalises the text first */
            break;
        }
        if (is_word[c]) {
            if (i - start < MAX_TERM_CHARACTERS) {
                word[i - start] = lower_of[c];
                hash = next_hash(hash, lower_of[c]);
            }
            continue;
        }
        uint64_t bit;
        if (i > start && i - start <= MAX_TERM_CHARACTERS && *filter_word(&filter, hash, &bit) & bit
            && !add_term(found, arguments[1], word, start, i)) {
            Py_CLEAR(found);
        }
        hash = FNV_OFFSET;
        start = i + 1;
    }
    return found;
}
