/* Which slot of a numeric column a value falls in: what `edge_index.py` does with a dozen array calls.
 *
 * Whatever is added, multiplied and cut off here is so in the same order there, without a fused multiplication: the edges
 * are numbered by one and values by the other, and both must say the same.
 *
 * Each step is made for a block of values before the next one: so no value waits until the one before it has come through all
 * tables, and the compiler takes two or more at once where it is arithmetic alone. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <stdint.h>
#include <string.h>

#ifdef __FAST_MATH__
#error "here every operation is rounded once, in the order that is written"
#endif

/* Compiled for processors with wider registers as well, where the loader can choose; not for the widest, with which it takes
 * longer: eight places at once in tables are not found any faster. */
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("avx2", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif

#define BLOCK 64
/* Twice as many fit into 32 bits. */
#define MOST (1 << 30)

/* An index as it is there; behind the last edge is a NaN, and `before` is of int16 or int32. It is less than nothing in a
 * crowded sub-cell: as far below -1 as edges lie in lower ones. */
typedef struct {
    const double *edges;
    Py_ssize_t count;
    double low, high, scale;
    const double *slope, *offset;
    Py_ssize_t coarse;
    const void *before;
    Py_ssize_t cells, width;
} Index;

/* Return how many edges lie in sub-cells below one, and at most so many as there are, even if the tables should be wrong. */
static inline int32_t edges_before(const Index *index, Py_ssize_t cell)
{
    int32_t before = index->width == 2 ? ((const int16_t *)index->before)[cell] : ((const int32_t *)index->before)[cell];
    before = before < 0 ? -1 - before : before;
    return before < index->count ? before : (int32_t)index->count;
}

/* Return the number of edges below a value in a crowded sub-cell. */
static int32_t search(const Index *index, Py_ssize_t cell, double value)
{
    int32_t first = edges_before(index, cell);
    int32_t end = cell + 1 < index->cells ? edges_before(index, cell + 1) : (int32_t)index->count;
    while (first < end) {
        int32_t middle = first + (end - first) / 2;
        if (index->edges[middle] < value)
            first = middle + 1;
        else
            end = middle;
    }
    return first;
}

/* Return a number between 0 and another one, whatever it was. */
static inline double within(double number, double last)
{
    number = number > 0 ? number : 0;
    return number < last ? number : last;
}

/* Write down the sub-cell of each value: one that there is, even if the tables should be wrong. */
static inline void find_cells(const Index *index, const double *restrict values, int32_t *restrict cells)
{
    const double low = index->low, high = index->high, scale = index->scale;
    const double last_coarse = (double)(index->coarse - 1), last_cell = (double)(index->cells - 1);
    const double *restrict slope = index->slope, *restrict offset = index->offset;
    double positions[BLOCK];
    for (int i = 0; i < BLOCK; i++) {
        double value = values[i] > low ? values[i] : low;
        value = value < high ? value : high;
        positions[i] = within((value - low) * scale, last_coarse);
        cells[i] = (int32_t)positions[i];
    }
    for (int i = 0; i < BLOCK; i++)
        positions[i] = positions[i] * slope[cells[i]] + offset[cells[i]];
    for (int i = 0; i < BLOCK; i++)
        cells[i] = (int32_t)within(positions[i], last_cell);
}

/* Return the slot of a value, given the sub-cell and what its table says of that. */
static inline int32_t slot_of(const Index *index, double value, int32_t cell, int32_t before)
{
    const double *edges = index->edges;
    if ((uint32_t)before > (uint32_t)index->count)
        before = search(index, cell, value);
    return 2 * before + (value >= edges[before]) + (value > edges[before]);
}

FOR_EACH_PROCESSOR static void find_block(const Index *index, const double *restrict values, int32_t *restrict slots)
{
    int32_t cells[BLOCK];
    find_cells(index, values, cells);
    if (index->width == 2)
        for (int i = 0; i < BLOCK; i++)
            slots[i] = slot_of(index, values[i], cells[i], ((const int16_t *)index->before)[cells[i]]);
    else
        for (int i = 0; i < BLOCK; i++)
            slots[i] = slot_of(index, values[i], cells[i], ((const int32_t *)index->before)[cells[i]]);
}

/* Find the slots of the next values, a whole block of them if there are as many; return how many there were. */
static int next_slots(const Index *index, const double *values, Py_ssize_t left, int32_t *slots)
{
    double rest[BLOCK] = {0};
    if (left >= BLOCK) {
        find_block(index, values, slots);
        return BLOCK;
    }
    memcpy(rest, values, (size_t)left * sizeof *rest);
    find_block(index, rest, slots);
    return (int)left;
}

static void find_slots(const Index *index, const double *values, Py_ssize_t count, int64_t *slots)
{
    int32_t block[BLOCK];
    for (Py_ssize_t start = 0; start < count; start += BLOCK) {
        int length = next_slots(index, values + start, count - start, block);
        for (int i = 0; i < length; i++)
            slots[start + i] = block[i];
    }
}

/* Count values by slot, and add up those between edges unless `sums` is NULL. */
static void tally_slots(const Index *index, const double *values, Py_ssize_t count, int64_t *counts, double *sums)
{
    int32_t block[BLOCK];
    for (Py_ssize_t start = 0; start < count; start += BLOCK) {
        int length = next_slots(index, values + start, count - start, block);
        for (int i = 0; i < length; i++)
            counts[block[i]]++;
        for (int i = 0; sums != NULL && i < length; i++)
            if (block[i] % 2 == 0)
                sums[block[i] / 2] += values[start + i];
    }
}

/* What Python hands in: an index, and what goes with it. */
enum { EDGES, SLOPE, OFFSET, BEFORE, VALUES, OUT, SUMS, ARRAYS };

static Py_ssize_t length_of(const Py_buffer *array, Py_ssize_t width)
{
    return array->len / width;
}

/* Fill in an index from its arrays; return whether they belong together. */
static int is_index(Index *index, const Py_buffer *arrays)
{
    if ((index->width != 2 && index->width != 4) || arrays[EDGES].len < 8 || arrays[SLOPE].len < 8 ||
        arrays[SLOPE].len != arrays[OFFSET].len || arrays[BEFORE].len < index->width ||
        arrays[EDGES].len / 8 > MOST || arrays[SLOPE].len / 8 > MOST || arrays[BEFORE].len / index->width > MOST)
        return 0;
    index->edges = arrays[EDGES].buf;
    index->count = length_of(&arrays[EDGES], 8) - 1;
    index->slope = arrays[SLOPE].buf;
    index->offset = arrays[OFFSET].buf;
    index->coarse = length_of(&arrays[SLOPE], 8);
    index->before = arrays[BEFORE].buf;
    index->cells = length_of(&arrays[BEFORE], index->width);
    return 1;
}

static PyObject *released(Py_buffer *arrays, int is_right)
{
    for (int i = 0; i < ARRAYS; i++)
        PyBuffer_Release(&arrays[i]);
    if (is_right)
        Py_RETURN_NONE;
    PyErr_SetString(PyExc_ValueError, "the arrays do not belong together");
    return NULL;
}

#define INDEX "(y*y*y*y*nddd)"
#define INDEX_PARTS(arrays, index)                                                                                        \
    &arrays[EDGES], &arrays[SLOPE], &arrays[OFFSET], &arrays[BEFORE], &index.width, &index.low, &index.high, &index.scale

PyDoc_STRVAR(find_doc,
             "find(index, values, slots)\n\n"
             "Write into ``slots`` (n,), int64, where each of ``values`` (n,) lies. ``index`` is what an ``EdgeIndex`` has:\n"
             "``edges`` with a NaN behind the last, ``slope``, ``offset`` and ``before``, the width of a number of the latter in\n"
             "bytes, ``low``, ``high`` and ``scale``.");

static PyObject *find(PyObject *module, PyObject *arguments)
{
    Py_buffer arrays[ARRAYS] = {0};
    Index index;
    int is_right;
    (void)module;
    if (!PyArg_ParseTuple(arguments, INDEX "y*w*", INDEX_PARTS(arrays, index), &arrays[VALUES], &arrays[OUT]))
        return NULL;
    is_right = is_index(&index, arrays) && arrays[OUT].len == arrays[VALUES].len;
    if (is_right)
        find_slots(&index, arrays[VALUES].buf, length_of(&arrays[VALUES], 8), arrays[OUT].buf);
    return released(arrays, is_right);
}

PyDoc_STRVAR(tally_doc,
             "tally(index, values, counts, sums)\n\n"
             "Count ``values`` (n,) by slot in ``counts`` (2k+1,), int64, and add up those between edges in ``sums`` (k+1,),\n"
             "unless that is empty.");

static PyObject *tally(PyObject *module, PyObject *arguments)
{
    Py_buffer arrays[ARRAYS] = {0};
    Index index;
    int is_right;
    (void)module;
    if (!PyArg_ParseTuple(arguments, INDEX "y*w*w*", INDEX_PARTS(arrays, index), &arrays[VALUES], &arrays[OUT],
                          &arrays[SUMS]))
        return NULL;
    is_right = is_index(&index, arrays) && length_of(&arrays[OUT], 8) == 2 * index.count + 1 &&
               (arrays[SUMS].len == 0 || length_of(&arrays[SUMS], 8) == index.count + 1);
    if (is_right)
        tally_slots(&index, arrays[VALUES].buf, length_of(&arrays[VALUES], 8), arrays[OUT].buf,
                    arrays[SUMS].len == 0 ? NULL : arrays[SUMS].buf);
    return released(arrays, is_right);
}

static PyMethodDef functions[] = {
    {"find", find, METH_VARARGS, find_doc},
    {"tally", tally, METH_VARARGS, tally_doc},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_edge_slots",
    .m_doc = "Which slot of a column a value falls in.",
    .m_methods = functions,
};

PyMODINIT_FUNC PyInit__edge_slots(void)
{
    return PyModule_Create(&module);
}
