/* Which slot of a numeric column a value falls in, in one pass: what `edge_index.py` does with a dozen array calls.
 *
 * Whatever is added, multiplied and cut off here is so in the same order there, without a fused multiplication: the edges
 * are numbered by one and values by the other, and both must say the same. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <stdint.h>

#ifdef __FAST_MATH__
#error "here every operation is rounded once, in the order that is written"
#endif

/* What stands for the number of edges before a sub-cell that several lie in. */
#define CROWDED (-1)

/* An index as it is there; `before` is of int16 or int32. */
typedef struct {
    const double *edges;
    Py_ssize_t count;
    double low, high, scale;
    const double *slope, *offset;
    Py_ssize_t coarse;
    const void *before;
    Py_ssize_t cells, width;
} Index;

/* Return the number of edges below a value. */
static int64_t search(const Index *index, double value)
{
    Py_ssize_t first = 0, length = index->count;
    while (length > 0) {
        Py_ssize_t half = length / 2;
        int is_below = index->edges[first + half] < value;
        first += is_below ? half + 1 : 0;
        length = is_below ? length - half - 1 : half;
    }
    return first;
}

/* Return the number of edges in lower sub-cells; CROWDED where that says nothing. */
static inline int64_t edges_before(const Index *index, double value)
{
    double position = value > index->low ? value : index->low, whole;
    uint64_t coarse, cell;
    position = position < index->high ? position : index->high;
    position -= index->low;
    position *= index->scale;
    coarse = (uint64_t)position;
    if (coarse >= (uint64_t)index->coarse)
        return CROWDED;
    whole = position * index->slope[coarse];
    cell = (uint64_t)(whole + index->offset[coarse]);
    if (cell >= (uint64_t)index->cells)
        return CROWDED;
    return index->width == 2 ? ((const int16_t *)index->before)[cell] : ((const int32_t *)index->before)[cell];
}

static void find_slots(const Index *index, const double *values, int64_t *slots, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        double value = values[i];
        int64_t before = edges_before(index, value);
        if (before == CROWDED)
            before = search(index, value);
        else
            before += before < index->count && index->edges[before] < value;
        slots[i] = 2 * before + (before < index->count && index->edges[before] == value);
    }
}

/* What Python hands in: arrays, the last of them to be written to. */
enum { VALUES, EDGES, SLOPE, OFFSET, BEFORE, SLOTS, ARRAYS };

static int fits(const Py_buffer *arrays, Py_ssize_t width)
{
    return arrays[SLOTS].len == arrays[VALUES].len && arrays[SLOPE].len == arrays[OFFSET].len &&
           arrays[BEFORE].len > 0 && (width == 2 || width == 4);
}

PyDoc_STRVAR(find_doc,
             "find(values, edges, slope, offset, before, slots, width, low, high, scale)\n\n"
             "Write into ``slots`` (n,), int64, where each of ``values`` (n,) lies. The rest is what an ``EdgeIndex`` has;\n"
             "``width`` is that of a number of ``before`` in bytes.");

static PyObject *find(PyObject *module, PyObject *arguments)
{
    Py_buffer arrays[ARRAYS];
    Index index;
    int is_right;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "y*y*y*y*y*w*nddd", &arrays[VALUES], &arrays[EDGES], &arrays[SLOPE],
                          &arrays[OFFSET], &arrays[BEFORE], &arrays[SLOTS], &index.width, &index.low, &index.high,
                          &index.scale))
        return NULL;
    is_right = fits(arrays, index.width);
    if (is_right) {
        index.edges = arrays[EDGES].buf;
        index.count = arrays[EDGES].len / (Py_ssize_t)sizeof(double);
        index.slope = arrays[SLOPE].buf;
        index.offset = arrays[OFFSET].buf;
        index.coarse = arrays[SLOPE].len / (Py_ssize_t)sizeof(double);
        index.before = arrays[BEFORE].buf;
        index.cells = arrays[BEFORE].len / index.width;
        find_slots(&index, arrays[VALUES].buf, arrays[SLOTS].buf, arrays[VALUES].len / (Py_ssize_t)sizeof(double));
    }
    for (int i = 0; i < ARRAYS; i++)
        PyBuffer_Release(&arrays[i]);
    if (!is_right) {
        PyErr_SetString(PyExc_ValueError, "the arrays do not belong together");
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
    {"find", find, METH_VARARGS, find_doc},
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
