/* Arrays of eight-byte numbers that Python hands in: of one type, in one piece, and placed as numbers have to be. */

#ifndef DRIFTBELL_ARRAYS_H
#define DRIFTBELL_ARRAYS_H

#include <stdint.h>

/* What the buffer protocol calls the types: int64 is long or long long. */
#define WHOLE "lq"
#define FLOATING "d"

/* Arrays that are held; `type` and `is_written` say what each has to be. */
typedef struct {
    const char *type;
    int is_written;
    Py_buffer buffer;
} Array;

static Py_ssize_t length_of(const Array *array)
{
    return array->buffer.len / 8;
}

static int is_right(const Array *array)
{
    const Py_buffer *buffer = &array->buffer;
    const char *format = buffer->format;
    return buffer->ndim == 1 && buffer->itemsize == 8 && format != NULL && format[0] != '\0' && format[1] == '\0' &&
           strchr(array->type, format[0]) != NULL && (uintptr_t)buffer->buf % 8 == 0;
}

static void let_go(Array *arrays, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count; i++)
        PyBuffer_Release(&arrays[i].buffer);
}

/* Take the first arguments as arrays; 0, and none is held, if they are not such: those are left to NumPy. */
static int take(PyObject *arguments, Array *arrays, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        int flags = PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | (arrays[i].is_written ? PyBUF_WRITABLE : 0);
        PyObject *each = PyTuple_GetItem(arguments, i);
        int is_held = each != NULL && PyObject_GetBuffer(each, &arrays[i].buffer, flags) == 0;
        if (is_held && is_right(&arrays[i]))
            continue;
        let_go(arrays, i + is_held);
        PyErr_Clear();
        return 0;
    }
    return 1;
}

#endif
