/* Distances of counts by bin or category, in the order of operations of the modules of their names in Python. */

#ifndef DRIFTBELL_DIVERGENCES_H
#define DRIFTBELL_DIVERGENCES_H

#include <math.h>
#include <stdint.h>

#include "by_processor.h"
#include "lanes.h"

/* Bins or categories at once, a multiple of LANES. */
#define BLOCK 64

/* The counts of one side, and their sum. */
typedef struct {
    const int64_t *counts;
    double total;
} Counted;

BY_PROCESSOR
static int64_t total_of(const int64_t *counts, Py_ssize_t count)
{
    /* Without a sign, overflow is defined. */
    uint64_t total = 0;
    for (Py_ssize_t i = 0; i < count; i++)
        total += (uint64_t)counts[i];
    return (int64_t)total;
}

BY_PROCESSOR
static void divide(const int64_t *counts, double total, double *shares, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count; i++)
        shares[i] = (double)counts[i] / total;
}

/* Some neighbouring bins: by how much their shares differ, and as a quotient. */
typedef struct {
    double surplus[BLOCK], quotient[BLOCK];
} Shares;

PART double raised(int64_t count, double total, double floor)
{
    double share = (double)count / total;
    return share > floor ? share : floor;
}

BY_PROCESSOR
static void compare_shares(const Counted *sides, Py_ssize_t first, Py_ssize_t count, double floor, Shares *found)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        double r = raised(sides[0].counts[first + i], sides[0].total, floor);
        double c = raised(sides[1].counts[first + i], sides[1].total, floor);
        found->surplus[i] = c - r;
        found->quotient[i] = c / r;
    }
}

static double stability_of(const Counted *sides, Py_ssize_t count, double floor)
{
    double lanes[LANES] = {0.0};
    Shares found;
    for (Py_ssize_t first = 0; first < count; first += BLOCK) {
        Py_ssize_t here = count - first < BLOCK ? count - first : BLOCK;
        compare_shares(sides, first, here, floor, &found);
        /* The logarithm of 1 is 0, and of many categories most are on neither side. */
        for (Py_ssize_t i = 0; i < here; i++)
            found.surplus[i] = found.quotient[i] == 1.0 ? 0.0 : found.surplus[i] * log(found.quotient[i]);
        add_to_lanes(lanes, found.surplus, here);
    }
    return sum_of_lanes(lanes);
}

BY_PROCESSOR
static Py_ssize_t categories_seen(const Counted *sides, Py_ssize_t count)
{
    Py_ssize_t seen = 0;
    for (Py_ssize_t i = 0; i < count; i++)
        seen += (int64_t)((uint64_t)sides[0].counts[i] + (uint64_t)sides[1].counts[i]) > 0;
    return seen;
}

BY_PROCESSOR
static double chi_square_of(const Counted *sides, Py_ssize_t count)
{
    double lanes[LANES] = {0.0}, terms[BLOCK], m = sides[0].total, n = sides[1].total;
    for (Py_ssize_t first = 0; first < count; first += BLOCK) {
        Py_ssize_t here = count - first < BLOCK ? count - first : BLOCK;
        for (Py_ssize_t i = 0; i < here; i++) {
            double r = (double)sides[0].counts[first + i], c = (double)sides[1].counts[first + i];
            double surplus = r / m - c / n, both = r + c;
            terms[i] = both > 0.0 ? surplus * surplus / both : 0.0;
        }
        add_to_lanes(lanes, terms, here);
    }
    return sum_of_lanes(lanes) * m * n;
}

#endif
