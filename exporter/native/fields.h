/* What is wanted of a line: its fields, and where their values go. */

#ifndef DRIFTBELL_FIELDS_H
#define DRIFTBELL_FIELDS_H

#include <Python.h>
#include <stdint.h>

#include "moment.h"
#include "number.h"
#include "tokens.h"

/* What becomes of a field: doubles; int64 microseconds, of local times with a mark behind them all; int32 numbers of
 * distinct values; int64 places of plain texts in the block, where they start and then where they stop, or -1, -2, … for
 * the other identifiers, which are objects; objects alone. */
typedef enum { NUMBER, MOMENT, LOCAL, EPOCH, CATEGORY, STATUS, IDENTIFIER, SCORES, KINDS } Kind;

typedef struct Field Field;

struct Field {
    Kind kind;
    int is_required;
    uint64_t line;      /* the last line that had it */
    void *cells;        /* during a call: those of the column */
    Tokens tokens;
    Date date;
    int is_double;      /* of a category: there can be nothing but numbers, which are read as doubles */
    int64_t multiplier; /* of times since the epoch: to microseconds; 0 for nanoseconds */
    double factor;
    PyObject *decode;   /* what makes an object of what is not read here */
    Py_buffer column;   /* during a call: where its values go, unless it has a list alone */
    PyObject *values;   /* during a call: a list of its distinct values, or of all that have no place elsewhere */
    Py_ssize_t rows;
    /* Of a line that is not read to its end: what is to be kept of it then, and which field waits as well. */
    Token token;
    PyObject *object;
    Field *waiting;
};

/* What all fields are read with. */
typedef struct {
    uint64_t hash_key;
    PowerOfFive powers[GREATEST_POWER - LEAST_POWER + 1];
} Tools;

/* The line that is being read. */
typedef struct {
    const char *text, *end;
    int64_t start; /* where it does in the block */
    uint64_t number;
    Py_ssize_t row;
    const Tools *tools;
    Field *fields;
    Field *waiting; /* the first of those with something that is kept only when all of the line is read */
    int found;      /* how many fields it has */
} Line;

static inline int has_numbered_values(const Field *field)
{
    return field->kind == CATEGORY || field->kind == STATUS;
}

static inline int has_list_alone(const Field *field)
{
    return field->kind == SCORES;
}

static inline Py_ssize_t bytes_of_row(const Field *field)
{
    return has_numbered_values(field) ? 4 : field->kind == LOCAL || field->kind == IDENTIFIER ? 16 : 8;
}

/* Take hold of a field's pair of a column and a list, each of which may be None. */
static int take_hold(Field *field, PyObject *pair, Py_ssize_t rows)
{
    PyObject *column, *values;
    int has_list = has_numbered_values(field) || field->kind == IDENTIFIER || has_list_alone(field);
    field->rows = rows;
    if (!PyTuple_Check(pair)) {
        PyErr_SetString(PyExc_TypeError, "a column and its list are a tuple");
        return -1;
    }
    if (!PyArg_ParseTuple(pair, "OO", &column, &values))
        return -1;
    if (has_list && !PyList_Check(values)) {
        PyErr_SetString(PyExc_TypeError, "a list is missing");
        return -1;
    }
    if (!has_list_alone(field) && PyObject_GetBuffer(column, &field->column, PyBUF_WRITABLE) < 0)
        return -1;
    if (field->column.obj != NULL && field->column.len != rows * bytes_of_row(field)) {
        PyErr_SetString(PyExc_ValueError, "a column is too short or too long");
        return -1;
    }
    Py_INCREF(values);
    field->values = values;
    field->cells = field->column.buf;
    return 0;
}

static void let_go(Field *field)
{
    if (field->column.obj != NULL)
        PyBuffer_Release(&field->column);
    Py_CLEAR(field->values);
    clear_tokens(&field->tokens);
}

#endif
