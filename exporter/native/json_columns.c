/* JSON lines to columns, for the lines that are as they should be.
 *
 * A reader knows which values are wanted. It leaves to `json_lines.py` every line that is no JSON, lacks what it must have,
 * holds a value of another type than is expected, a key twice, or anything else that is rare. So it has no opinion on what
 * is wrong with a line; whatever it accepts it reads as the other way does. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <stdint.h>
#include <string.h>

#include "columns.h"
#include "keys.h"
#include "line.h"

typedef struct {
    PyObject_HEAD
    Tools tools;
    Node *root;
    Field *fields;
    int count, is_busy;
    uint64_t line;
} Reader;

/* Lines of a block: where each starts, and where it stops. */
typedef struct {
    const char *block;
    const int64_t *starts, *stops;
    Py_ssize_t count, size;
    /* What stands behind `tail_start`, with room behind it: where lines are that end too near to the end of the block. */
    char *tail;
    int64_t tail_start;
} Lines;

/* Say whether so many bytes can be read behind every place of a line as reading it takes. */
static inline int has_room_behind(const Lines *lines, Py_ssize_t row)
{
    return lines->stops[row] <= lines->size - PADDING;
}

/* Copy the lines that have no room behind them to where they have some; return -1 with an exception set. */
static int copy_tail(Lines *lines)
{
    int64_t first = lines->size;
    size_t size;
    for (Py_ssize_t row = 0; row < lines->count; row++)
        if (!has_room_behind(lines, row) && lines->starts[row] < first)
            first = lines->starts[row];
    size = (size_t)(lines->size - first);
    lines->tail_start = first;
    lines->tail = PyMem_Malloc(size + PADDING + 1);
    if (lines->tail == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    memcpy(lines->tail, lines->block + first, size);
    memset(lines->tail + size, 0, PADDING + 1);
    return 0;
}

/* Say whether a text ends where a line is to stop: reading goes on until then. */
static inline int is_end(const char *at)
{
    at += *at == '\r';
    return *at == '\n' || *at == '\0';
}

static int read_row(Reader *self, const Lines *lines, Py_ssize_t row)
{
    int64_t start = lines->starts[row], length = lines->stops[row] - start;
    const char *text = has_room_behind(lines, row) ? lines->block + start : lines->tail + (start - lines->tail_start);
    Line line = {.text = text,
                 .end = text + length,
                 .start = start,
                 .number = ++self->line,
                 .row = row,
                 .tools = &self->tools,
                 .fields = self->fields};
    return is_end(line.end) ? read_line(&line, self->root, self->count, text) : REFUSED;
}

/* A line that is left to others has its row in every list, too. */
static int leave_line(Reader *self, PyObject *left, Py_ssize_t row)
{
    PyObject *number = PyLong_FromSsize_t(row);
    int outcome = number == NULL ? -1 : PyList_Append(left, number);
    Py_XDECREF(number);
    for (int i = 0; i < self->count && outcome == 0; i++)
        if (has_list_alone(&self->fields[i]))
            outcome = PyList_Append(self->fields[i].values, Py_None);
    return outcome;
}

/* Return the numbers of the lines that are left to others, or None where these are more than `most`. */
static PyObject *read_lines(Reader *self, const Lines *lines, Py_ssize_t most)
{
    PyObject *left = PyList_New(0);
    for (Py_ssize_t row = 0; row < lines->count && left != NULL; row++) {
        int outcome = read_row(self, lines, row);
        if (outcome == FAILED || (outcome == REFUSED && leave_line(self, left, row) < 0))
            Py_CLEAR(left);
        else if (outcome == REFUSED && PyList_Size(left) > most) {
            Py_DECREF(left);
            Py_INCREF(Py_None);
            return Py_None;
        }
    }
    return left;
}

PyDoc_STRVAR(read_doc,
             "read(block, places, columns, most) -> list | None\n\n"
             "Read lines of a block of bytes, which start and stop at some ``places`` (2, n), int64; return the numbers of\n"
             "those that are left to others, which have room in the columns but no values there, or None where they are\n"
             "more than ``most``. ``columns`` has for each field an array (n,), or (2, n) for LOCAL and IDENTIFIER, and an\n"
             "empty list, either of which is None where it is not needed.");

/* Read the lines into columns, of which there are as many as fields. */
static PyObject *read_into(Reader *self, Lines *lines, PyObject *columns, Py_ssize_t most)
{
    PyObject *left = NULL;
    int is_held = copy_tail(lines) == 0;
    self->is_busy = 1;
    for (int i = 0; i < self->count && is_held; i++)
        is_held = take_hold(&self->fields[i], PyTuple_GetItem(columns, i), lines->count) == 0;
    if (is_held)
        left = read_lines(self, lines, most);
    for (int i = 0; i < self->count; i++)
        let_go(&self->fields[i]);
    PyMem_Free(lines->tail);
    self->is_busy = 0;
    return left;
}

/* Set the lines of a block; say whether all of them lie inside. */
static int set_lines(Lines *lines, PyObject *block, const Py_buffer *places)
{
    const int64_t *numbers = places->buf;
    Py_ssize_t count = places->len / (Py_ssize_t)(2 * sizeof *numbers), size = PyBytes_Size(block);
    *lines = (Lines){PyBytes_AsString(block), numbers, numbers + count, count, size, NULL, size};
    for (Py_ssize_t row = 0; row < count; row++)
        if (lines->starts[row] < 0 || lines->starts[row] > lines->stops[row] || lines->stops[row] > size)
            return 0;
    return 1;
}

static PyObject *reader_read(Reader *self, PyObject *arguments)
{
    PyObject *block, *columns, *left = NULL;
    Py_buffer places;
    Lines lines;
    Py_ssize_t most;
    if (!PyArg_ParseTuple(arguments, "Sy*O!n", &block, &places, &PyTuple_Type, &columns, &most))
        return NULL;
    if (PyTuple_Size(columns) != self->count)
        PyErr_SetString(PyExc_ValueError, "there are not as many columns as fields");
    else if (self->is_busy)
        PyErr_SetString(PyExc_RuntimeError, "a reader reads for one thread at a time");
    else if (!set_lines(&lines, block, &places))
        PyErr_SetString(PyExc_ValueError, "a line is not in the block");
    else
        left = read_into(self, &lines, columns, most);
    PyBuffer_Release(&places);
    return left;
}

static int set_field(Reader *self, PyObject *description, int number)
{
    Field *field = &self->fields[number];
    PyObject *path;
    int kind;
    if (!PyTuple_Check(description)) {
        PyErr_SetString(PyExc_TypeError, "a field is a tuple");
        return -1;
    }
    if (!PyArg_ParseTuple(description, "O!iiiLdO", &PyTuple_Type, &path, &kind, &field->is_required, &field->is_double,
                          &field->multiplier, &field->factor, &field->decode))
        return -1;
    Py_INCREF(field->decode);
    if (kind < 0 || kind >= KINDS || PyTuple_Size(path) < 1) {
        PyErr_SetString(PyExc_ValueError, "there is no such field");
        return -1;
    }
    field->kind = (Kind)kind;
    field->date.days = -1;
    return place_field(self->root, path, field);
}

static int set_up(Reader *self, PyObject *descriptions, const Py_buffer *powers)
{
    Py_ssize_t count = PyTuple_Size(descriptions);
    if (powers->len != sizeof self->tools.powers) {
        PyErr_SetString(PyExc_ValueError, "there are not as many powers of five");
        return -1;
    }
    memcpy(self->tools.powers, powers->buf, sizeof self->tools.powers);
    self->root = new_node(self->tools.hash_key);
    self->fields = PyMem_Calloc((size_t)count + 1, sizeof *self->fields);
    if (self->root == NULL)
        return -1;
    if (self->fields == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    self->count = (int)count;
    for (int i = 0; i < self->count; i++)
        if (set_field(self, PyTuple_GetItem(descriptions, i), i) < 0)
            return -1;
    return 0;
}

PyDoc_STRVAR(reader_doc,
             "Reader(fields, powers, hash_key)\n\n"
             "``fields`` are tuples of the path (a tuple of bytes, keys in quotes), the kind, whether it is required, whether\n"
             "there are but numbers, the whole and the broken factor to microseconds, and a function that makes an object of\n"
             "a piece of JSON, or None if it cannot; ``powers`` are those of five; ``hash_key`` 64 bits that nobody knows.");

static PyObject *reader_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    PyObject *descriptions;
    Py_buffer powers;
    unsigned long long hash_key;
    Reader *self;
    if (keywords != NULL && PyDict_Size(keywords)) {
        PyErr_SetString(PyExc_TypeError, "no argument has a name");
        return NULL;
    }
    if (!PyArg_ParseTuple(arguments, "O!y*K", &PyTuple_Type, &descriptions, &powers, &hash_key))
        return NULL;
    self = (Reader *)allocate(type, 0);
    if (self != NULL) {
        self->tools.hash_key = hash_key;
        if (set_up(self, descriptions, &powers) < 0)
            Py_CLEAR(self);
    }
    PyBuffer_Release(&powers);
    return (PyObject *)self;
}

static void reader_dealloc(Reader *self)
{
    PyTypeObject *type = Py_TYPE((PyObject *)self);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    for (int i = 0; i < self->count; i++) {
        free_tokens(&self->fields[i].tokens);
        Py_XDECREF(self->fields[i].decode);
    }
    free_node(self->root);
    PyMem_Free(self->fields);
    release(self);
    Py_DECREF(type);
}

static PyMethodDef reader_methods[] = {
    {"read", (PyCFunction)reader_read, METH_VARARGS, read_doc},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot reader_slots[] = {
    {Py_tp_doc, (void *)reader_doc},
    {Py_tp_new, reader_new},
    {Py_tp_dealloc, reader_dealloc},
    {Py_tp_methods, reader_methods},
    {0, NULL},
};

static PyType_Spec reader_spec = {
    .name = "exporter.decoders._json_columns.Reader",
    .basicsize = sizeof(Reader),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = reader_slots,
};

static int fill_module(PyObject *module)
{
    static const char *kinds[] = {"NUMBER", "MOMENT", "LOCAL", "EPOCH", "CATEGORY", "STATUS", "IDENTIFIER", "SCORES"};
    PyObject *type = PyType_FromModuleAndSpec(module, &reader_spec, NULL);
    int outcome = type == NULL ? -1 : PyModule_AddObjectRef(module, "Reader", type);
    Py_XDECREF(type);
    for (int kind = 0; kind < KINDS && outcome == 0; kind++)
        outcome = PyModule_AddIntConstant(module, kinds[kind], kind);
    if (outcome == 0)
        outcome = PyModule_AddIntConstant(module, "LEAST_POWER", LEAST_POWER);
    if (outcome == 0)
        outcome = PyModule_AddIntConstant(module, "GREATEST_POWER", GREATEST_POWER);
    return outcome;
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, fill_module},
    {0, NULL},
};

static PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_json_columns",
    .m_doc = "JSON lines to columns.",
    .m_slots = module_slots,
};

PyMODINIT_FUNC PyInit__json_columns(void)
{
    return PyModuleDef_Init(&module);
}
