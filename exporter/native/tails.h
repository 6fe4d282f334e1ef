/* The rows in the tails of the reference, as `tails.py` has them. */

#ifndef DRIFTBELL_TAILS_H
#define DRIFTBELL_TAILS_H

#include <stdint.h>

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

/* Both tails, the lower one first, of as many slots. */
typedef struct {
    Tail low, high;
} Tails;

static Tails tails_of(const int64_t *reference, const int64_t *current, Py_ssize_t slots, double allowed)
{
    return (Tails){tail_of(reference, current, slots / 2, 1, allowed),
                   tail_of(reference + slots - 1, current + slots - 1, slots / 2, -1, allowed)};
}

/* By how much the share of rows in the worse tail exceeds the reference's; `m` and `n` are the rows of both sides. */
static double excess_of(Tails tails, double m, double n)
{
    double low = (double)tails.low.current / n - (double)tails.low.reference / m;
    double high = (double)tails.high.current / n - (double)tails.high.reference / m;
    double worse = low > high ? low : high;
    return worse > 0.0 ? worse : 0.0;
}

#endif
