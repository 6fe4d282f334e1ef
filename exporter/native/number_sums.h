/* Tallies added up by a number that each key has; see `sums_by` in `packed_vectors.py`. */

#ifndef DRIFTBELL_NUMBER_SUMS_H
#define DRIFTBELL_NUMBER_SUMS_H

#include <Python.h>
#include <stdint.h>

#include "entries.h"
#include "vector_blocks.h"

/* The `number` of each of so many keys, and what is found for each of so many numbers. */
typedef struct {
    const int32_t *number;
    int64_t *found;
    Py_ssize_t keys, numbers;
} NumberSums;

/* Add values of keys, each so many behind the last; say whether their numbers are there. */
static int add_by_number(const NumberSums *sums, const int64_t *values, const int32_t *number)
{
    if (*number < 0 || *number >= sums->numbers)
        return 0;
    sums->found[*number] += *values;
    return 1;
}

static int add_row_by_number(const NumberSums *sums, const Blocks *blocks, Py_ssize_t row)
{
    int64_t values[BLOCK];
    Py_ssize_t begin = take_row(blocks, row, sums->keys, values), count = keys_from(begin, sums->keys);
    for (Py_ssize_t i = 0; i < count; i++)
        if (begin < 0 || !add_by_number(sums, &values[i], &sums->number[begin + 2 * i]))
            return 0;
    return begin >= 0;
}

static int add_tally_by_number(const NumberSums *sums, PackedTally *tally)
{
    int64_t keys[ENTRIES_AT_ONCE], values[ENTRIES_AT_ONCE];
    int count;
    while ((count = take_entries(&tally->entries, sums->keys, keys, values)) > 0)
        for (int i = 0; i < count; i++)
            if (!add_by_number(sums, &values[i], &sums->number[keys[i]]))
                return 0;
    for (Blocks *blocks = &tally->blocks; blocks->row < blocks->count; blocks->row++)
        if (!add_row_by_number(sums, blocks, blocks->row))
            return 0;
    return is_over(tally);
}

#endif
