/* Packed tallies in one pass each: what `packed.py` and `packed_vectors.py` do with several array calls.
 *
 * Sums are added up and multiplied in the same order there, each operation rounded once: windows are the same to the last bit,
 * whichever way they were added up. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <stdint.h>

#include "buffers.h"
#include "contents.h"
#include "entries.h"
#include "gaps.h"
#include "merging.h"
#include "number_sums.h"
#include "packed_vectors.h"
#include "packing.h"
#include "vector_blocks.h"

enum { NUMBERS, TABLE, STEPS_TO_KEYS, VALUES_THERE, OF_TALLY };

/* Set a tally from its arrays; say whether they belong together. */
static int set_tally(PackedTally *tally, const Py_buffer *arrays, Py_ssize_t rows, Py_ssize_t count)
{
    *tally = (PackedTally){{.count = rows}, {.count = count}};
    return set_wholes(&tally->blocks.numbers, arrays[NUMBERS].buf, arrays[NUMBERS].len, rows) &&
           rows <= PY_SSIZE_T_MAX / BLOCK &&
           set_wholes(&tally->blocks.table, arrays[TABLE].buf, arrays[TABLE].len, rows * BLOCK) &&
           set_wholes(&tally->entries.steps, arrays[STEPS_TO_KEYS].buf, arrays[STEPS_TO_KEYS].len, count) &&
           set_wholes(&tally->entries.values, arrays[VALUES_THERE].buf, arrays[VALUES_THERE].len, count);
}

enum { COUNTS_OF, PLACES_OF = OF_TALLY, OF_CONTENT = 2 * OF_TALLY };

/* Set a content from a tuple; say whether its arrays, which are held from then on, belong together. -1: there is an error. */
static int set_content(Content *content, PyObject *item, Py_buffer *arrays)
{
    Py_buffer *counts = arrays + COUNTS_OF, *places = arrays + PLACES_OF;
    Py_ssize_t count_rows, count, place_rows, place;
    if (!PyArg_ParseTuple(item, "(y*y*ny*y*n)(y*y*ny*y*n)", &counts[NUMBERS], &counts[TABLE], &count_rows,
                          &counts[STEPS_TO_KEYS], &counts[VALUES_THERE], &count, &places[NUMBERS], &places[TABLE],
                          &place_rows, &places[STEPS_TO_KEYS], &places[VALUES_THERE], &place))
        return -1;
    return set_tally(&content->counts, counts, count_rows, count) &&
           set_tally(&content->places, places, place_rows, place);
}

/* Set contents from a list of tuples; the arrays of as many as `held` says are to be let go of. */
static int set_contents(PyObject *items, Content *contents, Py_buffer *arrays, Py_ssize_t *held)
{
    Py_ssize_t number = PyList_Size(items);
    int is_right = 1;
    while (is_right > 0 && *held < number) {
        is_right = set_content(&contents[*held], PyList_GetItem(items, *held), arrays + *held * OF_CONTENT);
        *held += is_right >= 0;
    }
    return is_right > 0;
}

PyDoc_STRVAR(add_contents_doc,
             "add_contents((counted, middle, width), contents, counts, sums)\n\n"
             "Add to ``counts``, int64, those of a list of contents, and to ``sums`` what their places in gaps say of a content's\n"
             "own counts. A content is a tuple of counts and of places, each ``(numbers, table, m, steps, values, n)``: the rows\n"
             "of a ``table`` (m, 128) belong to the blocks with these ``numbers`` (m,), and n values to the keys that the steps\n"
             "to them lead to. All are whole numbers of any size.");

static PyObject *add_contents(PyObject *module, PyObject *arguments)
{
    enum { COUNTED, MIDDLE, WIDTH, COUNTS, OF_SUMS, COUNT };
    Py_buffer arrays[COUNT], *held_arrays;
    PyObject *items;
    Py_ssize_t held = 0, number;
    Content *contents;
    Vectors vectors;
    Gaps gaps;
    int is_right;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "(y*y*y*)Ow*w*", &arrays[COUNTED], &arrays[MIDDLE], &arrays[WIDTH], &items,
                          &arrays[COUNTS], &arrays[OF_SUMS]))
        return NULL;
    number = PyList_Check(items) ? PyList_Size(items) : 0;
    contents = PyMem_Calloc((size_t)number + 1, sizeof(Content));
    held_arrays = PyMem_Calloc((size_t)number * OF_CONTENT + 1, sizeof(Py_buffer));
    is_right = contents != NULL && held_arrays != NULL ? 1 : -1;
    vectors = (Vectors){arrays[COUNTS].buf, arrays[OF_SUMS].buf, length_of(&arrays[COUNTS], sizeof(int64_t)), 0, NULL};
    if (is_right > 0)
        is_right = PyList_Check(items) && set_gaps(&gaps, &arrays[COUNTED], &arrays[MIDDLE], &arrays[WIDTH]) &&
                   length_of(&arrays[OF_SUMS], sizeof(double)) == gaps.count &&
                   set_contents(items, contents, held_arrays, &held);
    if (is_right > 0)
        is_right = add_to_vectors(&gaps, contents, number, &vectors);
    if (is_right < 0)
        PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < held * OF_CONTENT; i++)
        PyBuffer_Release(&held_arrays[i]);
    PyMem_Free(held_arrays);
    PyMem_Free(contents);
    return done(arrays, COUNT, is_right > 0);
}

PyDoc_STRVAR(sum_by_number_doc,
             "sum_by_number(number, tallies, found)\n\n"
             "Add to ``found`` (k,), int64, the numbers of a list of tallies, which are such tuples as well, by the ``number`` (n,),\n"
             "int32, of their keys.");

static PyObject *sum_by_number(PyObject *module, PyObject *arguments)
{
    enum { NUMBER, FOUND, COUNT };
    Py_buffer arrays[COUNT], own[OF_TALLY];
    PyObject *items;
    PackedTally tally;
    NumberSums sums;
    int is_right;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "y*Ow*", &arrays[NUMBER], &items, &arrays[FOUND]))
        return NULL;
    sums = (NumberSums){arrays[NUMBER].buf, arrays[FOUND].buf, length_of(&arrays[NUMBER], sizeof(int32_t)),
                        length_of(&arrays[FOUND], sizeof(int64_t))};
    is_right = PyList_Check(items);
    for (Py_ssize_t i = 0; is_right && i < PyList_Size(items); i++) {
        Py_ssize_t rows, count;
        is_right = PyArg_ParseTuple(PyList_GetItem(items, i), "y*y*ny*y*n", &own[NUMBERS], &own[TABLE], &rows,
                                    &own[STEPS_TO_KEYS], &own[VALUES_THERE], &count);
        if (!is_right)
            break;
        is_right = set_tally(&tally, own, rows, count) && add_tally_by_number(&sums, &tally);
        for (int each = 0; each < OF_TALLY; each++)
            PyBuffer_Release(&own[each]);
    }
    return done(arrays, COUNT, is_right);
}

/* Return what was packed, each part with the bytes of its numbers; NULL for lack of memory. */
static PyObject *parts_of(const Packing *packing, PyObject *table)
{
    PyObject *steps = narrowed(packing->steps, packing->count), *values = narrowed(packing->values, packing->count);
    PyObject *numbers = narrowed(packing->numbers, packing->rows);
    if (steps != NULL && values != NULL && numbers != NULL)
        return Py_BuildValue("NNN(nO)", steps, values, numbers, packing->size, table);
    Py_XDECREF(steps);
    Py_XDECREF(values);
    Py_XDECREF(numbers);
    return NULL;
}

/* Make the table, for rows that are known, and room for so many entries; say whether there is the memory. */
static PyObject *make_room(Packing *packing, Py_ssize_t entries)
{
    PyObject *table = PyBytes_FromStringAndSize(NULL, packing->rows * BLOCK * packing->size);
    packing->steps = PyMem_Malloc(((size_t)entries + 1) * sizeof(int64_t));
    packing->values = PyMem_Malloc(((size_t)entries + 1) * sizeof(int64_t));
    if (table != NULL && packing->steps != NULL && packing->values != NULL) {
        packing->table = PyBytes_AsString(table);
        return table;
    }
    Py_XDECREF(table);
    return PyErr_NoMemory();
}

static void let_go_of(Packing *packing, PyObject *table)
{
    Py_XDECREF(table);
    PyMem_Free(packing->numbers);
    PyMem_Free(packing->steps);
    PyMem_Free(packing->values);
}

PyDoc_STRVAR(pack_vector_doc,
             "pack_vector(vector) -> tuple\n\n"
             "Pack a ``vector`` (n,), int64. Steps to keys, values, numbers of blocks and their table are returned as bytes, each\n"
             "after the bytes that one of its whole numbers has.");

static PyObject *pack_vector(PyObject *module, PyObject *arguments)
{
    Py_buffer array;
    Packing packing = {0};
    PyObject *table = NULL, *found = NULL;
    Py_ssize_t size, blocks;
    int32_t *entries;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "y*", &array))
        return NULL;
    size = length_of(&array, sizeof(int64_t)), blocks = blocks_of(size);
    entries = PyMem_Malloc(((size_t)blocks * SIZES + 1) * sizeof(int32_t));
    packing.numbers = PyMem_Malloc(((size_t)blocks + 1) * sizeof(int64_t));
    if (entries == NULL || packing.numbers == NULL) {
        PyErr_NoMemory();
    } else {
        count_entries(array.buf, size, entries);
        table = make_room(&packing, find_full_blocks(entries, blocks, &packing));
    }
    if (table != NULL) {
        take_vector(array.buf, size, entries, &packing);
        found = parts_of(&packing, table);
    }
    let_go_of(&packing, table);
    PyMem_Free(entries);
    PyBuffer_Release(&array);
    return found;
}

PyDoc_STRVAR(pack_entries_doc,
             "pack_entries(keys, values) -> tuple\n\n"
             "Pack the ``values`` (n,) of sorted ``keys`` (n,), none of which is negative, in the same way; all are int64.");

static PyObject *pack_entries(PyObject *module, PyObject *arguments)
{
    enum { KEYS, VALUES, COUNT };
    Py_buffer arrays[COUNT];
    Packing packing = {0};
    PyObject *table = NULL, *found = NULL;
    Py_ssize_t count;
    int is_right;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "y*y*", &arrays[KEYS], &arrays[VALUES]))
        return NULL;
    count = length_of(&arrays[KEYS], sizeof(int64_t));
    is_right = arrays[VALUES].len == arrays[KEYS].len && are_sorted(arrays[KEYS].buf, count);
    packing.numbers = is_right ? PyMem_Malloc(((size_t)count / FEW + 1) * sizeof(int64_t)) : NULL;
    if (is_right && packing.numbers == NULL)
        PyErr_NoMemory();
    if (packing.numbers != NULL) {
        find_full(arrays[KEYS].buf, arrays[VALUES].buf, count, &packing);
        table = make_room(&packing, count);
    }
    if (table != NULL) {
        take_entries_of(arrays[KEYS].buf, arrays[VALUES].buf, count, &packing);
        found = parts_of(&packing, table);
    }
    let_go_of(&packing, table);
    Py_XDECREF(done(arrays, COUNT, is_right));
    return found;
}

PyDoc_STRVAR(merge_doc,
             "merge(keys, values, other_keys, other_values, merged_keys, merged_values, are_sums) -> int\n\n"
             "Add two tallies up, of int64 counts or of float64 sums, into arrays with room for both; return how many entries\n"
             "there are then. Counts of zero are left out.");

static PyObject *merge(PyObject *module, PyObject *arguments)
{
    enum { KEYS, VALUES, OTHER_KEYS, OTHER_VALUES, MERGED_KEYS, MERGED_VALUES, COUNT };
    Py_buffer arrays[COUNT];
    Sorted parts[3];
    PyObject *outcome;
    int are_sums, is_right = 1;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "y*y*y*y*w*w*p", &arrays[KEYS], &arrays[VALUES], &arrays[OTHER_KEYS],
                          &arrays[OTHER_VALUES], &arrays[MERGED_KEYS], &arrays[MERGED_VALUES], &are_sums))
        return NULL;
    for (int i = 0; i < 3; i++) {
        const Py_buffer *keys = &arrays[2 * i], *values = keys + 1;
        parts[i] = (Sorted){keys->buf, values->buf, length_of(keys, sizeof(int64_t))};
        is_right &= keys->len == values->len;
    }
    is_right = is_right && parts[2].count == parts[0].count + parts[1].count;
    parts[2].count = 0;
    if (is_right)
        merge_entries(&parts[0], &parts[1], are_sums, &parts[2]);
    outcome = done(arrays, COUNT, is_right);
    Py_XDECREF(outcome);
    return outcome == NULL ? NULL : PyLong_FromSsize_t(parts[2].count);
}

static PyMethodDef functions[] = {
    {"merge", merge, METH_VARARGS, merge_doc},
    {"add_contents", add_contents, METH_VARARGS, add_contents_doc},
    {"sum_by_number", sum_by_number, METH_VARARGS, sum_by_number_doc},
    {"pack_vector", pack_vector, METH_VARARGS, pack_vector_doc},
    {"pack_entries", pack_entries, METH_VARARGS, pack_entries_doc},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_packed_tallies",
    .m_doc = "Tallies packed, and packed ones added up.",
    .m_methods = functions,
};

PyMODINIT_FUNC PyInit__packed_tallies(void)
{
    return PyModule_Create(&module);
}
