/* What panes go through when they are packed and unpacked, in one pass each: what `slotted_rows.py`, `gap_places.py` and
 * `packed_vectors.py` do with several array calls.
 *
 * Sums are added up, multiplied and cut off in the same order there, each operation rounded once: a pane is the same to the
 * last bit, whichever way it was packed. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <stdint.h>

#include "contents.h"
#include "entries.h"
#include "gaps.h"
#include "slot_rows.h"
#include "vector_blocks.h"

/* How many numbers an array holds. */
static Py_ssize_t length_of(const Py_buffer *array, size_t size)
{
    return array->len / (Py_ssize_t)size;
}

/* Return None, or NULL with an exception, once the arrays are let go of. */
static PyObject *done(Py_buffer *arrays, int count, int is_right)
{
    for (int i = 0; i < count; i++)
        PyBuffer_Release(&arrays[i]);
    if (is_right)
        Py_RETURN_NONE;
    if (!PyErr_Occurred())
        PyErr_SetString(PyExc_ValueError, "the arrays do not belong together");
    return NULL;
}

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

/* Set the gaps from three arrays; say whether they belong together. */
static int set_gaps(Gaps *gaps, const Py_buffer *counted, const Py_buffer *middle, const Py_buffer *width)
{
    *gaps = (Gaps){counted->buf, middle->buf, width->buf, length_of(width, sizeof(double))};
    return length_of(counted, sizeof(int32_t)) == gaps->count && length_of(middle, sizeof(double)) == gaps->count;
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

PyDoc_STRVAR(count_entries_doc,
             "count_entries(vector, entries)\n\n"
             "Write into ``entries`` (m, 4), int32, how many numbers of each of a vector's blocks are not 0 and have room in\n"
             "1, 2, 4 and 8 bytes. The vector is of int64.");

static PyObject *count_entries(PyObject *module, PyObject *arguments)
{
    enum { VECTOR, ENTRIES, ARRAYS };
    Py_buffer arrays[ARRAYS];
    Py_ssize_t size, blocks;
    int is_right;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "y*w*", &arrays[VECTOR], &arrays[ENTRIES]))
        return NULL;
    size = length_of(&arrays[VECTOR], sizeof(int64_t));
    blocks = length_of(&arrays[ENTRIES], SIZES * sizeof(int32_t));
    is_right = blocks == blocks_of(size);
    for (Py_ssize_t block = 0; is_right && block < blocks; block++) {
        Py_ssize_t begin = beginning_of(block);
        count_block((int64_t *)arrays[VECTOR].buf + begin, keys_from(begin, size),
                    (int32_t *)arrays[ENTRIES].buf + SIZES * block);
    }
    return done(arrays, ARRAYS, is_right);
}

static int visit_all(const Py_buffer *numbers, const Py_buffer *table, const Py_buffer *vector, const Visit *visits)
{
    return visit(numbers->buf, length_of(numbers, sizeof(int64_t)), table->buf, table->len, vector->buf,
                 length_of(vector, sizeof(int64_t)), visits);
}

PyDoc_STRVAR(take_blocks_doc,
             "take_blocks(numbers, table, vector)\n\n"
             "Move the blocks of a vector with some ``numbers`` (m,), int64, into a ``table`` (m, 128) of whole numbers of any\n"
             "size; what has no room there, and has 0 there, stays in the ``vector``, which is of int64.");

static PyObject *take_blocks(PyObject *module, PyObject *arguments)
{
    static const Visit visits[] = {move_1, move_2, move_4, move_8};
    enum { NUMBERS, TABLE, VECTOR, ARRAYS };
    Py_buffer arrays[ARRAYS];
    (void)module;
    if (!PyArg_ParseTuple(arguments, "y*w*w*", &arrays[NUMBERS], &arrays[TABLE], &arrays[VECTOR]))
        return NULL;
    return done(arrays, ARRAYS, visit_all(&arrays[NUMBERS], &arrays[TABLE], &arrays[VECTOR], visits));
}

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
             "find_places(counted, middle, width, keys, rows, sum_keys, sums, places)\n\n"
             "Write into ``places`` (n,), int64, where in their gaps the values of some ``sums`` (n,) lie, whose positions are\n"
             "``sum_keys`` (n,); 0 where that is not said. The first three arrays are those of the gaps; ``keys`` (m,) and\n"
             "``rows`` (m,) are the counts.");

static PyObject *find_places(PyObject *module, PyObject *arguments)
{
    enum { COUNTED, MIDDLE, WIDTH, KEYS, ROWS, SUM_KEYS, SUMS, PLACES, ARRAYS };
    Py_buffer arrays[ARRAYS];
    Gaps gaps;
    int is_right;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "y*y*y*y*y*y*y*w*", &arrays[COUNTED], &arrays[MIDDLE], &arrays[WIDTH], &arrays[KEYS],
                          &arrays[ROWS], &arrays[SUM_KEYS], &arrays[SUMS], &arrays[PLACES]))
        return NULL;
    is_right = set_gaps(&gaps, &arrays[COUNTED], &arrays[MIDDLE], &arrays[WIDTH]) &&
               arrays[ROWS].len == arrays[KEYS].len && arrays[SUM_KEYS].len == arrays[SUMS].len &&
               arrays[PLACES].len == arrays[SUMS].len &&
               find_all(&gaps, arrays[KEYS].buf, arrays[ROWS].buf, length_of(&arrays[KEYS], sizeof(int64_t)),
                        arrays[SUM_KEYS].buf, arrays[SUMS].buf, length_of(&arrays[SUMS], sizeof(double)),
                        arrays[PLACES].buf);
    return done(arrays, ARRAYS, is_right);
}

static PyMethodDef functions[] = {
    {"add_rows", add_rows, METH_VARARGS, add_rows_doc},
    {"count_rows", count_rows, METH_VARARGS, count_rows_doc},
    {"split_sums", split_sums, METH_VARARGS, split_sums_doc},
    {"count_entries", count_entries, METH_VARARGS, count_entries_doc},
    {"take_blocks", take_blocks, METH_VARARGS, take_blocks_doc},
    {"add_contents", add_contents, METH_VARARGS, add_contents_doc},
    {"group_rows", group_rows, METH_VARARGS, group_rows_doc},
    {"find_places", find_places, METH_VARARGS, find_places_doc},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_pane_vectors",
    .m_doc = "What a pane's vectors go through when it is packed and unpacked.",
    .m_methods = functions,
};

PyMODINIT_FUNC PyInit__pane_vectors(void)
{
    return PyModule_Create(&module);
}
