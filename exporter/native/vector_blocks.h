/* Vectors of whole numbers, block by block; see `packed.py`. */

#ifndef DRIFTBELL_VECTOR_BLOCKS_H
#define DRIFTBELL_VECTOR_BLOCKS_H

#include <Python.h>
#include <stdint.h>

#include "by_processor.h"

/* Keys to a block: even keys lie in even blocks, odd ones in odd blocks. */
#define BLOCK 128
#define PAIR (2 * BLOCK)
/* Types of 1, 2, 4 and 8 bytes. */
#define SIZES 4

/* How many blocks a vector has. */
PART Py_ssize_t blocks_of(Py_ssize_t size)
{
    return (size + PAIR - 1) / PAIR * 2;
}

/* How many keys a vector has of the block that begins at a place. */
PART Py_ssize_t keys_from(Py_ssize_t begin, Py_ssize_t size)
{
    Py_ssize_t keys = (size - begin + 1) / 2;
    return keys < BLOCK ? keys : BLOCK;
}

/* Where a block begins: the next ones of its keys are 2, 4, … behind that. */
PART Py_ssize_t beginning_of(int64_t block)
{
    return block / 2 * PAIR + block % 2;
}

/* Return the bits that any of some numbers has, each so many places behind the last; those of a negative one turned round. */
PART int64_t bits_of(const int64_t *numbers, Py_ssize_t step, Py_ssize_t count)
{
    int64_t bits = 0;
    for (Py_ssize_t i = 0; i < count; i++)
        bits |= numbers[step * i] ^ numbers[step * i] >> 63;
    return bits;
}

/* Count those of some numbers, each so many places behind the last, that have no room in the types of each size. */
PART void count_beyond(const int64_t *numbers, Py_ssize_t step, Py_ssize_t count, int32_t *beyond)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        int64_t number = numbers[step * i];
        beyond[0] += number != (int8_t)number;
        beyond[1] += number != (int16_t)number;
        beyond[2] += number != (int32_t)number;
    }
}

/* Count the entries of a block that have room in the types of each size. */
PART void count_block(const int64_t *vector, Py_ssize_t keys, int32_t *found)
{
    int32_t entries = 0, beyond[SIZES] = {0};
    for (Py_ssize_t i = 0; i < keys; i++)
        entries += vector[2 * i] != 0;
    /* Mostly all have room in the smallest. */
    if (bits_of(vector, 2, keys) > INT8_MAX)
        count_beyond(vector, 2, keys, beyond);
    for (int i = 0; i < SIZES; i++)
        found[i] = entries - beyond[i];
}

/* Write numbers, either neighbours or each second one, in another type: 0 for those that have no room in it. */
#define NARROW_TO(NAME, TYPE)                                                                                          \
    BY_PROCESSOR                                                                                                       \
    static void NAME(const int64_t *numbers, Py_ssize_t step, Py_ssize_t count, void *narrow)                          \
    {                                                                                                                  \
        TYPE *to = narrow;                                                                                             \
        for (Py_ssize_t i = 0; step == 1 && i < count; i++)                                                            \
            to[i] = numbers[i] == (TYPE)numbers[i] ? (TYPE)numbers[i] : 0;                                             \
        for (Py_ssize_t i = 0; step == 2 && i < count; i++)                                                            \
            to[i] = numbers[2 * i] == (TYPE)numbers[2 * i] ? (TYPE)numbers[2 * i] : 0;                                 \
    }
NARROW_TO(narrow_1, int8_t)
NARROW_TO(narrow_2, int16_t)
NARROW_TO(narrow_4, int32_t)
NARROW_TO(narrow_8, int64_t)

typedef void (*Narrow)(const int64_t *numbers, Py_ssize_t step, Py_ssize_t count, void *narrow);

#endif
