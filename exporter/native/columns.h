/* From the values of a line, as they are written, to a row of columns.
 *
 * First every value is looked at, and only when none is refused are they kept: a line that is left to others leaves no
 * trace among the distinct values. */

#ifndef DRIFTBELL_COLUMNS_H
#define DRIFTBELL_COLUMNS_H

#include <Python.h>
#include <math.h>
#include <stdint.h>

#include "line.h"
#include "moment.h"
#include "number.h"
#include "tokens.h"

/* What becomes of a field: doubles; int64 microseconds, of local times with a mark behind them all; int32 numbers of
 * distinct values; objects. */
typedef enum { NUMBER, MOMENT, LOCAL, EPOCH, CATEGORY, STATUS, IDENTIFIER, SCORES, KINDS } Kind;

/* What reading comes to: the line is left to others, is read, or there is an exception. */
enum { REFUSED = 0, READ = 1, FAILED = -1 };

typedef struct {
    Kind kind;
    int is_required;
    int is_double;      /* of a category: there can be nothing but numbers, which are read as doubles */
    int64_t multiplier; /* of times since the epoch: to microseconds; 0 for nanoseconds */
    double factor;
    PyObject *decode;   /* what makes an object of what is not read here */
    Py_buffer column;   /* during a call: where its values go, unless it has a list alone */
    PyObject *values;   /* during a call: a list of its distinct values, or of all of them */
    Py_ssize_t rows;
    Tokens tokens;
} Field;

/* What all fields are read with. */
typedef struct {
    uint64_t hash_key;
    PowerOfFive powers[GREATEST_POWER - LEAST_POWER + 1];
} Tools;

static inline int has_numbered_values(const Field *field)
{
    return field->kind == CATEGORY || field->kind == STATUS;
}

static inline int has_list_alone(const Field *field)
{
    return field->kind == IDENTIFIER || field->kind == SCORES;
}

static inline int is_absent(const Value *value)
{
    return value->type == 0 || value->type == 'n';
}

static int failed_or(int outcome)
{
    return PyErr_Occurred() ? FAILED : outcome;
}

/* Let Python make an object of a token; REFUSED where it says None. */
static int decoded_object(const Field *field, Value *value)
{
    value->object = PyObject_CallFunction(field->decode, "y#", value->token.text, (Py_ssize_t)value->token.length);
    if (value->object == NULL)
        return FAILED;
    if (value->object != Py_None)
        return READ;
    Py_CLEAR(value->object);
    return REFUSED;
}

static int string_object(const Field *field, Value *value)
{
    if (value->content)
        return decoded_object(field, value);
    value->object = PyUnicode_FromStringAndSize(value->token.text + 1, (Py_ssize_t)value->token.length - 2);
    return value->object == NULL ? FAILED : READ;
}

/* Make an object of a number: REFUSED where it is larger than usual. */
static int number_object(const Tools *tools, Value *value, int is_double)
{
    if (value->number.is_whole && !is_double) {
        int64_t whole = (int64_t)value->number.digits;
        if (value->number.count > MOST_WHOLE_DIGITS)
            return REFUSED;
        value->object = PyLong_FromLongLong(value->number.is_negative ? -whole : whole);
    }
    else {
        double number = value_of(&value->number, tools->powers);
        if (isinf(number) || (number == -1.0 && PyErr_Occurred()))
            return failed_or(REFUSED);
        value->object = PyFloat_FromDouble(number);
    }
    return value->object == NULL ? FAILED : READ;
}

static int scalar_object(const Tools *tools, const Field *field, Value *value)
{
    switch (value->type) {
    case '"':
        return string_object(field, value);
    case '0':
        return number_object(tools, value, field->is_double);
    case 't':
    case 'f':
        value->object = PyBool_FromLong(value->type == 't');
        return READ;
    case 'n':
    case 0:
        Py_INCREF(Py_None);
        value->object = Py_None;
        return READ;
    default:
        return REFUSED;
    }
}

static int take_number(const Tools *tools, const Field *field, const Value *value, Py_ssize_t row)
{
    double *column = field->column.buf;
    if (value->type != '0') {
        column[row] = NAN;
        return is_absent(value) || value->type == 'N';
    }
    column[row] = value_of(&value->number, tools->powers);
    if (column[row] == -1.0 && PyErr_Occurred())
        return FAILED;
    return !isinf(column[row]);
}

static int take_moment(const Field *field, const Value *value, Py_ssize_t row)
{
    const char *text = value->token.text;
    int64_t *column = field->column.buf;
    int is_local;
    if (value->type != '"' || !read_moment(text + 1, text + value->token.length - 1, &column[row], &is_local))
        return REFUSED;
    if (field->kind == LOCAL)
        column[field->rows + row] = is_local;
    return !is_local || (field->kind == LOCAL && column[row] >= FIRST_LOCAL);
}

/* Times out of the usual are left to others, who know what to say of them. */
static int take_epoch(const Tools *tools, const Field *field, const Value *value, Py_ssize_t row)
{
    int64_t *column = field->column.buf;
    if (value->type != '0' || value->number.is_negative)
        return REFUSED;
    if (value->number.is_whole) {
        uint64_t whole = value->number.digits, multiplier = field->multiplier ? (uint64_t)field->multiplier : 1;
        if (value->number.count > MOST_DIGITS || whole > INT64_MAX / multiplier)
            return REFUSED;
        column[row] = (int64_t)(field->multiplier ? whole * multiplier : whole / 1000);
    }
    else {
        double product = value_of(&value->number, tools->powers) * field->factor;
        if (!(product >= 0 && product < END_OF_TIME))
            return failed_or(REFUSED);
        column[row] = (int64_t)rint(product);
    }
    return column[row] < END_OF_TIME;
}

/* Find out the number of a category, or make the value that is to have the next one. */
static int take_category(const Tools *tools, Field *field, Value *value)
{
    if (is_absent(value))
        value->token = (Token){"null", 4};
    value->place = number_of(&field->tokens, &value->token, tools->hash_key);
    if (value->place != NOT_THERE)
        return READ;
    if (field->is_double && value->type != '0' && !is_absent(value))
        return REFUSED;
    return scalar_object(tools, field, value);
}

static int take_status(const Tools *tools, Field *field, Value *value)
{
    const Number *number = &value->number;
    if (value->type == '0' && !(number->is_whole && !number->is_negative && number->count == 3 &&
                                number->digits >= 100 && number->digits <= 599))
        return REFUSED;
    return value->type == '0' || is_absent(value) ? take_category(tools, field, value) : REFUSED;
}

static int take_identifier(const Tools *tools, const Field *field, Value *value)
{
    return value->type == '0' && !value->number.is_whole ? REFUSED : scalar_object(tools, field, value);
}

static int take_scores(const Tools *tools, const Field *field, Value *value)
{
    if (is_absent(value))
        return scalar_object(tools, field, value);
    return value->type == '{' || value->type == '[' ? decoded_object(field, value) : REFUSED;
}

static int take(const Tools *tools, Field *field, Value *value, Py_ssize_t row)
{
    if (field->is_required && (is_absent(value) || value->type == 'N'))
        return REFUSED;
    switch (field->kind) {
    case NUMBER:
        return take_number(tools, field, value, row);
    case MOMENT:
    case LOCAL:
        return take_moment(field, value, row);
    case EPOCH:
        return take_epoch(tools, field, value, row);
    case CATEGORY:
        return take_category(tools, field, value);
    case STATUS:
        return take_status(tools, field, value);
    case IDENTIFIER:
        return take_identifier(tools, field, value);
    default:
        return take_scores(tools, field, value);
    }
}

/* Keep what was made of a line of which nothing was refused. */
static int keep(const Tools *tools, Field *field, Value *value, Py_ssize_t row)
{
    if (value->object != NULL && PyList_Append(field->values, value->object) < 0)
        return FAILED;
    if (!has_numbered_values(field))
        return READ;
    if (value->place == NOT_THERE)
        value->place = add_token(&field->tokens, &value->token, tools->hash_key);
    ((int32_t *)field->column.buf)[row] = value->place;
    return value->place < 0 ? FAILED : READ;
}

/* Make a row of a line's values, or leave it. */
static int take_all(const Tools *tools, Field *fields, Value *values, int count, Py_ssize_t row)
{
    int outcome = READ;
    for (int i = 0; i < count && outcome == READ; i++)
        outcome = take(tools, &fields[i], &values[i], row);
    for (int i = 0; i < count && outcome == READ; i++)
        outcome = keep(tools, &fields[i], &values[i], row);
    return outcome;
}

/* Take hold of a field's pair of a column and a list, each of which may be None. */
static int take_hold(Field *field, PyObject *pair, Py_ssize_t rows)
{
    PyObject *column, *values;
    Py_ssize_t size = has_numbered_values(field) ? 4 : field->kind == LOCAL ? 16 : 8;
    int has_list = has_numbered_values(field) || has_list_alone(field);
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
    if (field->column.obj != NULL && field->column.len != rows * size) {
        PyErr_SetString(PyExc_ValueError, "a column is too short or too long");
        return -1;
    }
    Py_INCREF(values);
    field->values = values;
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
