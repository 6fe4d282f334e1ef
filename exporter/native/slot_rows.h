/* Rows in their slots: counted in vectors, or entry by entry; see `slotted_rows.py`. */

#ifndef DRIFTBELL_SLOT_ROWS_H
#define DRIFTBELL_SLOT_ROWS_H

#include <Python.h>
#include <stdint.h>

/* Count rows in their slots, and add up values of even ones (between edges) that have a sum, up to the first row in no slot;
 * say whether there is none such. */
#define ADD_ROWS(NAME, TYPE)                                                                                           \
    static int NAME(const TYPE *slots, const double *values, Py_ssize_t rows, int64_t *counts, Py_ssize_t width,      \
                    double *sums, Py_ssize_t gaps)                                                                     \
    {                                                                                                                  \
        for (Py_ssize_t row = 0; row < rows; row++) {                                                                  \
            TYPE slot = slots[row];                                                                                    \
            if ((Py_ssize_t)slot >= width)                                                                             \
                return 0;                                                                                              \
            counts[slot]++;                                                                                            \
            /* To add nothing takes less time than to find out, row by row, that there is nothing to be added. */      \
            if (slot / 2 < gaps)                                                                                       \
                sums[slot / 2] += slot % 2 == 0 ? values[row] : 0.0;                                                   \
        }                                                                                                              \
        return 1;                                                                                                      \
    }
ADD_ROWS(add_short_rows, uint16_t)
ADD_ROWS(add_long_rows, uint32_t)

#define DIGITS 256
#define DIGIT_BITS 8

/* A row of a column in its slot. */
typedef struct {
    uint32_t slot, row;
} Entry;

/* A column of rows: where its slots begin among the counts and the sums, and how many slots are numbers' (not "missing"). */
typedef struct {
    int64_t counts, sums, numbers;
} Field;

typedef struct {
    int64_t *keys, *counts, *sum_keys;
    double *sums;
    Py_ssize_t count, sum_count;
} Groups;

/* Sort by one digit of the slot, keeping the order of equal ones. */
static void sort_by_digit(const Entry *from, Entry *to, Py_ssize_t count, int shift)
{
    Py_ssize_t first[DIGITS] = {0}, place = 0;
    for (Py_ssize_t i = 0; i < count; i++)
        first[from[i].slot >> shift & (DIGITS - 1)]++;
    for (int digit = 0; digit < DIGITS; digit++) {
        Py_ssize_t entries = first[digit];
        first[digit] = place;
        place += entries;
    }
    for (Py_ssize_t i = 0; i < count; i++)
        to[first[from[i].slot >> shift & (DIGITS - 1)]++] = from[i];
}

/* Sort by slot and row; return where the result is, in one of the two places. */
static Entry *sorted(Entry *entries, Entry *others, Py_ssize_t count)
{
    uint32_t used = 0;
    for (Py_ssize_t i = 0; i < count; i++)
        used |= entries[i].slot;
    for (int shift = 0; shift < 32 && used >> shift; shift += DIGIT_BITS) {
        Entry *swap = entries;
        sort_by_digit(entries, others, count, shift);
        entries = others;
        others = swap;
    }
    return entries;
}

/* Add a group for each slot; what lies between edges has an even one, and a sum. */
static void add_groups(const Field *field, const Entry *entries, Py_ssize_t count, const double *values, Groups *groups)
{
    for (Py_ssize_t i = 0, next; i < count; i = next) {
        uint32_t slot = entries[i].slot;
        double sum = 0;
        for (next = i; next < count && entries[next].slot == slot; next++)
            sum += values[entries[next].row];
        groups->keys[groups->count] = field->counts + slot;
        groups->counts[groups->count++] = next - i;
        if (slot % 2 == 0 && slot < field->numbers) {
            groups->sum_keys[groups->sum_count] = field->sums + slot / 2;
            groups->sums[groups->sum_count++] = sum;
        }
    }
}

/* Columns of rows: their `fields`, and for each in turn the slots, in `size` bytes, and the values. */
typedef struct {
    const Field *fields;
    const char *slots;
    const double *values;
    Py_ssize_t count, rows, size;
} Columns;

static void fill(Entry *entries, const char *slots, Py_ssize_t rows, Py_ssize_t size)
{
    for (Py_ssize_t row = 0; row < rows; row++) {
        uint32_t slot = size == sizeof(uint16_t) ? ((const uint16_t *)slots)[row] : ((const uint32_t *)slots)[row];
        entries[row] = (Entry){slot, (uint32_t)row};
    }
}

/* Group the rows of all columns; return 0 for lack of memory. */
static int group_columns(const Columns *columns, Groups *groups)
{
    Py_ssize_t rows = columns->rows;
    Entry *entries = PyMem_Calloc((size_t)rows + 1, 2 * sizeof *entries);
    for (Py_ssize_t i = 0; i < columns->count && entries != NULL; i++) {
        fill(entries, columns->slots + i * rows * columns->size, rows, columns->size);
        add_groups(&columns->fields[i], sorted(entries, entries + rows, rows), rows, columns->values + i * rows, groups);
    }
    PyMem_Free(entries);
    return entries != NULL;
}

#endif
