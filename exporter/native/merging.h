/* Two tallies added up: `merge` of `tally.py`, for two. */

#ifndef DRIFTBELL_MERGING_H
#define DRIFTBELL_MERGING_H

#include <Python.h>
#include <stdint.h>
#include <string.h>

/* Keys that ascend and their values, which are counts or sums: of eight bytes each. */
typedef struct {
    int64_t *keys;
    uint64_t *values;
    Py_ssize_t count;
} Sorted;

static uint64_t added(uint64_t one, uint64_t other, int are_sums)
{
    double sums[2];
    if (!are_sums)
        return one + other;
    memcpy(&sums[0], &one, sizeof one);
    memcpy(&sums[1], &other, sizeof other);
    sums[0] += sums[1];
    memcpy(&one, &sums[0], sizeof one);
    return one;
}

/* Write down an entry, unless it is a count of nothing. */
static inline void put(Sorted *merged, int64_t key, uint64_t value, int are_sums)
{
    merged->keys[merged->count] = key;
    merged->values[merged->count] = value;
    merged->count += are_sums || value != 0;
}

/* Write the entries of both into `merged`, which has room for as many as there are. */
static void merge_entries(const Sorted *one, const Sorted *other, int are_sums, Sorted *merged)
{
    Py_ssize_t i = 0, j = 0;
    while (i < one->count && j < other->count) {
        int64_t key = one->keys[i], another = other->keys[j];
        if (key == another)
            put(merged, key, added(one->values[i++], other->values[j++], are_sums), are_sums);
        else if (key < another)
            put(merged, key, one->values[i++], are_sums);
        else
            put(merged, another, other->values[j++], are_sums);
    }
    for (; i < one->count; i++)
        put(merged, one->keys[i], one->values[i], are_sums);
    for (; j < other->count; j++)
        put(merged, other->keys[j], other->values[j], are_sums);
}

#endif
