/* The distinct texts of a column, numbered in the order of their appearance. */

#ifndef DRIFTBELL_TOKENS_H
#define DRIFTBELL_TOKENS_H

#include <Python.h>
#include <stdint.h>
#include <string.h>

#include "scan.h"

#define NOT_THERE (-1)
#define FEWEST_CELLS 64
/* Room for so many tokens is kept between calls. */
#define MOST_KEPT 4096

/* A piece of a line, which lives as long as that does. */
typedef struct {
    const char *text;
    size_t length;
} Token;

/* Open addressing; `cells` (a power of two) hold numbers + 1 of tokens, 0 where there is none. */
typedef struct {
    Token *tokens;
    uint32_t *cells;
    size_t count, capacity; /* the capacity is half the cells */
    uint32_t last;          /* the number that was asked for last: many columns say one thing over and over */
} Tokens;

static inline int is_same(const Token *one, const Token *other)
{
    return one->length == other->length && is_same_text(one->text, other->text, one->length);
}

/* A keyed hash that folds 64 by 64 bits into 64: who writes a log must not be able to choose where its texts go. */
static inline uint64_t hash_of(const Token *token, uint64_t key)
{
    uint64_t hash = key ^ token->length;
    const char *at = token->text;
    for (size_t left = token->length; left > 0;) {
        size_t step = left < 8 ? left : 8;
        uint64_t word = 0;
        unsigned __int128 product;
        memcpy(&word, at, step);
        product = (unsigned __int128)(hash ^ word) * (key | 0x9E3779B97F4A7C15ull);
        hash = (uint64_t)product ^ (uint64_t)(product >> 64) ^ key;
        at += step;
        left -= step;
    }
    return hash;
}

static inline uint32_t *cell_of(const Tokens *tokens, const Token *token, uint64_t key)
{
    size_t mask = 2 * tokens->capacity - 1, place = hash_of(token, key) & mask;
    while (tokens->cells[place] && !is_same(&tokens->tokens[tokens->cells[place] - 1], token))
        place = (place + 1) & mask;
    return &tokens->cells[place];
}

/* Return the number of a token, NOT_THERE if it has none yet. */
static inline int32_t number_of(Tokens *tokens, const Token *token, uint64_t key)
{
    uint32_t found;
    if (tokens->count == 0)
        return NOT_THERE;
    if (is_same(&tokens->tokens[tokens->last], token))
        return (int32_t)tokens->last;
    found = *cell_of(tokens, token, key);
    if (found == 0)
        return NOT_THERE;
    return (int32_t)(tokens->last = found - 1);
}

static int grow(Tokens *tokens, uint64_t key)
{
    size_t capacity = tokens->capacity ? 2 * tokens->capacity : FEWEST_CELLS / 2;
    Token *moved = PyMem_Realloc(tokens->tokens, capacity * sizeof *moved);
    uint32_t *cells = PyMem_Calloc(2 * capacity, sizeof *cells);
    if (moved != NULL)
        tokens->tokens = moved;
    if (moved == NULL || cells == NULL) {
        PyMem_Free(cells);
        PyErr_NoMemory();
        return -1;
    }
    PyMem_Free(tokens->cells);
    tokens->cells = cells;
    tokens->capacity = capacity;
    for (size_t i = 0; i < tokens->count; i++)
        *cell_of(tokens, &tokens->tokens[i], key) = (uint32_t)i + 1;
    return 0;
}

/* Number a token that has no number; return it, or -1 with an exception set. */
static int32_t add_token(Tokens *tokens, const Token *token, uint64_t key)
{
    if (tokens->count == tokens->capacity && grow(tokens, key) < 0)
        return -1;
    tokens->tokens[tokens->count] = *token;
    *cell_of(tokens, token, key) = (uint32_t)++tokens->count;
    return (int32_t)(tokens->last = (uint32_t)tokens->count - 1);
}

static void free_tokens(Tokens *tokens)
{
    PyMem_Free(tokens->tokens);
    PyMem_Free(tokens->cells);
    *tokens = (Tokens){0};
}

/* Forget all tokens, and give back what an unusual batch made them take. */
static void clear_tokens(Tokens *tokens)
{
    if (tokens->capacity > MOST_KEPT)
        free_tokens(tokens);
    else if (tokens->count)
        memset(tokens->cells, 0, 2 * tokens->capacity * sizeof *tokens->cells);
    tokens->count = 0;
    tokens->last = 0;
}

#endif
