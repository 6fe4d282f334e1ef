/* Contents of few entries among many keys: added up piece by piece of the vectors, all contents in one, so that each piece
 * is in the cache while it is needed; see `packed_vectors.py`. */

#ifndef DRIFTBELL_ENTRIES_H
#define DRIFTBELL_ENTRIES_H

#include <Python.h>
#include <stdint.h>

#include "gaps.h"
#include "vector_blocks.h"

/* Keys and gaps to a piece. */
#define KEYS_AT_ONCE 8192
#define GAPS_AT_ONCE 4096

/* Whole numbers of 1, 2, 4 or 8 bytes. */
typedef struct {
    const void *numbers;
    Py_ssize_t size;
} Wholes;

/* Sorted keys, told by the steps from one to the next, with their values; `key` is that of the entry to which one has come. */
typedef struct {
    Wholes steps, values;
    Py_ssize_t count, at;
    int64_t key;
} Entries;

/* Blocks of counts by ascending number; `row` is where the last one was looked for. */
typedef struct {
    const int64_t *numbers;
    Wholes table;
    Py_ssize_t count, row;
} Blocks;

/* `asked` is the last key at which a count was looked up. */
typedef struct {
    Blocks blocks;
    Entries counts, places;
    int64_t asked;
} Content;

static inline int64_t whole_at(const Wholes *wholes, Py_ssize_t i)
{
    switch (wholes->size) {
    case 1:
        return ((const int8_t *)wholes->numbers)[i];
    case 2:
        return ((const int16_t *)wholes->numbers)[i];
    case 4:
        return ((const int32_t *)wholes->numbers)[i];
    default:
        return ((const int64_t *)wholes->numbers)[i];
    }
}

/* Set as many numbers from so many bytes; say whether there are as many. */
static int set_wholes(Wholes *wholes, const void *numbers, Py_ssize_t bytes, Py_ssize_t count)
{
    *wholes = (Wholes){numbers, count > 0 ? bytes / count : 1};
    return count >= 0 && bytes == count * wholes->size &&
           (wholes->size == 1 || wholes->size == 2 || wholes->size == 4 || wholes->size == 8);
}

static inline int is_over(const Entries *entries)
{
    return entries->at >= entries->count;
}

static void begin(Entries *entries)
{
    entries->at = 0;
    entries->key = is_over(entries) ? 0 : whole_at(&entries->steps, 0);
}

static inline void go_on(Entries *entries)
{
    entries->at++;
    if (!is_over(entries))
        entries->key += whole_at(&entries->steps, entries->at);
}

/* Add the entries up to a key to a vector; say whether none lies outside. */
static int add_until(Entries *entries, int64_t end, int64_t *vector)
{
    for (; !is_over(entries) && entries->key < end; go_on(entries)) {
        if (entries->key < 0)
            return 0;
        vector[entries->key] += whole_at(&entries->values, entries->at);
    }
    return 1;
}

/* Return the first row whose block has no smaller number. */
static Py_ssize_t row_of(const Blocks *blocks, int64_t block)
{
    Py_ssize_t first = 0, count = blocks->count;
    while (count > 0) {
        Py_ssize_t half = count / 2;
        int is_before = blocks->numbers[first + half] < block;
        first += is_before ? half + 1 : 0;
        count = is_before ? count - half - 1 : half;
    }
    return first;
}

static int64_t count_in_blocks(Blocks *blocks, int64_t key)
{
    int64_t block = key / PAIR * 2 + key % 2;
    /* Mostly it is the same as the last time. */
    if (blocks->row >= blocks->count || blocks->numbers[blocks->row] != block)
        blocks->row = row_of(blocks, block);
    if (blocks->row >= blocks->count || blocks->numbers[blocks->row] != block)
        return 0;
    return whole_at(&blocks->table, blocks->row * BLOCK + key % PAIR / 2);
}

/* Return a content's own count at a key, mostly one behind the last: what lies before it is not gone through again. */
static int64_t count_of(Content *content, int64_t key)
{
    Entries *counts = &content->counts;
    int64_t found = count_in_blocks(&content->blocks, key);
    if (key < content->asked)
        begin(counts);
    content->asked = key;
    while (!is_over(counts) && counts->key < key)
        go_on(counts);
    return is_over(counts) || counts->key != key ? found : found + whole_at(&counts->values, counts->at);
}

/* Add to sums what a content's places up to a gap say of its counts; say whether all gaps are there. */
static int join_until(const Gaps *gaps, Content *content, int64_t end, double *sums)
{
    Entries *places = &content->places;
    for (; !is_over(places) && places->key < end; go_on(places)) {
        int64_t key = places->key;
        double place = (double)whole_at(&places->values, places->at);
        if (key < 0)
            return 0;
        sums[key] += (gaps->middle[key] + gaps->width[key] * (place / STEPS)) * (double)count_of(content, gaps->counted[key]);
    }
    return 1;
}

/* Add entries to counts and sums, of which blocks were added before; say whether all have their places there. */
static int add_entries(const Gaps *gaps, Content *contents, Py_ssize_t number, int64_t *counts, Py_ssize_t size, double *sums)
{
    for (Py_ssize_t i = 0; i < number; i++) {
        begin(&contents[i].counts);
        begin(&contents[i].places);
    }
    for (Py_ssize_t key = 0; key < size; key += KEYS_AT_ONCE)
        for (Py_ssize_t i = 0; i < number; i++)
            if (!add_until(&contents[i].counts, key + KEYS_AT_ONCE < size ? key + KEYS_AT_ONCE : size, counts))
                return 0;
    for (Py_ssize_t i = 0; i < number; i++) {
        if (!is_over(&contents[i].counts))
            return 0;
        begin(&contents[i].counts);
        contents[i].asked = 0;
    }
    for (Py_ssize_t gap = 0; gap < gaps->count; gap += GAPS_AT_ONCE)
        for (Py_ssize_t i = 0; i < number; i++)
            if (!join_until(gaps, &contents[i], gap + GAPS_AT_ONCE < gaps->count ? gap + GAPS_AT_ONCE : gaps->count, sums))
                return 0;
    for (Py_ssize_t i = 0; i < number; i++)
        if (!is_over(&contents[i].places))
            return 0;
    return 1;
}

#endif
