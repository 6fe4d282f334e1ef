/* The distinct texts of an Arrow array, and which of them each row has: what `dictionary_encode` does, and faster where they
 * are short and few, as categories are. The layout is that of Arrow's columnar format
 * (https://arrow.apache.org/docs/format/Columnar.html): offsets of 4 or 8 bytes, the texts behind each other, and a bit for
 * each row that is set where it has a text. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <stdint.h>
#include <string.h>

#ifndef __SIZEOF_INT128__
#error "this needs a compiler with 128-bit integers"
#endif
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "this reads numbers as little-endian machines have them"
#endif

#define FAILED (-1)
#define NULL_TEXT (-1)

/* What is seldom called is kept out of the loop, which has better use for the registers. */
#define NOT_INLINE __attribute__((noinline))

/* So many bytes are told apart by two words. */
#define SHORT 16
#define FEWEST_CELLS 512

typedef struct {
    const void *offsets;
    const char *data;
    size_t size;
    const uint8_t *validity;
    Py_ssize_t first, count;
} Array;

typedef struct {
    const char *start;
    size_t length;
} Text;

/* A short text's bytes, with zeros behind; of a longer one a hash of all bytes, and the last of them. */
typedef struct {
    uint64_t low, high, length;
} Brief;

typedef struct {
    Brief brief;
    uint64_t behind; /* the number of the text, and one more; 0 where there is none */
} Cell;

/* Open addressing; `mask` is the number of cells, a power of two, less one. There are at least twice as many as texts. */
typedef struct {
    Cell *cells;
    Text *texts;
    size_t mask, count;
    uint64_t key;
} Distinct;

static inline uint64_t eight_bytes(const char *at)
{
    uint64_t word;
    memcpy(&word, at, 8);
    return word;
}

static inline uint64_t folded(uint64_t one, uint64_t other)
{
    unsigned __int128 product = (unsigned __int128)one * other;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Both hashes are keyed: who writes a log must not be able to choose where its texts go. */
static uint64_t hash_of_long(const char *text, size_t length, uint64_t key)
{
    uint64_t hash = key;
    for (size_t i = 0; i + 16 < length; i += 16)
        hash = folded(eight_bytes(text + i) ^ hash, eight_bytes(text + i + 8) ^ key) ^ key;
    text += length - 16;
    return folded(eight_bytes(text) ^ hash, eight_bytes(text + 8) ^ key);
}

static inline uint64_t hash_of(Brief brief, uint64_t key)
{
    return folded(brief.low ^ key, brief.high ^ brief.length << 56 ^ (key >> 32 | key << 32));
}

/* Return what stands for a text at the end of the array, behind which nothing may be read. */
NOT_INLINE static Brief brief_of_last(const char *text, size_t length)
{
    char bytes[SHORT] = {0};
    memcpy(bytes, text, length);
    return (Brief){eight_bytes(bytes), eight_bytes(bytes + 8), length};
}

/* Return what stands for a text, of which `readable` bytes may be read, within it and behind it. */
static inline Brief brief_of(const char *text, size_t length, size_t readable, uint64_t key)
{
    static const char masks[2 * SHORT] = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff";
    if (length > SHORT)
        return (Brief){hash_of_long(text, length, key), eight_bytes(text + length - 8), length};
    if (readable < SHORT)
        return brief_of_last(text, length);
    return (Brief){eight_bytes(text) & eight_bytes(masks + SHORT - length),
                   eight_bytes(text + 8) & eight_bytes(masks + SHORT + 8 - length), length};
}

static inline size_t place_of(const Distinct *distinct, Brief brief)
{
    return hash_of(brief, distinct->key) & distinct->mask;
}

static inline int is_of(const Distinct *distinct, const Cell *cell, Brief brief, const char *text)
{
    return cell->brief.low == brief.low && cell->brief.high == brief.high && cell->brief.length == brief.length &&
           cell->behind != 0 &&
           (brief.length <= SHORT || memcmp(distinct->texts[cell->behind - 1].start, text, brief.length) == 0);
}

/* Return the cell that a text has, or the empty one that it should have. */
static Cell *cell_of(const Distinct *distinct, Brief brief, const char *text)
{
    size_t place = place_of(distinct, brief);
    while (distinct->cells[place].behind != 0 && !is_of(distinct, &distinct->cells[place], brief, text))
        place = (place + 1) & distinct->mask;
    return &distinct->cells[place];
}

/* Make room for as many texts again; return 0, or FAILED with an exception set. */
static int grow(Distinct *distinct)
{
    size_t old = distinct->cells == NULL ? 0 : distinct->mask + 1, size = old ? 2 * old : FEWEST_CELLS;
    Cell *cells = PyMem_Calloc(size, sizeof *cells), *before = distinct->cells;
    Text *texts = PyMem_Realloc(distinct->texts, size / 2 * sizeof *texts);
    if (texts != NULL)
        distinct->texts = texts;
    if (cells == NULL || texts == NULL) {
        PyMem_Free(cells);
        PyErr_NoMemory();
        return FAILED;
    }
    distinct->cells = cells;
    distinct->mask = size - 1;
    for (size_t i = 0; i < old; i++)
        if (before[i].behind != 0)
            *cell_of(distinct, before[i].brief, texts[before[i].behind - 1].start) = before[i];
    PyMem_Free(before);
    return 0;
}

/* Return the number of a text that is not in the first cell it could be in, and may have none yet; FAILED with an exception
 * set. */
NOT_INLINE static int32_t searched(Distinct *distinct, Brief brief, const char *text)
{
    const Cell *cell = cell_of(distinct, brief, text);
    if (cell->behind != 0)
        return (int32_t)(cell->behind - 1);
    if (2 * distinct->count > distinct->mask && grow(distinct) < 0)
        return FAILED;
    distinct->texts[distinct->count] = (Text){text, brief.length};
    *cell_of(distinct, brief, text) = (Cell){brief, distinct->count + 1};
    return (int32_t)distinct->count++;
}

static inline int32_t number_of(Distinct *distinct, const char *text, size_t length, size_t readable)
{
    const Brief brief = brief_of(text, length, readable, distinct->key);
    const Cell *first = &distinct->cells[place_of(distinct, brief)];
    return is_of(distinct, first, brief, text) ? (int32_t)(first->behind - 1) : searched(distinct, brief, text);
}

/* Return where a text begins; what is less than nothing becomes huge. */
static inline uint64_t offset_at(const Array *array, int is_large, Py_ssize_t row)
{
    return is_large ? (uint64_t)((const int64_t *)array->offsets)[array->first + row]
                    : (uint64_t)((const int32_t *)array->offsets)[array->first + row];
}

static inline int is_null(const Array *array, Py_ssize_t row)
{
    size_t bit = (size_t)(array->first + row);
    return array->validity != NULL && !(array->validity[bit / 8] >> bit % 8 & 1);
}

/* Write down the number of each row's text, NULL_TEXT for null. */
static inline int number_rows(const Array *array, int is_large, Distinct *distinct, int64_t *places)
{
    const char *data = array->data;
    const size_t size = array->size;
    uint64_t start, stop = offset_at(array, is_large, 0);
    for (Py_ssize_t row = 0; row < array->count; row++) {
        start = stop;
        stop = offset_at(array, is_large, row + 1);
        if (is_null(array, row)) {
            places[row] = NULL_TEXT;
            continue;
        }
        if (stop < start || stop > size) {
            PyErr_SetString(PyExc_ValueError, "a text lies outside of its array");
            return FAILED;
        }
        places[row] = number_of(distinct, data + start, stop - start, size - start);
        if (places[row] < 0)
            return FAILED;
    }
    return 0;
}

static void number_nulls(int64_t *places, Py_ssize_t count, int64_t number)
{
    for (Py_ssize_t row = 0; row < count; row++)
        places[row] = places[row] == NULL_TEXT ? number : places[row];
}

static PyObject *list_of(const Distinct *distinct)
{
    PyObject *texts = PyList_New((Py_ssize_t)distinct->count);
    for (size_t i = 0; texts != NULL && i < distinct->count; i++) {
        const Text *each = &distinct->texts[i];
        PyObject *text = PyUnicode_DecodeUTF8(each->start, (Py_ssize_t)each->length, NULL);
        if (text == NULL)
            Py_CLEAR(texts);
        else
            PyList_SetItem(texts, (Py_ssize_t)i, text);
    }
    return texts;
}

static PyObject *encoded(const Array *array, int is_large, uint64_t key, int64_t *places)
{
    Distinct distinct = {.key = key};
    PyObject *texts = NULL;
    int outcome = grow(&distinct);
    if (outcome == 0)
        outcome = is_large ? number_rows(array, 1, &distinct, places) : number_rows(array, 0, &distinct, places);
    if (outcome == 0) {
        if (array->validity != NULL)
            number_nulls(places, array->count, (int64_t)distinct.count);
        texts = list_of(&distinct);
    }
    PyMem_Free(distinct.cells);
    PyMem_Free(distinct.texts);
    return texts;
}

static int fits(const Array *array, const Py_buffer *offsets, const Py_buffer *validity, const Py_buffer *places,
                Py_ssize_t width)
{
    Py_ssize_t limits = width == 4 || width == 8 ? offsets->len / width : 0;
    return array->first >= 0 && array->first < limits && array->count < limits - array->first &&
           array->count <= INT32_MAX && places->len == array->count * (Py_ssize_t)sizeof(int64_t) &&
           (validity->buf == NULL || validity->len >= (array->first + array->count + 7) / 8);
}

PyDoc_STRVAR(encode_doc,
             "encode(offsets, data, validity, width, first, places, key) -> list\n\n"
             "Return the distinct texts, in the order of their appearance, of as many rows as ``places`` (n,), int64, has room\n"
             "for, and write into it which one each row has; rows without one get the number of texts. The rest is what an\n"
             "Arrow array has: an offset takes ``width`` bytes, and the array begins at the ``first`` of its buffers' rows.\n"
             "``key`` is a secret number. Raises UnicodeDecodeError for what is no UTF-8, and ValueError for buffers that do\n"
             "not belong together.");

static PyObject *encode(PyObject *module, PyObject *arguments)
{
    Py_buffer offsets, data, validity, places;
    Py_ssize_t width;
    unsigned long long key;
    Array array;
    PyObject *texts = NULL;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "y*z*z*nnw*K", &offsets, &data, &validity, &width, &array.first, &places, &key))
        return NULL;
    array.offsets = offsets.buf;
    array.data = data.buf != NULL ? data.buf : "";
    array.size = data.buf != NULL ? (size_t)data.len : 0;
    array.validity = validity.buf;
    array.count = places.len / (Py_ssize_t)sizeof(int64_t);
    if (fits(&array, &offsets, &validity, &places, width))
        texts = encoded(&array, width == 8, key, places.buf);
    else
        PyErr_SetString(PyExc_ValueError, "the buffers do not belong together");
    PyBuffer_Release(&offsets);
    PyBuffer_Release(&data);
    PyBuffer_Release(&validity);
    PyBuffer_Release(&places);
    return texts;
}

static PyMethodDef functions[] = {
    {"encode", encode, METH_VARARGS, encode_doc},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_distinct_texts",
    .m_doc = "The distinct texts of an Arrow array.",
    .m_methods = functions,
};

PyMODINIT_FUNC PyInit__distinct_texts(void)
{
    return PyModule_Create(&module);
}
