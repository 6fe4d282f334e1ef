/* Arrays that Python hands in, of types that the functions know. */

#ifndef DRIFTBELL_BUFFERS_H
#define DRIFTBELL_BUFFERS_H

#include <Python.h>

/* How many numbers an array holds. */
static Py_ssize_t length_of(const Py_buffer *array, size_t size)
{
    return array->len / (Py_ssize_t)size;
}

/* Return None, or NULL with an exception, once the arrays are let go of. */
static PyObject *done(Py_buffer *arrays, int count, int is_right)
{
    for (int i = 0; i < count; i++)
        PyBuffer_Release(&arrays[i]);
    if (is_right)
        Py_RETURN_NONE;
    if (!PyErr_Occurred())
        PyErr_SetString(PyExc_ValueError, "the arrays do not belong together");
    return NULL;
}

#endif
