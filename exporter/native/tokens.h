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

/* A piece of a line, which lives as long as that does. Behind it so many bytes can be read as two words have. */
typedef struct {
    const char *text;
    size_t length;
} Token;

/* A token of up to 16 bytes, zeros behind it: all there is to know of it, since none has a zero byte. Of a longer one the
 * first byte is zero, and there stand its length and its hash. */
typedef struct {
    uint64_t first, second;
} Words;

/* What stands at a place of the table: the number of a token + 1, 0 if there is none. */
typedef struct {
    Words words;
    uint32_t number;
} Cell;

/* Open addressing; the cells are a power of two. */
typedef struct {
    Token *tokens;
    Cell *cells;
    size_t count, capacity; /* the capacity is half the cells */
} Tokens;

/* A keyed hash that folds 64 by 64 bits into 64: who writes a log must not be able to choose where its texts go. */
static inline uint64_t folded(uint64_t one, uint64_t other)
{
    unsigned __int128 product = (unsigned __int128)one * other;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t hash_of(const Token *token, uint64_t key)
{
    uint64_t hash = key ^ token->length;
    const char *at = token->text;
    for (size_t left = token->length; left > 0;) {
        size_t step = left < 8 ? left : 8;
        uint64_t word = 0;
        memcpy(&word, at, step);
        hash = folded(hash ^ word, key | 0x9E3779B97F4A7C15ull) ^ key;
        at += step;
        left -= step;
    }
    return hash;
}

/* Return masks of the first bytes of two words. */
static inline Words first_bytes(size_t count)
{
    static const unsigned char ones[32] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    };
    const char *at = (const char *)ones + 16 - count;
    return (Words){eight_bytes(at), eight_bytes(at + 8)};
}

static inline Words words_of(const Token *token, uint64_t key)
{
    Words shown;
    if (token->length > 16)
        return (Words){(uint64_t)token->length << 8, hash_of(token, key)};
    shown = first_bytes(token->length);
    return (Words){eight_bytes(token->text) & shown.first, eight_bytes(token->text + 8) & shown.second};
}

static inline size_t place_of(const Words *words, uint64_t key)
{
    return (size_t)folded(words->first ^ key, words->second ^ (key * 0x9E3779B97F4A7C15ull | 1));
}

/* Return the cell that a token has, or is to have. */
static inline Cell *cell_of(const Tokens *tokens, const Token *token, const Words *words, uint64_t key)
{
    size_t mask = 2 * tokens->capacity - 1, place = place_of(words, key) & mask;
    for (;; place = (place + 1) & mask) {
        Cell *cell = &tokens->cells[place];
        if (cell->number == 0)
            return cell;
        if (cell->words.first == words->first && cell->words.second == words->second &&
            (token->length <= 16 || is_same_text(tokens->tokens[cell->number - 1].text, token->text, token->length)))
            return cell;
    }
}

/* Return the number of a token, NOT_THERE if it has none yet. */
static inline int32_t number_of(const Tokens *tokens, const Token *token, uint64_t key)
{
    Words words = words_of(token, key);
    return tokens->count == 0 ? NOT_THERE : (int32_t)cell_of(tokens, token, &words, key)->number - 1;
}

static int grow(Tokens *tokens, uint64_t key)
{
    size_t capacity = tokens->capacity ? 2 * tokens->capacity : FEWEST_CELLS / 2;
    Token *moved = PyMem_Realloc(tokens->tokens, capacity * sizeof *moved);
    Cell *cells = PyMem_Calloc(2 * capacity, sizeof *cells);
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
    for (size_t i = 0; i < tokens->count; i++) {
        Words words = words_of(&tokens->tokens[i], key);
        *cell_of(tokens, &tokens->tokens[i], &words, key) = (Cell){words, (uint32_t)i + 1};
    }
    return 0;
}

/* Number a token that has no number; return it, or -1 with an exception set. */
static int32_t add_token(Tokens *tokens, const Token *token, uint64_t key)
{
    Words words = words_of(token, key);
    if (tokens->count == tokens->capacity && grow(tokens, key) < 0)
        return -1;
    tokens->tokens[tokens->count] = *token;
    *cell_of(tokens, token, &words, key) = (Cell){words, (uint32_t)++tokens->count};
    return (int32_t)tokens->count - 1;
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
}

#endif
