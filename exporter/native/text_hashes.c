/* Hashes of many short texts at once: XXH3 in 64 bits with a seed (Y. Collet, https://github.com/Cyan4973/xxHash, the
 * specification in doc/xxhash_spec.md), for the lengths that identifiers have. All others are left to the library. */

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

/* The lengths for which the specification mixes 16 bytes at a time from both ends. */
#define SHORTEST 17
#define LONGEST 64

#define PRIME64_1 0x9E3779B185EBCA87ull
#define PRIME_MX1 0x165667919E3779F9ull

/* The part of the default secret that such lengths use. */
static const uint8_t secret[64] = {
    0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c,
    0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f,
    0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21,
    0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c,
};

static inline uint64_t eight_bytes(const void *at)
{
    uint64_t word;
    memcpy(&word, at, 8);
    return word;
}

static inline uint64_t mixed(const char *text, const uint8_t *key, uint64_t seed)
{
    unsigned __int128 product = (unsigned __int128)(eight_bytes(text) ^ (eight_bytes(key) + seed)) *
                                (eight_bytes(text + 8) ^ (eight_bytes(key + 8) - seed));
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t hash_of(const char *text, size_t length, uint64_t seed)
{
    uint64_t hash = length * PRIME64_1;
    /* From the outside to the middle: pairs of 16 bytes, one from either end. */
    for (size_t pair = (length - 1) / 32 + 1; pair-- > 0;) {
        hash += mixed(text + 16 * pair, secret + 32 * pair, seed);
        hash += mixed(text + length - 16 * (pair + 1), secret + 32 * pair + 16, seed);
    }
    hash ^= hash >> 37;
    hash *= PRIME_MX1;
    return hash ^ hash >> 32;
}

static int append_number(PyObject *list, Py_ssize_t value)
{
    PyObject *number = PyLong_FromSsize_t(value);
    int outcome = number == NULL ? -1 : PyList_Append(list, number);
    Py_XDECREF(number);
    return outcome;
}

PyDoc_STRVAR(hash_doc,
             "hash_texts(texts, seed, hashes) -> list\n\n"
             "Write the XXH3 of each of some texts, a list of n, into ``hashes`` (n,), uint64; return which of them are left to\n"
             "others: what is no str, is not plain Unicode, or has fewer than 17 or more than 64 bytes in UTF-8.");

static PyObject *hash_texts(PyObject *module, PyObject *arguments)
{
    PyObject *texts, *left;
    Py_buffer hashes;
    unsigned long long seed;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "O!Kw*", &PyList_Type, &texts, &seed, &hashes))
        return NULL;
    left = PyList_New(0);
    if (left != NULL && hashes.len != 8 * PyList_Size(texts)) {
        PyErr_SetString(PyExc_ValueError, "there are not as many hashes as texts");
        Py_CLEAR(left);
    }
    for (Py_ssize_t i = 0; left != NULL && i < PyList_Size(texts); i++) {
        PyObject *each = PyList_GetItem(texts, i);
        Py_ssize_t length = 0;
        const char *text = PyUnicode_Check(each) ? PyUnicode_AsUTF8AndSize(each, &length) : NULL;
        if (text != NULL && length >= SHORTEST && length <= LONGEST) {
            ((uint64_t *)hashes.buf)[i] = hash_of(text, (size_t)length, seed);
            continue;
        }
        PyErr_Clear();
        if (append_number(left, i) < 0)
            Py_CLEAR(left);
    }
    PyBuffer_Release(&hashes);
    return left;
}

PyDoc_STRVAR(hash_pieces_doc,
             "hash_pieces(block, places, seed, hashes) -> list\n\n"
             "The same of pieces of a block of bytes that start and stop at ``places`` (2, n), int64; those that start before\n"
             "its beginning are left to others, too.");

/* Hash the pieces, of which there are as many as hashes; return which are left, NULL with an exception set. */
static PyObject *hash_each(PyObject *block, const int64_t *starts, const Py_buffer *hashes, uint64_t seed)
{
    Py_ssize_t count = hashes->len / 8, size = PyBytes_Size(block);
    const int64_t *stops = starts + count;
    const char *text = PyBytes_AsString(block);
    PyObject *left = PyList_New(0);
    for (Py_ssize_t i = 0; left != NULL && i < count; i++) {
        if (starts[i] >= 0 && (stops[i] < starts[i] || stops[i] > size)) {
            PyErr_SetString(PyExc_ValueError, "a piece is not in the block");
            Py_CLEAR(left);
        }
        else if (starts[i] < 0 || stops[i] - starts[i] < SHORTEST || stops[i] - starts[i] > LONGEST) {
            if (append_number(left, i) < 0)
                Py_CLEAR(left);
        }
        else
            ((uint64_t *)hashes->buf)[i] = hash_of(text + starts[i], (size_t)(stops[i] - starts[i]), seed);
    }
    return left;
}

static PyObject *hash_pieces(PyObject *module, PyObject *arguments)
{
    PyObject *block, *left = NULL;
    Py_buffer places, hashes;
    unsigned long long seed;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "Sy*Kw*", &block, &places, &seed, &hashes))
        return NULL;
    if (places.len != 2 * hashes.len)
        PyErr_SetString(PyExc_ValueError, "there are not as many hashes as pieces");
    else
        left = hash_each(block, places.buf, &hashes, seed);
    PyBuffer_Release(&places);
    PyBuffer_Release(&hashes);
    return left;
}

static PyMethodDef functions[] = {
    {"hash_texts", hash_texts, METH_VARARGS, hash_doc},
    {"hash_pieces", hash_pieces, METH_VARARGS, hash_pieces_doc},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_text_hashes",
    .m_doc = "Hashes of many texts at once.",
    .m_methods = functions,
};

PyMODINIT_FUNC PyInit__text_hashes(void)
{
    return PyModule_Create(&module);
}
