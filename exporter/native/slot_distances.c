/* How far two columns that were counted by slots, bins or categories are apart, in one pass where NumPy takes a dozen.
 *
 * `exporter/statistics` has the definitions, in NumPy. Here the same is divided, multiplied and added in the same
 * order, without a fused multiplication: the results are the same to the last bit. Arrays of other types or lengths are
 * left to NumPy, which knows what to say about them. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <math.h>
#include <string.h>

#include "arrays.h"
#include "divergences.h"
#include "gap_areas.h"
#include "tails.h"

#ifdef __FAST_MATH__
#error "here every operation is rounded once, in the order that is written"
#endif

/* Take the counts of two sides as the first arguments; 0, and none is held, if they are left to NumPy. */
static int take_sides(PyObject *arguments, Array *arrays)
{
    if (!take(arguments, arrays, 2))
        return 0;
    if (length_of(&arrays[0]) == length_of(&arrays[1]))
        return 1;
    let_go(arrays, 2);
    return 0;
}

/* As above, of counts by slot. */
static int take_slots(PyObject *arguments, Array *arrays)
{
    if (!take_sides(arguments, arrays))
        return 0;
    if (length_of(&arrays[0]) % 2 == 1)
        return 1;
    let_go(arrays, 2);
    return 0;
}

static Counted counted(const Array *array)
{
    const int64_t *counts = array->buffer.buf;
    return (Counted){counts, (double)total_of(counts, length_of(array))};
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
    Counted sides[2];
    double distance = Py_NAN;
    (void)module;
    if (!take_slots(arguments, arrays))
        Py_RETURN_NONE;
    sides[0] = counted(&arrays[0]), sides[1] = counted(&arrays[1]);
    if (sides[0].total != 0 && sides[1].total != 0)
        distance = smirnov(sides[0].counts, sides[1].counts, length_of(&arrays[0]), sides[0].total, sides[1].total);
    let_go(arrays, 2);
    return PyFloat_FromDouble(distance);
}

PyDoc_STRVAR(tails_doc,
             "tails(reference, current, allowed) -> tuple\n\n"
             "Return the rows in the tails of ``tails.py``: of both below, of both above. None if left to NumPy.");

static PyObject *tails(PyObject *module, PyObject *arguments)
{
    Array arrays[] = {{.type = WHOLE}, {.type = WHOLE}};
    PyObject *ignored;
    double allowed;
    Tails found;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "OOd", &ignored, &ignored, &allowed))
        return NULL;
    if (!take_slots(arguments, arrays))
        Py_RETURN_NONE;
    found = tails_of(arrays[0].buffer.buf, arrays[1].buffer.buf, length_of(&arrays[0]), allowed);
    let_go(arrays, 2);
    return Py_BuildValue("LLLL", (long long)found.low.reference, (long long)found.low.current,
                         (long long)found.high.reference, (long long)found.high.current);
}

PyDoc_STRVAR(stability_doc,
             "population_stability(reference, current, floor) -> float\n\n"
             "As in ``population_stability.py``. None if that is left to NumPy.");

static PyObject *population_stability(PyObject *module, PyObject *arguments)
{
    Array arrays[] = {{.type = WHOLE}, {.type = WHOLE}};
    PyObject *ignored;
    double floor, found = Py_NAN;
    Counted sides[2];
    (void)module;
    if (!PyArg_ParseTuple(arguments, "OOd", &ignored, &ignored, &floor))
        return NULL;
    if (!take_sides(arguments, arrays))
        Py_RETURN_NONE;
    sides[0] = counted(&arrays[0]), sides[1] = counted(&arrays[1]);
    if (sides[0].total != 0 && sides[1].total != 0)
        found = stability_of(sides, length_of(&arrays[0]), floor);
    let_go(arrays, 2);
    return PyFloat_FromDouble(found);
}

PyDoc_STRVAR(chi_square_doc,
             "chi_square(reference, current) -> tuple\n\n"
             "Return the statistic, the degrees of freedom and the rows of ``chi_square.py``. None if left to NumPy.");

static PyObject *chi_square(PyObject *module, PyObject *arguments)
{
    Array arrays[] = {{.type = WHOLE}, {.type = WHOLE}};
    Counted sides[2];
    double statistic = Py_NAN;
    Py_ssize_t count, seen;
    (void)module;
    if (!take_sides(arguments, arrays))
        Py_RETURN_NONE;
    count = length_of(&arrays[0]);
    sides[0] = counted(&arrays[0]), sides[1] = counted(&arrays[1]);
    seen = categories_seen(sides, count);
    if (sides[0].total != 0 && sides[1].total != 0)
        statistic = chi_square_of(sides, count);
    let_go(arrays, 2);
    return Py_BuildValue("dnd", statistic, seen > 1 ? seen - 1 : 0, sides[0].total + sides[1].total);
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
            totals[i] = counted(&arrays[i]).total;
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
enum { REFERENCE = 1, REFERENCE_SUMS, CURRENT, CURRENT_SUMS, OF_SIDES };

static int belong_together(const Array *arrays)
{
    Py_ssize_t gaps = length_of(&arrays[EDGES]) + 1;
    return gaps > 1 && length_of(&arrays[REFERENCE]) == 2 * gaps - 1 && length_of(&arrays[CURRENT]) == 2 * gaps - 1 &&
           length_of(&arrays[REFERENCE_SUMS]) == gaps && length_of(&arrays[CURRENT_SUMS]) == gaps;
}

/* Return a tuple of the three distances of sides that have rows. */
static PyObject *all_distances(const Array *arrays, const Counted *sides, double share)
{
    double m = sides[0].total, n = sides[1].total;
    Sample samples[] = {{sides[0].counts, arrays[REFERENCE_SUMS].buffer.buf, n, 0},
                        {sides[1].counts, arrays[CURRENT_SUMS].buffer.buf, m, 0}};
    Apart apart = compare(arrays[EDGES].buffer.buf, length_of(&arrays[EDGES]), samples, 1 / (m * n));
    Tails tails = tails_of(sides[0].counts, sides[1].counts, length_of(&arrays[REFERENCE]), share * m);
    return Py_BuildValue("ddd", apart.largest / (m * n), isfinite(apart.area) ? apart.area : Py_NAN,
                         excess_of(tails, m, n));
}

PyDoc_STRVAR(distances_doc,
             "distances(edges, reference, reference_sums, current, current_sums, share) -> tuple\n\n"
             "Return the statistics of ``kolmogorov_smirnov.py``, ``wasserstein.py`` and ``tails.py`` (whose ``share``\n"
             "it is). None without edges, if a side is empty, and if left to NumPy.");

static PyObject *distances(PyObject *module, PyObject *arguments)
{
    Array arrays[OF_SIDES] = {
        {.type = FLOATING}, {.type = WHOLE}, {.type = FLOATING}, {.type = WHOLE}, {.type = FLOATING}};
    PyObject *found = NULL, *ignored;
    Counted sides[2] = {{NULL, 0.0}, {NULL, 0.0}};
    double share;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "OOOOOd", &ignored, &ignored, &ignored, &ignored, &ignored, &share))
        return NULL;
    if (!take(arguments, arrays, OF_SIDES))
        Py_RETURN_NONE;
    if (belong_together(arrays))
        sides[0] = counted(&arrays[REFERENCE]), sides[1] = counted(&arrays[CURRENT]);
    if (sides[0].total != 0 && sides[1].total != 0)
        found = all_distances(arrays, sides, share);
    let_go(arrays, OF_SIDES);
    if (found == NULL && !PyErr_Occurred())
        Py_RETURN_NONE;
    return found;
}

static PyMethodDef functions[] = {
    {"kolmogorov_smirnov", kolmogorov_smirnov, METH_VARARGS, smirnov_doc},
    {"tails", tails, METH_VARARGS, tails_doc},
    {"population_stability", population_stability, METH_VARARGS, stability_doc},
    {"chi_square", chi_square, METH_VARARGS, chi_square_doc},
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
