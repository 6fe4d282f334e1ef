/* Tallies packed: full blocks as rows of a table, what is left as entries; see `packed.py`. */

#ifndef DRIFTBELL_PACKING_H
#define DRIFTBELL_PACKING_H

#include <Python.h>
#include <stdint.h>
#include <string.h>

#include "vector_blocks.h"

/* As `packed.py` has it. */
#define KEY_BYTES 2
#define FEW (BLOCK / (KEY_BYTES + 1))
#define SPREAD 8
#define FITTING 16

/* Numbers that need no place among the entries. */
typedef struct {
    int64_t least, most;
} Range;

/* Full blocks by ascending number, `row` of which have their row in the table, of numbers of so many bytes; and the entries
 * that are left, the last one at `key`. */
typedef struct {
    int64_t *numbers, *steps, *values, key;
    char *table;
    Py_ssize_t rows, row, size, count;
} Packing;

static Range range_of(Py_ssize_t size)
{
    int64_t most = (int64_t)(UINT64_MAX >> 1 >> (64 - 8 * size));
    return (Range){-most - 1, most};
}

static inline int is_within(int64_t value, Range range)
{
    return (value >= range.least) & (value <= range.most);
}

/* Return the bytes of the smallest type that nearly all of some numbers fit, given how many fit each. */
static Py_ssize_t size_for(const Py_ssize_t *fitting)
{
    int kind = 0;
    while (kind < SIZES - 1 && fitting[kind] * FITTING < fitting[SIZES - 1] * (FITTING - 1))
        kind++;
    return (Py_ssize_t)1 << kind;
}

static int is_full(Py_ssize_t entries, Py_ssize_t size)
{
    return entries * (KEY_BYTES + size) > BLOCK * size;
}

/* Return the row of a block, if it has one and is the next that has. */
static char *row_of(Packing *packing, int64_t block)
{
    if (packing->row == packing->rows || packing->numbers[packing->row] != block)
        return NULL;
    return packing->table + packing->row++ * BLOCK * packing->size;
}

static inline void set_in_row(char *row, Py_ssize_t size, Py_ssize_t place, int64_t value)
{
    switch (size) {
    case 1:
        ((int8_t *)row)[place] = (int8_t)value;
        break;
    case 2:
        ((int16_t *)row)[place] = (int16_t)value;
        break;
    case 4:
        ((int32_t *)row)[place] = (int32_t)value;
        break;
    default:
        ((int64_t *)row)[place] = value;
    }
}

/* Write the bytes of the smallest type that holds all of some numbers, and the numbers in it; NULL for lack of memory. */
static PyObject *narrowed(const int64_t *numbers, Py_ssize_t count)
{
    static const Narrow narrow[] = {narrow_1, narrow_2, narrow_4, narrow_8};
    int64_t bits = bits_of(numbers, 1, count);
    int kind = 0;
    PyObject *bytes;
    while (bits > range_of((Py_ssize_t)1 << kind).most)
        kind++;
    bytes = PyBytes_FromStringAndSize(NULL, count << kind);
    if (bytes == NULL)
        return NULL;
    narrow[kind](numbers, 1, count, PyBytes_AsString(bytes));
    return Py_BuildValue("nN", (Py_ssize_t)1 << kind, bytes);
}

#endif
