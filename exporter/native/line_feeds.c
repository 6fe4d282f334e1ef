/* Where the lines of a block end: one pass over its bytes, of which the C library looks at many at once. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <stdint.h>
#include <string.h>

/* Write down where line feeds are, of as many as there is room for; return how many there are. */
static Py_ssize_t find_all(const char *block, Py_ssize_t size, int64_t *places, Py_ssize_t room)
{
    const char *at = block, *end = block + size;
    Py_ssize_t count = 0;
    while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        if (count < room)
            places[count] = at - block;
        count++;
        at++;
    }
    return count;
}

PyDoc_STRVAR(find_doc,
             "find(block, places) -> int\n\n"
             "Write into ``places`` (n,), int64, where the first n line feeds of a block of bytes are; return how many there are\n"
             "in all.");

static PyObject *find(PyObject *module, PyObject *arguments)
{
    Py_buffer block, places;
    Py_ssize_t count;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "y*w*", &block, &places))
        return NULL;
    count = find_all(block.buf, block.len, places.buf, places.len / (Py_ssize_t)sizeof(int64_t));
    PyBuffer_Release(&block);
    PyBuffer_Release(&places);
    return PyLong_FromSsize_t(count);
}

static PyMethodDef functions[] = {
    {"find", find, METH_VARARGS, find_doc},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_line_feeds",
    .m_doc = "Where the lines of a block end.",
    .m_methods = functions,
};

PyMODINIT_FUNC PyInit__line_feeds(void)
{
    return PyModule_Create(&module);
}
