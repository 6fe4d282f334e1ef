/* The keys of a log's records, and which of them are wanted.
 *
 * Keys come in the same order, line after line: each is first compared with the one that came at its place before. */

#ifndef DRIFTBELL_KEYS_H
#define DRIFTBELL_KEYS_H

#include <Python.h>
#include <string.h>

#include "scan.h"
#include "tokens.h"

/* More keys of an object that nobody wants, or longer ones, are not remembered: a log must not fill the memory. */
#define MOST_UNWANTED 256
#define LONGEST_UNWANTED 128

/* What stands at a key's place: a key that is not remembered, or no key that is for us. */
enum { UNKNOWN_KEY = -1, NO_KEY = -2 };

typedef struct Node Node;

typedef struct {
    char *text; /* with its quotes */
    size_t length;
    int next;   /* the key that came after it the last time */
    int field;  /* -1 if it is not wanted */
    Node *node; /* what is wanted inside, or NULL */
} Key;

struct Node {
    Key *keys;
    Tokens names; /* of the keys, in the same order */
    uint64_t hash_key;
    int count, unwanted, first;
    unsigned int line; /* the last line that had this object */
};

static void free_node(Node *node)
{
    if (node == NULL)
        return;
    for (int i = 0; i < node->count; i++) {
        PyMem_Free(node->keys[i].text);
        free_node(node->keys[i].node);
    }
    free_tokens(&node->names);
    PyMem_Free(node->keys);
    PyMem_Free(node);
}

/* Add a key; return its number, or NO_KEY with an exception set. */
static int add_key(Node *node, const char *text, size_t length)
{
    Key *keys = PyMem_Realloc(node->keys, (size_t)(node->count + 1) * sizeof *keys);
    char *copy = PyMem_Malloc(length);
    if (keys != NULL)
        node->keys = keys;
    if (keys == NULL || copy == NULL) {
        PyMem_Free(copy);
        PyErr_NoMemory();
        return NO_KEY;
    }
    memcpy(copy, text, length);
    if (add_token(&node->names, &(Token){copy, length}, node->hash_key) < 0) {
        PyMem_Free(copy);
        return NO_KEY;
    }
    keys[node->count] = (Key){.text = copy, .length = length, .next = node->count + 1, .field = -1};
    return node->count++;
}

static int find_key(Node *node, const char *text, size_t length)
{
    int number = number_of(&node->names, &(Token){text, length}, node->hash_key);
    return number == NOT_THERE ? UNKNOWN_KEY : number;
}

/* Return the key that a field's path, a tuple of bytes, leads to next; NULL with an exception set. */
static Key *wanted_key(Node *node, PyObject *name)
{
    char *text;
    Py_ssize_t length;
    int number;
    if (PyBytes_AsStringAndSize(name, &text, &length) < 0)
        return NULL;
    if (length < 2) {
        PyErr_SetString(PyExc_ValueError, "a key has its quotes with it");
        return NULL;
    }
    number = find_key(node, text, (size_t)length);
    if (number == UNKNOWN_KEY)
        number = add_key(node, text, (size_t)length);
    return number < 0 ? NULL : &node->keys[number];
}

static Node *new_node(uint64_t hash_key)
{
    Node *node = PyMem_Calloc(1, sizeof *node);
    if (node == NULL)
        return (Node *)PyErr_NoMemory();
    node->hash_key = hash_key;
    return node;
}

static Node *node_inside(const Node *node, Key *key)
{
    if (key->field >= 0) {
        PyErr_SetString(PyExc_ValueError, "a field cannot lie inside another");
        return NULL;
    }
    if (key->node == NULL)
        key->node = new_node(node->hash_key);
    return key->node;
}

/* Put a field where its path leads to. */
static int place_field(Node *node, PyObject *path, int field)
{
    Key *key = NULL;
    for (Py_ssize_t i = 0; i < PyTuple_Size(path); i++) {
        if (key != NULL && (node = node_inside(node, key)) == NULL)
            return -1;
        key = wanted_key(node, PyTuple_GetItem(path, i));
        if (key == NULL)
            return -1;
    }
    if (key->field >= 0 || key->node != NULL) {
        PyErr_SetString(PyExc_ValueError, "two fields cannot be at one place");
        return -1;
    }
    key->field = field;
    return 0;
}

/* Find out the number of the key at a place, and go behind it. */
static int read_key(Node *node, int expected, const char **at, const char *end)
{
    const char *text = *at, *quote;
    int number, content;
    size_t length;
    if (expected < node->count) {
        const Key *key = &node->keys[expected];
        if ((size_t)(end - text) >= key->length && is_same_text(text, key->text, key->length)) {
            *at = text + key->length;
            return expected;
        }
    }
    quote = *text == '"' ? string_end(text + 1, end, &content) : NULL;
    if (quote == NULL || content & WITH_ESCAPES)
        return NO_KEY;
    *at = quote + 1;
    length = (size_t)(*at - text);
    number = find_key(node, text, length);
    if (number != UNKNOWN_KEY || length > LONGEST_UNWANTED || node->unwanted == MOST_UNWANTED)
        return number;
    node->unwanted++;
    return add_key(node, text, length);
}

/* Remember that a key came after another one, or was the first. */
static inline void expect(Node *node, int last, int number)
{
    *(last < 0 ? &node->first : &node->keys[last].next) = number;
}

#endif
