/* The keys of a log's records, and which of them are wanted.
 *
 * Keys come in the same order, line after line: each is first compared with the one that came at its place before. */

#ifndef DRIFTBELL_KEYS_H
#define DRIFTBELL_KEYS_H

#include <Python.h>
#include <string.h>

#include "fields.h"
#include "scan.h"
#include "tokens.h"

/* More keys of an object that nobody wants, or longer ones, are not remembered: a log must not fill the memory. */
#define MOST_UNWANTED 256
#define LONGEST_UNWANTED 128

typedef struct Node Node;
typedef struct Key Key;

/* Its text has its quotes, and a colon behind them. */
struct Key {
    Words words, shown; /* the first 16 bytes, and which of them there are */
    size_t length;
    char *text;
    Key *next;    /* the key that came after it the last time */
    Field *field; /* NULL if it is not wanted */
    Node *node;   /* what is wanted inside, or NULL */
};

struct Node {
    Key **keys;
    Tokens names; /* of the keys, in the same order */
    uint64_t hash_key;
    int count, unwanted;
    Key *first;
    uint64_t line; /* the last line that had this object */
};

/* Stands for a key of which nothing is known, and is found at no place: no text has its words. Nobody writes to it. */
static Key no_key = {.words = {1, 0}, .next = &no_key};

static void free_node(Node *node)
{
    if (node == NULL)
        return;
    for (int i = 0; i < node->count; i++) {
        free_node(node->keys[i]->node);
        PyMem_Free(node->keys[i]->text);
        PyMem_Free(node->keys[i]);
    }
    free_tokens(&node->names);
    PyMem_Free(node->keys);
    PyMem_Free(node);
}

/* Return a copy of a key with a colon behind it, and room behind that for two words; NULL with an exception set. */
static char *copy_of(const char *text, size_t length)
{
    char *copy = PyMem_Calloc(length + 1 + sizeof(Words), 1);
    if (copy == NULL)
        return (char *)PyErr_NoMemory();
    memcpy(copy, text, length);
    copy[length] = ':';
    return copy;
}

/* Return a key that takes over its text; NULL with an exception set. */
static Key *key_of(char *text, size_t length)
{
    Words shown = first_bytes(length < 16 ? length : 16);
    Key *key = PyMem_Malloc(sizeof *key);
    if (key == NULL)
        return (Key *)PyErr_NoMemory();
    *key = (Key){.words = {eight_bytes(text) & shown.first, eight_bytes(text + 8) & shown.second},
                 .shown = shown,
                 .length = length,
                 .text = text,
                 .next = &no_key};
    return key;
}

/* Add a key; return NULL with an exception set. */
static Key *add_key(Node *node, const char *text, size_t length)
{
    Key **keys = PyMem_Realloc(node->keys, (size_t)(node->count + 1) * sizeof *keys);
    char *copy = keys == NULL ? (char *)PyErr_NoMemory() : copy_of(text, length);
    Key *key = copy == NULL ? NULL : key_of(copy, length + 1);
    if (keys != NULL)
        node->keys = keys;
    if (key == NULL || add_token(&node->names, &(Token){copy, length}, node->hash_key) < 0) {
        PyMem_Free(copy);
        PyMem_Free(key);
        return NULL;
    }
    return node->keys[node->count++] = key;
}

/* Return a key, NULL if it is not there. */
static Key *find_key(const Node *node, const char *text, size_t length)
{
    int number = number_of(&node->names, &(Token){text, length}, node->hash_key);
    return number == NOT_THERE ? NULL : node->keys[number];
}

/* Return the key that a field's path, a tuple of bytes, leads to next; NULL with an exception set. */
static Key *wanted_key(Node *node, PyObject *name)
{
    char *text, *copy;
    Py_ssize_t length;
    Key *key;
    if (PyBytes_AsStringAndSize(name, &text, &length) < 0)
        return NULL;
    if (length < 2) {
        PyErr_SetString(PyExc_ValueError, "a key has its quotes with it");
        return NULL;
    }
    copy = copy_of(text, (size_t)length);
    if (copy == NULL)
        return NULL;
    key = find_key(node, copy, (size_t)length);
    if (key == NULL)
        key = add_key(node, copy, (size_t)length);
    PyMem_Free(copy);
    return key;
}

static Node *new_node(uint64_t hash_key)
{
    Node *node = PyMem_Calloc(1, sizeof *node);
    if (node == NULL)
        return (Node *)PyErr_NoMemory();
    node->hash_key = hash_key;
    node->first = &no_key;
    return node;
}

static Node *node_inside(const Node *node, Key *key)
{
    if (key->field != NULL) {
        PyErr_SetString(PyExc_ValueError, "a field cannot lie inside another");
        return NULL;
    }
    if (key->node == NULL)
        key->node = new_node(node->hash_key);
    return key->node;
}

/* Put a field where its path leads to. */
static int place_field(Node *node, PyObject *path, Field *field)
{
    Key *key = NULL;
    for (Py_ssize_t i = 0; i < PyTuple_Size(path); i++) {
        if (key != NULL && (node = node_inside(node, key)) == NULL)
            return -1;
        key = wanted_key(node, PyTuple_GetItem(path, i));
        if (key == NULL)
            return -1;
    }
    if (key->field != NULL || key->node != NULL) {
        PyErr_SetString(PyExc_ValueError, "two fields cannot be at one place");
        return -1;
    }
    key->field = field;
    return 0;
}

/* Say whether a key stands at a place, its colon right behind it. */
static inline int is_key_at(const Key *key, const char *at, const char *end)
{
    uint64_t others = ((eight_bytes(at) & key->shown.first) ^ key->words.first) |
                      ((eight_bytes(at + 8) & key->shown.second) ^ key->words.second);
    if (others || key->length <= 16)
        return others == 0;
    return (size_t)(end - at) >= key->length && memcmp(at + 16, key->text + 16, key->length - 16) == 0;
}

/* Return the key at a place where another one was expected, and go behind its colon; return NULL, perhaps with an
 * exception set, if there is none for us, and `no_key` for one that is not remembered. */
static Key *key_at(Node *node, const char **at)
{
    const char *text = *at, *quote;
    int content;
    size_t length;
    Key *key;
    quote = *text == '"' ? string_end(text + 1, &content) : NULL;
    if (quote == NULL || content & WITH_ESCAPES)
        return NULL;
    *at = behind_space(quote + 1);
    if (*(*at)++ != ':')
        return NULL;
    length = (size_t)(quote + 1 - text);
    key = find_key(node, text, length);
    if (key != NULL)
        return key;
    if (length > LONGEST_UNWANTED || node->unwanted == MOST_UNWANTED)
        return &no_key;
    node->unwanted++;
    return add_key(node, text, length);
}

#endif
