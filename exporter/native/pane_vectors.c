/* What panes go through before they are packed, in one pass each: what `slotted_rows.py` and `gap_places.py` do with several
 * array calls.
 *
 * Sums are added up, multiplied and cut off in the same order there, each operation rounded once: a pane is the same to the
 * last bit, whichever way it was packed. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <stdint.h>

#include "buffers.h"
#include "gaps.h"
#include "places.h"
#include "slot_rows.h"

/* The same with slots of either type. */
static int add(const Py_buffer *slots, const double *values, Py_ssize_t rows, const Py_buffer *counts, double *sums,
               Py_ssize_t gaps)
{
    Py_ssize_t width = length_of(counts, sizeof(int64_t));
    if (slots->len == rows * (Py_ssize_t)sizeof(uint16_t))
        return add_short_rows(slots->buf, values, rows, counts->buf, width, sums, gaps);
    return slots->len == rows * (Py_ssize_t)sizeof(uint32_t) &&
           add_long_rows(slots->buf, values, rows, counts->buf, width, sums, gaps);
}

PyDoc_STRVAR(add_rows_doc,
             "add_rows(slots, values, counts, sums)\n\n"
             "Add 1 to ``counts`` (w,), int64, in the slot of each row, and its value to ``sums`` (g,) in half that place if the\n"
             "slot is even and not behind them: ``slots`` (n,), uint16 or uint32, and ``values`` (n,).");

static PyObject *add_rows(PyObject *module, PyObject *arguments)
{
    enum { SLOTS, VALUES, COUNTS, SUMS, ARRAYS };
    Py_buffer arrays[ARRAYS];
    (void)module;
    if (!PyArg_ParseTuple(arguments, "y*y*w*w*", &arrays[SLOTS], &arrays[VALUES], &arrays[COUNTS], &arrays[SUMS]))
        return NULL;
    return done(arrays, ARRAYS,
                add(&arrays[SLOTS], arrays[VALUES].buf, length_of(&arrays[VALUES], sizeof(double)), &arrays[COUNTS],
                    arrays[SUMS].buf, length_of(&arrays[SUMS], sizeof(double))));
}

PyDoc_STRVAR(count_rows_doc,
             "count_rows(slots, rows, counts)\n\n"
             "Add 1 to ``counts`` (w,), int64, in the slot of each of so many rows: ``slots`` (n,), uint16 or uint32.");

static PyObject *count_rows(PyObject *module, PyObject *arguments)
{
    enum { SLOTS, COUNTS, ARRAYS };
    Py_buffer arrays[ARRAYS];
    Py_ssize_t rows;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "y*nw*", &arrays[SLOTS], &rows, &arrays[COUNTS]))
        return NULL;
    return done(arrays, ARRAYS, add(&arrays[SLOTS], NULL, rows, &arrays[COUNTS], NULL, 0));
}

PyDoc_STRVAR(split_sums_doc,
             "split_sums(counted, middle, width, counts, sums, places)\n\n"
             "Take out of ``sums`` (s,) what can be said by a place in a gap, and write that into ``places`` (s,), int64.\n"
             "The first three arrays are those of the gaps, ``counts`` are int64.");

static PyObject *split_sums(PyObject *module, PyObject *arguments)
{
    enum { COUNTED, MIDDLE, WIDTH, COUNTS, SUMS, PLACES, ARRAYS };
    Py_buffer arrays[ARRAYS];
    Gaps gaps;
    int is_right;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "y*y*y*y*w*w*", &arrays[COUNTED], &arrays[MIDDLE], &arrays[WIDTH], &arrays[COUNTS],
                          &arrays[SUMS], &arrays[PLACES]))
        return NULL;
    is_right = set_gaps(&gaps, &arrays[COUNTED], &arrays[MIDDLE], &arrays[WIDTH]) &&
               length_of(&arrays[SUMS], sizeof(double)) == gaps.count &&
               length_of(&arrays[PLACES], sizeof(int64_t)) == gaps.count &&
               split(&gaps, arrays[COUNTS].buf, length_of(&arrays[COUNTS], sizeof(int64_t)), arrays[SUMS].buf,
                     arrays[PLACES].buf);
    return done(arrays, ARRAYS, is_right);
}

enum { FIELDS, SLOTS, VALUES, KEYS, COUNTS, SUM_KEYS, SUMS, ARRAYS };

/* Say whether the arrays belong together, and what they hold. */
static int set_columns(Columns *columns, const Py_buffer *arrays)
{
    Py_ssize_t count = length_of(&arrays[FIELDS], sizeof(Field)), cells = length_of(&arrays[VALUES], sizeof(double));
    Py_ssize_t rows = count ? cells / count : 0, size = cells ? arrays[SLOTS].len / cells : (Py_ssize_t)sizeof(uint16_t);
    *columns = (Columns){arrays[FIELDS].buf, arrays[SLOTS].buf, arrays[VALUES].buf, count, rows, size};
    for (int i = KEYS; i <= SUMS; i++)
        if (length_of(&arrays[i], sizeof(int64_t)) < cells)
            return 0;
    return rows * count == cells && rows <= UINT32_MAX && arrays[SLOTS].len == cells * size &&
           (size == sizeof(uint16_t) || size == sizeof(uint32_t));
}

PyDoc_STRVAR(group_rows_doc,
             "group_rows(fields, slots, values, keys, counts, sum_keys, sums) -> tuple\n\n"
             "Count the rows in each slot, and add up their values, column by column; return how many counts there are and\n"
             "how many sums. ``fields`` (f, 3), int64, are the first positions of a column's counts and of its sums, and how\n"
             "many slots are for numbers; ``slots`` (f, n), uint16 or uint32; ``values`` (f, n); the others have room for f n.");

static PyObject *group_rows(PyObject *module, PyObject *arguments)
{
    Py_buffer arrays[ARRAYS];
    Columns columns;
    Groups groups;
    int is_right, is_done;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "y*y*y*w*w*w*w*", &arrays[FIELDS], &arrays[SLOTS], &arrays[VALUES], &arrays[KEYS],
                          &arrays[COUNTS], &arrays[SUM_KEYS], &arrays[SUMS]))
        return NULL;
    groups = (Groups){arrays[KEYS].buf, arrays[COUNTS].buf, arrays[SUM_KEYS].buf, arrays[SUMS].buf, 0, 0};
    is_right = set_columns(&columns, arrays);
    is_done = is_right && group_columns(&columns, &groups);
    Py_XDECREF(done(arrays, ARRAYS, is_right));
    if (is_right && !is_done)
        return PyErr_NoMemory();
    return is_done ? Py_BuildValue("nn", groups.count, groups.sum_count) : NULL;
}

PyDoc_STRVAR(find_places_doc,
             "find_places(counted, middle, width, keys, rows, sum_keys, sums, place_keys, places, left_keys, left) -> int\n\n"
             "Write into ``places`` (n,), int64, where in their gaps the values of some ``sums`` (n,) lie, whose positions are\n"
             "``sum_keys`` (n,), with those positions in ``place_keys``, and sums of which that is not said into ``left`` and\n"
             "``left_keys``; return how many places there are. The first three arrays are those of the gaps; ``keys`` (m,) and\n"
             "``rows`` (m,) are the counts.");

static PyObject *find_places(PyObject *module, PyObject *arguments)
{
    enum { COUNTED, MIDDLE, WIDTH, KEYS, ROWS, SUM_KEYS, SUMS, PLACE_KEYS, PLACES, LEFT_KEYS, LEFT, ARRAYS };
    Py_buffer arrays[ARRAYS];
    SplitSums split;
    Gaps gaps;
    int is_right;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "y*y*y*y*y*y*y*w*w*w*w*", &arrays[COUNTED], &arrays[MIDDLE], &arrays[WIDTH],
                          &arrays[KEYS], &arrays[ROWS], &arrays[SUM_KEYS], &arrays[SUMS], &arrays[PLACE_KEYS],
                          &arrays[PLACES], &arrays[LEFT_KEYS], &arrays[LEFT]))
        return NULL;
    is_right = set_gaps(&gaps, &arrays[COUNTED], &arrays[MIDDLE], &arrays[WIDTH]) && arrays[ROWS].len == arrays[KEYS].len;
    for (int i = SUM_KEYS; i < ARRAYS; i++)
        is_right &= arrays[i].len == arrays[SUMS].len;
    split = (SplitSums){arrays[SUM_KEYS].buf, arrays[SUMS].buf, length_of(&arrays[SUMS], sizeof(double)),
                        arrays[PLACE_KEYS].buf, arrays[PLACES].buf, arrays[LEFT_KEYS].buf, arrays[LEFT].buf, 0};
    is_right = is_right && split_all(&gaps, arrays[KEYS].buf, arrays[ROWS].buf, length_of(&arrays[KEYS], sizeof(int64_t)),
                                     &split);
    Py_XDECREF(done(arrays, ARRAYS, is_right));
    return is_right ? PyLong_FromSsize_t(split.place_count) : NULL;
}

static PyMethodDef functions[] = {
    {"add_rows", add_rows, METH_VARARGS, add_rows_doc},
    {"count_rows", count_rows, METH_VARARGS, count_rows_doc},
    {"split_sums", split_sums, METH_VARARGS, split_sums_doc},
    {"group_rows", group_rows, METH_VARARGS, group_rows_doc},
    {"find_places", find_places, METH_VARARGS, find_places_doc},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_pane_vectors",
    .m_doc = "What a pane's vectors go through before it is packed.",
    .m_methods = functions,
};

PyMODINIT_FUNC PyInit__pane_vectors(void)
{
    return PyModule_Create(&module);
}
