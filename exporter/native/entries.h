/* Packed tallies: entries by the steps from one key to the next, and rows of blocks, in whole numbers of any size; see
 * `packed.py`. */

#ifndef DRIFTBELL_ENTRIES_H
#define DRIFTBELL_ENTRIES_H

#include <Python.h>
#include <stdint.h>

#include "vector_blocks.h"

/* Entries that are unpacked before any is gone on with. */
#define ENTRIES_AT_ONCE 256

/* Whole numbers of 1, 2, 4 or 8 bytes. */
typedef struct {
    const void *numbers;
    Py_ssize_t size;
} Wholes;

/* Sorted keys, told by the steps from one to the next, with their values; `at` of them are behind, the last one at `key`. */
typedef struct {
    Wholes steps, values;
    Py_ssize_t count, at;
    uint64_t key;
} Entries;

/* Rows of a table by ascending number of their block; `row` of them are behind. */
typedef struct {
    Wholes numbers, table;
    Py_ssize_t count, row;
} Blocks;

/* A tally, all of whose entries are either in blocks or by themselves. */
typedef struct {
    Blocks blocks;
    Entries entries;
} PackedTally;

/* Follow steps to keys that lie before an end, and widen numbers. A key that is negative lies behind any end. */
#define FOLLOW_AND_WIDEN(FOLLOW, WIDEN, TYPE)                                                                          \
    static int FOLLOW(const TYPE *steps, int most, uint64_t *key, uint64_t end, int64_t *keys)                         \
    {                                                                                                                  \
        int count = 0;                                                                                                 \
        for (uint64_t next = *key; count < most; *key = next) {                                                        \
            next += (uint64_t)(int64_t)steps[count];                                                                   \
            if (next >= end)                                                                                           \
                break;                                                                                                 \
            keys[count++] = (int64_t)next;                                                                             \
        }                                                                                                              \
        return count;                                                                                                  \
    }                                                                                                                  \
    static void WIDEN(const TYPE *numbers, int count, int64_t *wide)                                                   \
    {                                                                                                                  \
        for (int i = 0; i < count; i++)                                                                                \
            wide[i] = numbers[i];                                                                                      \
    }
FOLLOW_AND_WIDEN(follow_1, widen_1, int8_t)
FOLLOW_AND_WIDEN(follow_2, widen_2, int16_t)
FOLLOW_AND_WIDEN(follow_4, widen_4, int32_t)
FOLLOW_AND_WIDEN(follow_8, widen_8, int64_t)

/* Set as many numbers from so many bytes; say whether there are as many. */
static int set_wholes(Wholes *wholes, const void *numbers, Py_ssize_t bytes, Py_ssize_t count)
{
    *wholes = (Wholes){numbers, count > 0 ? bytes / count : 1};
    return count >= 0 && bytes == count * wholes->size &&
           (wholes->size == 1 || wholes->size == 2 || wholes->size == 4 || wholes->size == 8);
}

/* Write so many numbers from a place on. */
static void wholes_at(const Wholes *wholes, Py_ssize_t from, int count, int64_t *wide)
{
    switch (wholes->size) {
    case 1:
        widen_1((const int8_t *)wholes->numbers + from, count, wide);
        break;
    case 2:
        widen_2((const int16_t *)wholes->numbers + from, count, wide);
        break;
    case 4:
        widen_4((const int32_t *)wholes->numbers + from, count, wide);
        break;
    default:
        widen_8((const int64_t *)wholes->numbers + from, count, wide);
    }
}

/* Write the next keys that lie before an end, and their values; return how many: not all that there are, but 0 at the end. */
static int take_entries(Entries *entries, int64_t end, int64_t *keys, int64_t *values)
{
    Py_ssize_t left = entries->count - entries->at;
    int most = left < ENTRIES_AT_ONCE ? (int)left : ENTRIES_AT_ONCE, count;
    const char *steps = (const char *)entries->steps.numbers + entries->at * entries->steps.size;
    switch (entries->steps.size) {
    case 1:
        count = follow_1((const void *)steps, most, &entries->key, (uint64_t)end, keys);
        break;
    case 2:
        count = follow_2((const void *)steps, most, &entries->key, (uint64_t)end, keys);
        break;
    case 4:
        count = follow_4((const void *)steps, most, &entries->key, (uint64_t)end, keys);
        break;
    default:
        count = follow_8((const void *)steps, most, &entries->key, (uint64_t)end, keys);
    }
    wholes_at(&entries->values, entries->at, count, values);
    entries->at += count;
    return count;
}

/* Write the numbers of a row; return where its block begins, or -1 if a vector of some size has no such block. */
static Py_ssize_t take_row(const Blocks *blocks, Py_ssize_t row, Py_ssize_t size, int64_t *values)
{
    int64_t block;
    wholes_at(&blocks->numbers, row, 1, &block);
    wholes_at(&blocks->table, row * BLOCK, BLOCK, values);
    return block < 0 || block >= blocks_of(size) || beginning_of(block) >= size ? -1 : beginning_of(block);
}

static int is_over(const PackedTally *tally)
{
    return tally->entries.at == tally->entries.count && tally->blocks.row == tally->blocks.count;
}

#endif
