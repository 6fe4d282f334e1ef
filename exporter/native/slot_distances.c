/* How far two columns that were counted by slots are apart, in one pass over the slots where NumPy takes a dozen.
 *
 * `exporter/statistics` has the definitions, in NumPy. Here the same is divided, multiplied and added in the same
 * order, without a fused multiplication, and sums of floats are left to NumPy: the results are the same to the last bit.
 * Arrays of other types or lengths are left to NumPy as well, which knows what to say about them. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <math.h>
#include <string.h>

#include "arrays.h"
#include "gap_areas.h"

#ifdef __FAST_MATH__
#error "here every operation is rounded once, in the order that is written"
#endif

/* Take the counts by slot of two sides as the first arguments; 0, and none is held, if they are left to NumPy. */
static int take_sides(PyObject *arguments, Array *arrays)
{
    if (!take(arguments, arrays, 2))
        return 0;
    if (length_of(&arrays[0]) == length_of(&arrays[1]) && length_of(&arrays[0]) % 2 == 1)
        return 1;
    let_go(arrays, 2);
    return 0;
}

static int64_t total_of(const int64_t *counts, Py_ssize_t count)
{
    /* Without a sign, overflow is defined. */
    uint64_t total = 0;
    for (Py_ssize_t i = 0; i < count; i++)
        total += (uint64_t)counts[i];
    return (int64_t)total;
}

/* In parts of a common denominator; `running` are the rows so far, of both. */
static inline double distance_after(const int64_t *reference, const int64_t *current, uint64_t *running, double m,
                                    double n)
{
    running[0] += (uint64_t)*reference;
    running[1] += (uint64_t)*current;
    return fabs((double)(int64_t)running[0] * n - (double)(int64_t)running[1] * m);
}

static double smirnov(const int64_t *reference, const int64_t *current, Py_ssize_t count, double m, double n)
{
    /* Each second maximum need not wait for the one before. */
    double in_gaps = 0.0, at_edges = 0.0;
    uint64_t running[2] = {0, 0};
    for (Py_ssize_t slot = 0; slot + 1 < count; slot += 2) {
        double gap = distance_after(reference + slot, current + slot, running, m, n);
        double edge = distance_after(reference + slot + 1, current + slot + 1, running, m, n);
        in_gaps = gap > in_gaps ? gap : in_gaps;
        at_edges = edge > at_edges ? edge : at_edges;
    }
    /* After the last slot both have all their rows. */
    return (in_gaps > at_edges ? in_gaps : at_edges) / (m * n);
}

PyDoc_STRVAR(smirnov_doc, "kolmogorov_smirnov(reference, current) -> float\n\n"
                          "As in ``kolmogorov_smirnov.py``, from counts by slot. None if that is left to NumPy.");

static PyObject *kolmogorov_smirnov(PyObject *module, PyObject *arguments)
{
    Array arrays[] = {{.type = WHOLE}, {.type = WHOLE}};
    const int64_t *reference, *current;
    Py_ssize_t count;
    double distance = Py_NAN, m, n;
    (void)module;
    if (!take_sides(arguments, arrays))
        Py_RETURN_NONE;
    reference = arrays[0].buffer.buf, current = arrays[1].buffer.buf, count = length_of(&arrays[0]);
    m = (double)total_of(reference, count), n = (double)total_of(current, count);
    if (m != 0 && n != 0)
        distance = smirnov(reference, current, count, m, n);
    let_go(arrays, 2);
    return PyFloat_FromDouble(distance);
}

/* Rows beyond a limit, of the reference and of the window. */
typedef struct {
    int64_t reference, current;
} Tail;

/* `step` is 1 from the lowest slot upwards, -1 from the highest downwards. */
static Tail tail_of(const int64_t *reference, const int64_t *current, Py_ssize_t edges, Py_ssize_t step, double allowed)
{
    Py_ssize_t last = 0;
    uint64_t rows, beyond, there = 0;
    if (edges == 0)
        return (Tail){0, 0};
    rows = beyond = (uint64_t)reference[0];
    for (Py_ssize_t edge = 1; edge < edges; edge++) {
        rows += (uint64_t)reference[(2 * edge - 1) * step] + (uint64_t)reference[2 * edge * step];
        if ((double)(int64_t)rows > allowed)
            break;
        last = edge;
        beyond = rows;
    }
    for (Py_ssize_t slot = 0; slot <= 2 * last; slot++)
        there += (uint64_t)current[slot * step];
    return (Tail){(int64_t)beyond, (int64_t)there};
}

PyDoc_STRVAR(tails_doc,
             "tails(reference, current, allowed) -> tuple\n\n"
             "Return the rows in the tails of ``tails.py``: of both below, of both above. None if left to NumPy.");

static PyObject *tails(PyObject *module, PyObject *arguments)
{
    Array arrays[] = {{.type = WHOLE}, {.type = WHOLE}};
    PyObject *ignored;
    double allowed;
    const int64_t *reference, *current;
    Py_ssize_t count;
    Tail low, high;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "OOd", &ignored, &ignored, &allowed))
        return NULL;
    if (!take_sides(arguments, arrays))
        Py_RETURN_NONE;
    reference = arrays[0].buffer.buf, current = arrays[1].buffer.buf, count = length_of(&arrays[0]);
    low = tail_of(reference, current, count / 2, 1, allowed);
    high = tail_of(reference + count - 1, current + count - 1, count / 2, -1, allowed);
    let_go(arrays, 2);
    return Py_BuildValue("LLLL", (long long)low.reference, (long long)low.current, (long long)high.reference,
                         (long long)high.current);
}

static void divide(const int64_t *counts, double total, double *shares, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count; i++)
        shares[i] = (double)counts[i] / total;
}

PyDoc_STRVAR(shares_doc,
             "shares(reference, current, of_reference, of_current) -> bool\n\n"
             "Write the shares of counts into the other arrays; False if a side is empty, or left to NumPy.");

static PyObject *shares(PyObject *module, PyObject *arguments)
{
    Array arrays[] = {
        {.type = WHOLE}, {.type = WHOLE}, {.type = FLOATING, .is_written = 1}, {.type = FLOATING, .is_written = 1}};
    double totals[2] = {0.0, 0.0};
    (void)module;
    if (!take(arguments, arrays, 4))
        Py_RETURN_FALSE;
    if (length_of(&arrays[0]) == length_of(&arrays[2]) && length_of(&arrays[1]) == length_of(&arrays[3]))
        for (int i = 0; i < 2; i++)
            totals[i] = (double)total_of(arrays[i].buffer.buf, length_of(&arrays[i]));
    if (totals[0] != 0 && totals[1] != 0)
        for (int i = 0; i < 2; i++)
            divide(arrays[i].buffer.buf, totals[i], arrays[i + 2].buffer.buf, length_of(&arrays[i]));
    let_go(arrays, 4);
    return PyBool_FromLong(totals[0] != 0 && totals[1] != 0);
}

/* Return the number of edges below a value. */
static Py_ssize_t edges_below(const double *edges, Py_ssize_t count, double value)
{
    Py_ssize_t first = 0;
    while (count > 0) {
        Py_ssize_t half = count / 2;
        int is_below = edges[first + half] < value;
        first += is_below ? half + 1 : 0;
        count = is_below ? count - half - 1 : half;
    }
    return first;
}

enum { EDGES, COUNTS, CUTS, BINS, OF_BINS };

static int count_bins(const Array *arrays)
{
    const double *edges = arrays[EDGES].buffer.buf, *cuts = arrays[CUTS].buffer.buf;
    const int64_t *counts = arrays[COUNTS].buffer.buf;
    int64_t *bins = arrays[BINS].buffer.buf;
    Py_ssize_t edge_count = length_of(&arrays[EDGES]), cut_count = length_of(&arrays[CUTS]), slot = 0;
    for (Py_ssize_t i = 0; i < cut_count; i++) {
        Py_ssize_t edge = edges_below(edges, edge_count, cuts[i]), end = 2 * edge + 2;
        if (edge == edge_count || edges[edge] != cuts[i] || end < slot)
            return 0;
        bins[i] = total_of(counts + slot, end - slot);
        slot = end;
    }
    bins[cut_count] = total_of(counts + slot, length_of(&arrays[COUNTS]) - slot);
    return 1;
}

PyDoc_STRVAR(bins_doc,
             "bin_counts(edges, counts, cuts, bins) -> bool\n\n"
             "Write the rows by bin of ``slots.py`` into ``bins``; False for cuts that are no edges, or fall.");

static PyObject *bin_counts(PyObject *module, PyObject *arguments)
{
    Array arrays[OF_BINS] = {{.type = FLOATING}, {.type = WHOLE}, {.type = FLOATING}, {.type = WHOLE, .is_written = 1}};
    int is_done;
    (void)module;
    if (!take(arguments, arrays, OF_BINS))
        Py_RETURN_FALSE;
    is_done = length_of(&arrays[COUNTS]) == 2 * length_of(&arrays[EDGES]) + 1 &&
              length_of(&arrays[BINS]) == length_of(&arrays[CUTS]) + 1 && count_bins(arrays);
    let_go(arrays, OF_BINS);
    return PyBool_FromLong(is_done);
}

/* After the edges, as above; the sums follow their counts. */
enum { REFERENCE = 1, REFERENCE_SUMS, CURRENT, CURRENT_SUMS, AREAS, OF_AREAS };

static int belong_together(const Array *arrays)
{
    Py_ssize_t gaps = length_of(&arrays[EDGES]) + 1;
    return gaps > 1 && length_of(&arrays[REFERENCE]) == 2 * gaps - 1 && length_of(&arrays[CURRENT]) == 2 * gaps - 1 &&
           length_of(&arrays[REFERENCE_SUMS]) == gaps && length_of(&arrays[CURRENT_SUMS]) == gaps &&
           length_of(&arrays[AREAS]) == gaps;
}

PyDoc_STRVAR(distances_doc,
             "distances(edges, reference, reference_sums, current, current_sums, areas) -> tuple\n\n"
             "Write into ``areas`` what ``wasserstein.py`` finds in each gap; return the rows of both sides and the\n"
             "statistic of ``kolmogorov_smirnov.py``. None without edges, if a side is empty, and if left to NumPy.");

static PyObject *distances(PyObject *module, PyObject *arguments)
{
    Array arrays[OF_AREAS] = {{.type = FLOATING}, {.type = WHOLE},    {.type = FLOATING},
                              {.type = WHOLE},    {.type = FLOATING}, {.type = FLOATING, .is_written = 1}};
    Sample samples[2];
    Py_ssize_t edges;
    int64_t rows[2] = {0, 0};
    double m, n, largest = 0.0;
    (void)module;
    if (!take(arguments, arrays, OF_AREAS))
        Py_RETURN_NONE;
    if (belong_together(arrays))
        for (int i = 0; i < 2; i++) {
            const Array *counts = &arrays[i == 0 ? REFERENCE : CURRENT];
            rows[i] = total_of(counts->buffer.buf, length_of(counts));
            samples[i] = (Sample){counts->buffer.buf, counts[1].buffer.buf, 0.0, 0};
        }
    edges = length_of(&arrays[EDGES]), m = (double)rows[0], n = (double)rows[1];
    if (rows[0] != 0 && rows[1] != 0) {
        samples[0].parts = n, samples[1].parts = m;
        largest = find_areas(arrays[EDGES].buffer.buf, edges, samples, 1 / (m * n), arrays[AREAS].buffer.buf);
    }
    let_go(arrays, OF_AREAS);
    if (rows[0] == 0 || rows[1] == 0)
        Py_RETURN_NONE;
    return Py_BuildValue("LLd", (long long)rows[0], (long long)rows[1], largest / (m * n));
}

static PyMethodDef functions[] = {
    {"kolmogorov_smirnov", kolmogorov_smirnov, METH_VARARGS, smirnov_doc},
    {"tails", tails, METH_VARARGS, tails_doc},
    {"shares", shares, METH_VARARGS, shares_doc},
    {"bin_counts", bin_counts, METH_VARARGS, bins_doc},
    {"distances", distances, METH_VARARGS, distances_doc},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_slot_distances",
    .m_doc = "How far columns that were counted by slots are apart.",
    .m_methods = functions,
};

PyMODINIT_FUNC PyInit__slot_distances(void)
{
    return PyModule_Create(&module);
}
