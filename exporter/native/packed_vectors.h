/* Vectors and sorted entries packed, each in two passes: one to find the blocks that are full; see `packing.h`. */

#ifndef DRIFTBELL_PACKED_VECTORS_H
#define DRIFTBELL_PACKED_VECTORS_H

#include <Python.h>
#include <stdint.h>
#include <string.h>

#include "packing.h"
#include "vector_blocks.h"

/* What is left of a pair of blocks: how many entries of each, and which numbers are no such. */
typedef struct {
    Py_ssize_t entries[2];
    Range gone[2];
} Left;

/* Count the entries of all blocks that have room in the types of each size. */
BY_PROCESSOR
static void count_entries(const int64_t *vector, Py_ssize_t size, int32_t *entries)
{
    for (Py_ssize_t block = 0; block < blocks_of(size); block++) {
        Py_ssize_t begin = beginning_of(block);
        count_block(vector + begin, keys_from(begin, size), entries + SIZES * block);
    }
}

/* Note the numbers of full blocks, and their numbers' size; return how many entries are left beside them. */
static Py_ssize_t find_full_blocks(const int32_t *entries, Py_ssize_t blocks, Packing *packing)
{
    Py_ssize_t fitting[SIZES] = {0}, left;
    int kind = 0;
    for (Py_ssize_t i = 0; i < blocks * SIZES; i++)
        fitting[i % SIZES] += entries[i];
    packing->size = size_for(fitting);
    while ((Py_ssize_t)1 << kind != packing->size)
        kind++;
    left = fitting[SIZES - 1];
    for (Py_ssize_t block = 0; block < blocks; block++) {
        if (!is_full(entries[block * SIZES + kind], packing->size))
            continue;
        packing->numbers[packing->rows++] = block;
        left -= entries[block * SIZES + kind];
    }
    return left;
}

/* Fill the rows of a pair of blocks, those that it has, and find out what is left. */
static Left fill_rows(const int64_t *vector, Py_ssize_t size, Py_ssize_t pair, const int32_t *entries, Packing *packing)
{
    static const Narrow narrow[] = {narrow_1, narrow_2, narrow_4, narrow_8};
    Left left = {{0, 0}, {{0, 0}, {0, 0}}};
    int kind = 0;
    while ((Py_ssize_t)1 << kind != packing->size)
        kind++;
    for (int half = 0; half < 2; half++) {
        Py_ssize_t begin = beginning_of(2 * pair + half), keys = keys_from(begin, size);
        const int32_t *here = entries + (2 * pair + half) * SIZES;
        char *row = row_of(packing, 2 * pair + half);
        left.entries[half] = here[SIZES - 1] - (row == NULL ? 0 : here[kind]);
        if (row == NULL)
            continue;
        left.gone[half] = range_of(packing->size);
        narrow[kind](vector + begin, 2, keys, row);
        memset(row + keys * packing->size, 0, (size_t)((BLOCK - keys) * packing->size));
    }
    return left;
}

/* Note what is left of the keys from one on, each so many behind the last, until there are so many entries. */
static void note_numbers(const int64_t *vector, Py_ssize_t from, Py_ssize_t end, Py_ssize_t step, const Range *gone,
                         Py_ssize_t until, Packing *packing)
{
    /* What is in variables need not be read again after each entry that is written. */
    int64_t *steps = packing->steps, *values = packing->values, last = packing->key;
    Range even = gone[from % 2], odd = gone[(from + step) % 2];
    Py_ssize_t count = packing->count;
    for (Py_ssize_t key = from; key < end && count < until; key += step) {
        int64_t value = vector[key];
        int is_left = !is_within(value, even);
        Range swap = even;
        /* Whether it is, is often as good as chance: a jump would be guessed wrong. */
        steps[count] = key - last;
        values[count] = value;
        last = is_left ? key : last;
        count += is_left;
        even = odd, odd = swap;
    }
    packing->key = last, packing->count = count;
}

/* Note what is left of a pair of blocks. */
static void note_left(const int64_t *vector, Py_ssize_t size, Py_ssize_t pair, const Left *left, Packing *packing)
{
    Py_ssize_t begin = pair * PAIR, end = size - begin < PAIR ? size : begin + PAIR, step = 1;
    Py_ssize_t count = packing->count + left->entries[0] + left->entries[1];
    /* Mostly it is of one block: of values between edges. */
    if (left->entries[0] == 0 || left->entries[1] == 0)
        step = 2, begin += left->entries[0] == 0;
    note_numbers(vector, begin, end, step, left->gone, count, packing);
}

static void take_vector(const int64_t *vector, Py_ssize_t size, const int32_t *entries, Packing *packing)
{
    for (Py_ssize_t pair = 0; 2 * pair < blocks_of(size); pair++) {
        Left left = fill_rows(vector, size, pair, entries, packing);
        note_left(vector, size, pair, &left, packing);
    }
}

/* Say whether keys are sorted, and none is negative. */
BY_PROCESSOR
static int are_sorted(const int64_t *keys, Py_ssize_t count)
{
    int are = count == 0 || keys[0] >= 0;
    for (Py_ssize_t i = 1; i < count; i++)
        are &= keys[i - 1] < keys[i];
    return are;
}

/* Count those of some numbers that have room in the types of each size. */
BY_PROCESSOR
static void count_fitting(const int64_t *numbers, Py_ssize_t count, Py_ssize_t *fitting)
{
    int32_t beyond[SIZES] = {0};
    if (bits_of(numbers, 1, count) > INT8_MAX)
        count_beyond(numbers, 1, count, beyond);
    for (int i = 0; i < SIZES; i++)
        fitting[i] = count - beyond[i];
}

/* Return where the entries of another pair of blocks begin. */
static inline Py_ssize_t end_of_pair(const int64_t *keys, Py_ssize_t count, Py_ssize_t from)
{
    int64_t end = (int64_t)((uint64_t)keys[from] / PAIR * PAIR + (PAIR - 1));
    while (from < count && keys[from] <= end)
        from++;
    return from;
}

/* Note the numbers of full blocks of entries, and their numbers' size. */
static void find_full(const int64_t *keys, const int64_t *values, Py_ssize_t count, Packing *packing)
{
    Py_ssize_t fitting[SIZES], next;
    int64_t first = -1, last = 0;
    Range range;
    count_fitting(values, count, fitting);
    packing->size = size_for(fitting);
    range = range_of(packing->size);
    for (Py_ssize_t from = 0; from < count; from = next) {
        Py_ssize_t found[2] = {0, 0};
        next = end_of_pair(keys, count, from);
        if (next - from <= FEW)
            continue;
        for (Py_ssize_t i = from; i < next; i++)
            found[keys[i] % 2] += is_within(values[i], range);
        for (int half = 0; half < 2; half++) {
            last = found[half] ? keys[from] / PAIR * 2 + half : last;
            first = found[half] && first < 0 ? last - half : first;
            if (is_full(found[half], packing->size))
                packing->numbers[packing->rows++] = last;
        }
    }
    /* Far apart as they are, it is not worth the while. */
    if (last - first > SPREAD * count)
        packing->rows = 0;
}

/* Note entries, but those that fit the rows of their blocks: of the even keys, and of the odd ones. */
static void note_entries_of(const int64_t *keys, const int64_t *values, Py_ssize_t count, char *const *rows, Packing *packing)
{
    int64_t *steps = packing->steps + packing->count, *left = packing->values + packing->count, last = packing->key;
    Range range = range_of(packing->size);
    Py_ssize_t found = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        char *row = rows[keys[i] % 2];
        if (row != NULL && is_within(values[i], range)) {
            set_in_row(row, packing->size, keys[i] % PAIR / 2, values[i]);
            continue;
        }
        steps[found] = keys[i] - last;
        left[found++] = values[i];
        last = keys[i];
    }
    packing->key = last, packing->count += found;
}

/* Note the last entries, when no row is left for any. */
static void note_all(const int64_t *keys, const int64_t *values, Py_ssize_t count, Packing *packing)
{
    int64_t *steps = packing->steps + packing->count;
    for (Py_ssize_t i = 0; i < count; i++)
        steps[i] = keys[i] - (i == 0 ? packing->key : keys[i - 1]);
    memcpy(packing->values + packing->count, values, (size_t)count * sizeof(int64_t));
    packing->count += count;
}

static void take_entries_of(const int64_t *keys, const int64_t *values, Py_ssize_t count, Packing *packing)
{
    Py_ssize_t next;
    memset(packing->table, 0, (size_t)(packing->rows * BLOCK * packing->size));
    for (Py_ssize_t from = 0; from < count; from = next) {
        char *rows[2];
        if (packing->row == packing->rows) {
            note_all(keys + from, values + from, count - from, packing);
            return;
        }
        for (int half = 0; half < 2; half++)
            rows[half] = row_of(packing, keys[from] / PAIR * 2 + half);
        next = end_of_pair(keys, count, from);
        note_entries_of(keys + from, values + from, next - from, rows, packing);
    }
}

#endif
