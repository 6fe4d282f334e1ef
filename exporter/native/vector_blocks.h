/* Vectors of whole numbers, block by block; see `packed.py`. */

#ifndef DRIFTBELL_VECTOR_BLOCKS_H
#define DRIFTBELL_VECTOR_BLOCKS_H

#include <Python.h>
#include <stdint.h>

/* Keys to a block: even keys lie in even blocks, odd ones in odd blocks. */
#define BLOCK 128
#define PAIR (2 * BLOCK)
/* Types of 1, 2, 4 and 8 bytes. */
#define SIZES 4

/* How many blocks a vector has. */
static Py_ssize_t blocks_of(Py_ssize_t size)
{
    return (size + PAIR - 1) / PAIR * 2;
}

/* How many keys a vector has of the block that begins at a place. */
static Py_ssize_t keys_from(Py_ssize_t begin, Py_ssize_t size)
{
    Py_ssize_t keys = (size - begin + 1) / 2;
    return keys < BLOCK ? keys : BLOCK;
}

/* Where a block begins: the next ones of its keys are 2, 4, … behind that. */
static Py_ssize_t beginning_of(int64_t block)
{
    return block / 2 * PAIR + block % 2;
}

/* Count the entries of a block that have room in the types of each size. */
static void count_block(const int64_t *vector, Py_ssize_t keys, int32_t *found)
{
    int32_t entries = 0, beyond[SIZES] = {0};
    int64_t bits = 0;
    for (Py_ssize_t i = 0; i < keys; i++) {
        entries += vector[2 * i] != 0;
        bits |= vector[2 * i] ^ vector[2 * i] >> 63;
    }
    /* Mostly all have room in the smallest. */
    for (Py_ssize_t i = 0; i < keys && bits > INT8_MAX; i++) {
        int64_t value = vector[2 * i];
        beyond[0] += value != (int8_t)value;
        beyond[1] += value != (int16_t)value;
        beyond[2] += value != (int32_t)value;
    }
    for (int i = 0; i < SIZES; i++)
        found[i] = entries - beyond[i];
}

/* Move what has room in a row from a vector's block to there. */
#define MOVE(NAME, TYPE)                                                                                               \
    static void NAME(int64_t *vector, Py_ssize_t keys, void *row)                                                      \
    {                                                                                                                  \
        for (Py_ssize_t i = 0; i < keys; i++) {                                                                        \
            TYPE value = (TYPE)vector[2 * i];                                                                          \
            int fits = value == vector[2 * i];                                                                         \
            ((TYPE *)row)[i] = fits ? value : 0;                                                                       \
            vector[2 * i] = fits ? 0 : vector[2 * i];                                                                  \
        }                                                                                                              \
        for (Py_ssize_t i = keys; i < BLOCK; i++)                                                                      \
            ((TYPE *)row)[i] = 0;                                                                                      \
    }
MOVE(move_1, int8_t)
MOVE(move_2, int16_t)
MOVE(move_4, int32_t)
MOVE(move_8, int64_t)

typedef void (*Visit)(int64_t *vector, Py_ssize_t keys, void *row);

/* Visit the blocks of a vector with some numbers, and the table's row of each; say whether there are all of these. */
static int visit(const int64_t *numbers, Py_ssize_t count, char *table, Py_ssize_t bytes, int64_t *vector, Py_ssize_t size,
                 const Visit *visits)
{
    Py_ssize_t width = count ? bytes / count : BLOCK;
    int kind = 0;
    while (kind < SIZES && width != BLOCK << kind)
        kind++;
    if (kind == SIZES || width * count != bytes)
        return 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_ssize_t begin = numbers[i] < 0 || numbers[i] >= blocks_of(size) ? -1 : beginning_of(numbers[i]);
        if (begin < 0)
            return 0;
        visits[kind](vector + begin, keys_from(begin, size), table + i * width);
    }
    return 1;
}

#endif
