/* The areas between two distribution functions, gap by gap: `wasserstein.py`, in the same order of operations. */

#ifndef DRIFTBELL_GAP_AREAS_H
#define DRIFTBELL_GAP_AREAS_H

#include <math.h>
#include <stdint.h>

#include "by_processor.h"

/* Gaps at once: their numbers stay in the processor's first-level cache, and each loop over them does one thing. */
#define CHUNK 128
#define LANES 4

/* A sample. A row is `parts` of the common denominator; `running` are the rows up to where the work has come. */
typedef struct {
    const int64_t *counts;
    const double *sums;
    double parts;
    uint64_t running;
} Sample;

/* A sample in some neighbouring gaps: as `_Side` there. */
typedef struct {
    double start[CHUNK], end[CHUNK], rows[CHUNK], shortfall[CHUNK];
} Side;

/* Gaps from `first` on. */
typedef struct {
    Py_ssize_t first, count;
    double upper[CHUNK], width[CHUNK];
} Gaps;

/* Set the ends of a distribution function in the gaps. */
PART void rise(Sample *sample, const Gaps *gaps, Side *side)
{
    const int64_t *counts = sample->counts + 2 * gaps->first;
    uint64_t running = sample->running;
    for (Py_ssize_t i = 0; i < gaps->count; i++) {
        /* The rows at the edge below. */
        running += gaps->first + i > 0 ? (uint64_t)counts[2 * i - 1] : 0;
        side->start[i] = (double)(int64_t)running;
        side->rows[i] = (double)counts[2 * i];
        running += (uint64_t)counts[2 * i];
        side->end[i] = (double)(int64_t)running;
    }
    sample->running = running;
    for (Py_ssize_t i = 0; i < gaps->count; i++) {
        side->start[i] = side->start[i] * sample->parts;
        side->end[i] = side->end[i] * sample->parts;
    }
}

PART void fall_short(const Sample *sample, const Gaps *gaps, Side *side)
{
    const double *sums = sample->sums + gaps->first;
    for (Py_ssize_t i = 0; i < gaps->count; i++) {
        double shortfall = side->rows[i] * gaps->upper[i] - sums[i], most = side->rows[i] * gaps->width[i];
        shortfall = 0.0 > shortfall ? 0.0 : shortfall;
        side->shortfall[i] = most < shortfall ? most : shortfall;
    }
}

PART double depth_of(const Side *side, Py_ssize_t i)
{
    return side->shortfall[i] / (side->rows[i] > 1.0 ? side->rows[i] : 1.0);
}

PART double estimated_area(double width, double scale, const Side *reference, const Side *current, Py_ssize_t i)
{
    double depth = depth_of(reference, i), other = depth_of(current, i);
    int is_first = depth > other;
    double near = is_first ? other : depth, far = is_first ? depth : other;
    double between = is_first ? reference->end[i] - current->start[i] : current->end[i] - reference->start[i];
    return fabs(reference->start[i] - current->start[i]) * scale * (width - far) +
           fabs(between) * scale * (far - near) + fabs(reference->end[i] - current->end[i]) * scale * near;
}

PART void measure(const Gaps *gaps, const Side *sides, const Sample *samples, double scale, double *areas)
{
    const Side *reference = &sides[0], *current = &sides[1];
    double of_reference = samples[0].parts * scale, of_current = samples[1].parts * scale;
    for (Py_ssize_t i = 0; i < gaps->count; i++) {
        double inside = reference->shortfall[i] * of_reference - current->shortfall[i] * of_current;
        areas[i] = fabs(gaps->width[i] * ((reference->start[i] - current->start[i]) * scale) + inside);
    }
    for (Py_ssize_t i = 0; i < gaps->count; i++)
        if (reference->end[i] > current->start[i] && current->end[i] > reference->start[i])
            areas[i] = estimated_area(gaps->width[i], scale, reference, current, i);
}

/* Return the largest distance at an end of a gap, in parts, if it is larger than that of other gaps. */
PART double largest_distance(const Side *sides, Py_ssize_t count, double largest)
{
    /* Several at a time, so that none waits for the one before. */
    double found[LANES] = {0.0};
    for (Py_ssize_t i = 0; i < count; i += LANES)
        for (int lane = 0; lane < LANES; lane++) {
            double start = fabs(sides[0].start[i + lane] - sides[1].start[i + lane]);
            double end = fabs(sides[0].end[i + lane] - sides[1].end[i + lane]), larger = start > end ? start : end;
            found[lane] = larger > found[lane] ? larger : found[lane];
        }
    for (int lane = 0; lane < LANES; lane++)
        largest = found[lane] > largest ? found[lane] : largest;
    return largest;
}

/* Return an end of the edges, or the mean of the rows beyond it that is furthest out; `sign` is -1 below, 1 above. */
static double furthest(const Sample *samples, Py_ssize_t gap, double edge, double sign)
{
    for (int i = 0; i < 2; i++) {
        int64_t rows = samples[i].counts[2 * gap];
        double mean = rows ? samples[i].sums[gap] / (double)rows : edge;
        edge = sign * mean > sign * edge ? mean : edge;
    }
    return edge;
}

/* Write the area in each gap around the edges, of which there is one at least; return the largest distance in parts. */
BY_PROCESSOR
static double find_areas(const double *edges, Py_ssize_t count, Sample *samples, double scale, double *areas)
{
    double lowest = furthest(samples, 0, edges[0], -1.0), highest = furthest(samples, count, edges[count - 1], 1.0);
    double largest = 0.0;
    Gaps gaps;
    /* Where a chunk is not full nothing is apart. */
    Side sides[2] = {{{0.0}, {0.0}, {0.0}, {0.0}}, {{0.0}, {0.0}, {0.0}, {0.0}}};
    for (gaps.first = 0; gaps.first <= count; gaps.first += CHUNK) {
        gaps.count = count + 1 - gaps.first < CHUNK ? count + 1 - gaps.first : CHUNK;
        for (Py_ssize_t i = 0; i < gaps.count; i++) {
            Py_ssize_t gap = gaps.first + i;
            gaps.upper[i] = gap == count ? highest : edges[gap];
            gaps.width[i] = gaps.upper[i] - (gap == 0 ? lowest : edges[gap - 1]);
        }
        for (int i = 0; i < 2; i++) {
            rise(&samples[i], &gaps, &sides[i]);
            fall_short(&samples[i], &gaps, &sides[i]);
        }
        measure(&gaps, sides, samples, scale, areas + gaps.first);
        largest = largest_distance(sides, gaps.count, largest);
    }
    return largest;
}

#endif
