/* From a line to a row. */

#ifndef DRIFTBELL_LINE_H
#define DRIFTBELL_LINE_H

#include <Python.h>

#include "columns.h"
#include "keys.h"
#include "scan.h"

/* What reading comes to: the line is left to others, is read, or there is an exception. */
enum { REFUSED = 0, READ = 1, FAILED = -1 };

static const char *read_object(Line *line, Node *node, const char *at);

/* Read what belongs to a key; return what is behind it, NULL if it is nothing for us. */
static inline const char *read_inside(Line *line, const Key *key, const char *at)
{
    if (key->field != NULL)
        return read_value(line, key->field, at);
    return key->node != NULL ? read_object(line, key->node, at) : behind_value(at, 0);
}

/* Return the key at a place, and go behind its colon; return NULL as `key_at` does. `expected` is where it says which key
 * it should be, and is to say which one it was; afterwards it is where the next one is expected. */
static inline Key *next_key(const Line *line, Node *node, Key ***expected, const char **at)
{
    Key *key = **expected;
    if (is_key_at(key, *at, line->end))
        *at += key->length;
    else {
        key = key_at(node, at);
        if (key == NULL || key == &no_key)
            return key;
        **expected = key;
    }
    *expected = &key->next;
    return key;
}

/* Read an object from its brace on; return what is behind it. NULL if it is nothing for us, perhaps with an exception set. */
static const char *read_object(Line *line, Node *node, const char *at)
{
    Key **expected = &node->first;
    if (*at != '{' || node->line == line->number)
        return NULL; /* no object, or a second one of that name */
    node->line = line->number;
    at = behind_space(at + 1);
    if (*at == '}')
        return at + 1;
    for (;;) {
        const Key *key = next_key(line, node, &expected, &at);
        at = key == NULL ? NULL : read_inside(line, key, behind_space(at));
        if (at == NULL)
            return NULL;
        at = behind_space(at);
        if (*at == '}')
            return at + 1;
        if (*at != ',')
            return NULL;
        at = behind_space(at + 1);
    }
}

static int read_line(Line *line, Node *root, int count, const char *text)
{
    const char *behind = read_object(line, root, behind_space(text));
    /* White space at its end may go on with that of a line end. */
    int is_read = behind != NULL && behind_space(behind) >= line->end;
    is_read = is_read && (line->found == count || fill_absent(line, count)) && keep(line);
    if (!is_read)
        forget(line);
    return is_read ? READ : PyErr_Occurred() ? FAILED : REFUSED;
}

#endif
