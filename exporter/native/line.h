/* From a line to the values that are wanted of it, as they are written. */

#ifndef DRIFTBELL_LINE_H
#define DRIFTBELL_LINE_H

#include <Python.h>
#include <string.h>

#include "keys.h"
#include "number.h"
#include "scan.h"
#include "tokens.h"

/* What a line holds of a field, and what is made of it. */
typedef struct {
    char type;    /* the first byte, '0' for a number, 0 if it is not there */
    char content; /* of a string: what it holds beside ASCII */
    Token token;
    Number number;
    PyObject *object;
    int32_t place;
} Value;

typedef struct {
    const char *end;
    unsigned int number;
    Value *values;
} Line;

/* Read a wanted value as it is written; return what is behind it, NULL if it is nothing for us. */
static const char *read_value(const char *at, const char *end, Value *value)
{
    int content;
    const char *behind;
    if (value->type)
        return NULL; /* a second one of that name */
    value->type = *at;
    switch (*at) {
    case '{':
    case '[':
        behind = behind_container(at, end, 0);
        value->token = (Token){at, behind == NULL ? 0 : (size_t)(behind - at)};
        return behind;
    case '"':
        behind = string_end(at + 1, end, &content);
        if (behind == NULL)
            return NULL;
        value->content = (char)content;
        value->token = (Token){at, (size_t)(behind + 1 - at)};
        return behind + 1;
    case 't':
        value->token = (Token){at, 4};
        return behind_word(at, "true");
    case 'f':
        value->token = (Token){at, 5};
        return behind_word(at, "false");
    case 'n':
        value->token = (Token){at, 4};
        return behind_word(at, "null");
    case 'N': /* as Python writes what is missing */
        value->token = (Token){at, 3};
        return behind_word(at, "NaN");
    default:
        behind = read_number(at, &value->number);
        if (behind == NULL)
            return NULL;
        value->type = '0';
        value->token = (Token){at, (size_t)(behind - at)};
        return behind;
    }
}

static const char *read_object(const Line *line, Node *node, const char *at);

/* Read what belongs to a key; return what is behind it, NULL if it is nothing for us. */
static const char *read_inside(const Line *line, const Key *key, const char *at)
{
    if (key != NULL && key->field >= 0)
        return read_value(at, line->end, &line->values[key->field]);
    if (key != NULL && key->node != NULL)
        return read_object(line, key->node, at);
    return behind_value(at, line->end, 0);
}

/* Read an object from its brace on; return what is behind it. NULL without an exception if it is nothing for us. */
static const char *read_object(const Line *line, Node *node, const char *at)
{
    int last = -1, expected = node->first;
    if (*at != '{' || node->line == line->number)
        return NULL; /* no object, or a second one of that name */
    node->line = line->number;
    at = behind_space(at + 1);
    if (*at == '}')
        return at + 1;
    for (;;) {
        int number = read_key(node, expected, &at, line->end);
        if (number == NO_KEY)
            return NULL;
        at = behind_space(at);
        if (*at != ':')
            return NULL;
        at = read_inside(line, number == UNKNOWN_KEY ? NULL : &node->keys[number], behind_space(at + 1));
        if (at == NULL)
            return NULL;
        if (number != UNKNOWN_KEY) {
            expect(node, last, number);
            expected = node->keys[last = number].next;
        }
        at = behind_space(at);
        if (*at == '}')
            return at + 1;
        if (*at != ',')
            return NULL;
        at = behind_space(at + 1);
    }
}

#endif
