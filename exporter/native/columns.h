/* From a value of a line, as it is written, to a row of its field's column.
 *
 * What is kept beyond that, in lists and among the distinct values, waits until all of the line is read: one that is left
 * to others leaves no trace there. */

#ifndef DRIFTBELL_COLUMNS_H
#define DRIFTBELL_COLUMNS_H

#include <Python.h>
#include <math.h>
#include <stdint.h>

#include "fields.h"
#include "moment.h"
#include "number.h"
#include "scan.h"
#include "tokens.h"

/* A text, a number, a truth value or nothing at all, as it is written. */
typedef struct {
    char type;    /* the first byte, '0' for a number */
    char content; /* of a string: what it holds beside ASCII */
    Token token;
    Number number;
} Scalar;

static inline Token token_between(const char *at, const char *behind)
{
    return (Token){at, behind == NULL ? 0 : (size_t)(behind - at)};
}

/* What is read of a field that is not there. */
static inline Token nothing(void)
{
    static const char null[sizeof(Words)] = "null";
    return (Token){null, 4};
}

/* Return what is behind the word for something that is missing, NULL if it is none: Python writes numbers so, too. */
static const char *behind_nothing(const char *at, int or_nan)
{
    return or_nan && *at == 'N' ? behind_word(at, "NaN") : behind_word(at, "null");
}

static inline const char *read_scalar(const char *at, Scalar *scalar)
{
    const char *behind;
    int content = 0;
    scalar->type = *at;
    switch (*at) {
    case '"':
        behind = string_end(at + 1, &content);
        behind += behind != NULL;
        break;
    case 't':
        behind = behind_word(at, "true");
        break;
    case 'f':
        behind = behind_word(at, "false");
        break;
    case 'n':
        behind = behind_word(at, "null");
        break;
    default:
        scalar->type = '0';
        behind = read_number(at, &scalar->number);
    }
    scalar->content = (char)content;
    scalar->token = token_between(at, behind);
    return behind;
}

/* Let Python make an object of a token; NULL without an exception where it says None. */
static PyObject *decoded_object(const Field *field, Token token)
{
    PyObject *object = PyObject_CallFunction(field->decode, "y#", token.text, (Py_ssize_t)token.length);
    if (object == Py_None)
        Py_CLEAR(object);
    return object;
}

/* Make an object of a number: NULL without an exception where it is larger than usual. */
static PyObject *number_object(const Tools *tools, const Number *number, int is_double)
{
    double value;
    if (number->is_whole && !is_double) {
        int64_t whole = (int64_t)number->digits;
        if (number->count > MOST_WHOLE_DIGITS)
            return NULL;
        return PyLong_FromLongLong(number->is_negative ? -whole : whole);
    }
    value = value_of(number, tools->powers);
    return isnan(value) ? NULL : PyFloat_FromDouble(value);
}

/* Make an object of a scalar: NULL, perhaps without an exception, if there is none. */
static PyObject *scalar_object(const Tools *tools, const Field *field, const Scalar *scalar)
{
    switch (scalar->type) {
    case '"':
        if (scalar->content)
            return decoded_object(field, scalar->token);
        return PyUnicode_FromStringAndSize(scalar->token.text + 1, (Py_ssize_t)scalar->token.length - 2);
    case '0':
        return number_object(tools, &scalar->number, field->is_double);
    case 't':
    case 'f':
        return PyBool_FromLong(scalar->type == 't');
    default:
        Py_INCREF(Py_None);
        return Py_None;
    }
}

/* Let an object wait for the end of the line; return 0 if there is none. */
static int wait_with(Line *line, Field *field, Token token, PyObject *object)
{
    if (object == NULL)
        return 0;
    field->token = token;
    field->object = object;
    field->waiting = line->waiting;
    line->waiting = field;
    return 1;
}

static inline const char *read_float(const Line *line, const Field *field, const char *at)
{
    double *cell = (double *)field->cells + line->row;
    const char *behind;
    Number number;
    if (*at == 'n' || *at == 'N') {
        *cell = NAN;
        return field->is_required ? NULL : behind_nothing(at, 1);
    }
    behind = ROUNDS_ONCE ? read_short_number(at, &number) : NULL;
    if (behind != NULL) {
        *cell = by_operation(&number);
        return behind;
    }
    behind = read_longer_number(at, &number);
    *cell = behind == NULL ? NAN : value_of(&number, line->tools->powers);
    return isnan(*cell) ? NULL : behind;
}

static const char *read_any_moment(const Field *field, const char *at, int64_t *moment, int *is_local)
{
    int content;
    const char *end = *at == '"' ? string_end(at + 1, &content) : NULL;
    if (end == NULL || !read_moment(at + 1, end, moment, is_local))
        return NULL;
    return *is_local && (field->kind != LOCAL || *moment < FIRST_LOCAL) ? NULL : end + 1;
}

static inline const char *read_time(const Line *line, Field *field, const char *at)
{
    int64_t *cell = (int64_t *)field->cells + line->row;
    int is_local = 0;
    const char *behind = *at == '"' ? read_usual_moment(at + 1, &field->date, cell) : NULL;
    if (behind == NULL)
        behind = read_any_moment(field, at, cell, &is_local);
    if (field->kind == LOCAL)
        cell[field->rows] = behind != NULL && is_local;
    return behind;
}

static int set_epoch(const Tools *tools, const Field *field, const Number *number, int64_t *cell)
{
    if (number->is_negative)
        return 0;
    if (number->is_whole) {
        uint64_t whole = number->digits, multiplier = field->multiplier ? (uint64_t)field->multiplier : 1;
        if (number->count > MOST_DIGITS || whole > INT64_MAX / multiplier)
            return 0;
        *cell = (int64_t)(field->multiplier ? whole * multiplier : whole / 1000);
    }
    else {
        double product = value_of(number, tools->powers) * field->factor;
        if (!(product >= 0 && product < END_OF_TIME))
            return 0;
        *cell = (int64_t)rint(product);
    }
    return *cell < END_OF_TIME;
}

static const char *read_epoch(const Line *line, const Field *field, const char *at)
{
    Number number;
    const char *behind = read_number(at, &number);
    return behind != NULL && set_epoch(line->tools, field, &number, (int64_t *)field->cells + line->row) ? behind : NULL;
}

/* Set the number of a distinct value; return 0 if it has none yet. */
static inline int set_known(const Line *line, Field *field, const Token *token)
{
    int32_t number = number_of(&field->tokens, token, line->tools->hash_key);
    ((int32_t *)field->cells)[line->row] = number;
    return number != NOT_THERE;
}

/* Set the number of a value that its column had before, which is nearly all of them; return what is behind it, NULL for any
 * other. What is known is what it should be: only where it ends is to be found out. */
static inline const char *read_known(const Line *line, Field *field, const char *at)
{
    const char *behind = *at == '"' ? behind_plain_bytes(at + 1) : behind_short_word(at);
    Token token = {at, (size_t)(behind - at) + (*at == '"')};
    return set_known(line, field, &token) ? at + token.length : NULL;
}

/* Set the number of a distinct value, or let it wait if it is to have the next one; return 0 if it is nothing for us. */
static int set_category(Line *line, Field *field, const Scalar *scalar)
{
    if (set_known(line, field, &scalar->token))
        return 1;
    if (field->is_double && scalar->type != '0' && scalar->type != 'n')
        return 0;
    return wait_with(line, field, scalar->token, scalar_object(line->tools, field, scalar));
}

static const char *read_category(Line *line, Field *field, const char *at)
{
    Scalar scalar;
    const char *behind = read_scalar(at, &scalar);
    if (behind == NULL || (field->is_required && scalar.type == 'n'))
        return NULL;
    return set_category(line, field, &scalar) ? behind : NULL;
}

static const char *read_status(Line *line, Field *field, const char *at)
{
    Scalar scalar;
    const Number *number = &scalar.number;
    const char *behind = read_scalar(at, &scalar);
    if (behind == NULL || (scalar.type == '0' && !(number->is_whole && !number->is_negative && number->count == 3 &&
                                                   number->digits >= 100 && number->digits <= 599)))
        return NULL;
    if (scalar.type != '0' && (scalar.type != 'n' || field->is_required))
        return NULL;
    return set_category(line, field, &scalar) ? behind : NULL;
}

/* Set where a text of the line lies in the block. */
static inline void set_place(const Line *line, const Field *field, const char *at, const char *end)
{
    int64_t *cell = (int64_t *)field->cells + line->row;
    cell[0] = line->start + (at - line->text);
    cell[field->rows] = line->start + (end - line->text);
}

static const char *read_identifier(Line *line, Field *field, const char *at)
{
    Scalar scalar;
    const char *behind = read_scalar(at, &scalar);
    if (behind == NULL || (scalar.type == '0' && !scalar.number.is_whole) || (field->is_required && scalar.type == 'n'))
        return NULL;
    if (scalar.type == '"' && !scalar.content) {
        set_place(line, field, at + 1, behind - 1);
        return behind;
    }
    return wait_with(line, field, scalar.token, scalar_object(line->tools, field, &scalar)) ? behind : NULL;
}

static const char *read_scores(Line *line, Field *field, const char *at)
{
    int is_there = *at == '{' || *at == '[';
    const char *behind = is_there ? behind_container(at, 0) : behind_nothing(at, 0);
    Token token = token_between(at, behind);
    if (behind == NULL || (field->is_required && !is_there))
        return NULL;
    if (!is_there)
        Py_INCREF(Py_None);
    return wait_with(line, field, token, is_there ? decoded_object(field, token) : Py_None) ? behind : NULL;
}

/* Read a value of a field that is no plain number. */
static const char *read_other_value(Line *line, Field *field, const char *at)
{
    const char *behind;
    if (has_numbered_values(field) && (behind = read_known(line, field, at)) != NULL)
        return behind;
    switch (field->kind) {
    case MOMENT:
    case LOCAL:
        return read_time(line, field, at);
    case EPOCH:
        return read_epoch(line, field, at);
    case CATEGORY:
        return read_category(line, field, at);
    case STATUS:
        return read_status(line, field, at);
    case IDENTIFIER:
        return read_identifier(line, field, at);
    default:
        return read_scores(line, field, at);
    }
}

/* Read a value of a field; return what is behind it, NULL if it is nothing for us, perhaps with an exception set. */
static inline const char *read_value(Line *line, Field *field, const char *at)
{
    if (field->line == line->number)
        return NULL; /* a second one of that name */
    field->line = line->number;
    line->found++;
    /* Apart from the others, since most are numbers. */
    return field->kind == NUMBER ? read_float(line, field, at) : read_other_value(line, field, at);
}

/* Say what it comes to that a line does not have some fields; return 0 if it is nothing for us. */
static int fill_absent(Line *line, int count)
{
    int is_filled = 1;
    for (int i = 0; i < count && is_filled; i++)
        if (line->fields[i].line != line->number)
            is_filled = read_value(line, &line->fields[i], nothing().text) != NULL;
    return is_filled;
}

/* Keep what waits for the end of a line that is read; return 0 with an exception set. */
static int keep(const Line *line)
{
    for (Field *field = line->waiting; field != NULL; field = field->waiting) {
        int is_kept = PyList_Append(field->values, field->object) == 0;
        Py_CLEAR(field->object);
        if (field->kind == IDENTIFIER)
            ((int64_t *)field->cells)[line->row] = -(int64_t)PyList_Size(field->values);
        if (is_kept && has_numbered_values(field)) {
            int32_t number = add_token(&field->tokens, &field->token, line->tools->hash_key);
            ((int32_t *)field->cells)[line->row] = number;
            is_kept = number >= 0;
        }
        if (!is_kept)
            return 0;
    }
    return 1;
}

/* Forget what still waits for the end of a line. */
static void forget(const Line *line)
{
    for (Field *field = line->waiting; field != NULL; field = field->waiting)
        Py_CLEAR(field->object);
}

#endif
