/* The areas between two distribution functions, gap by gap: `wasserstein.py`, in the same order of operations. */

#ifndef DRIFTBELL_GAP_AREAS_H
#define DRIFTBELL_GAP_AREAS_H

#include <math.h>
#include <stdint.h>

#include "by_processor.h"
#include "lanes.h"

/* Gaps at once, a multiple of LANES: their numbers stay in the processor's first-level cache. */
#define CHUNK 256

/* A sample. A row is `parts` of the common denominator; `running` are the rows up to where the work has come. */
typedef struct {
    const int64_t *counts;
    const double *sums;
    double parts;
    uint64_t running;
} Sample;

/* Gaps from `first` on: their upper limits and widths, and the rows of both samples up to the end of each. */
typedef struct {
    Py_ssize_t first, count;
    double upper[CHUNK], width[CHUNK];
    uint64_t ends[2][CHUNK];
} Gaps;

/* A sample in a gap: as `_Side` there. */
typedef struct {
    double start, end, rows, shortfall;
} Side;

/* The largest distance at an end of a gap, in parts, and the areas of all gaps together. */
typedef struct {
    double largest, area;
} Apart;

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

/* Set the limits of the gaps around so many edges; `outer` are the ends of the first and the last. */
PART void place(Gaps *gaps, const double *edges, Py_ssize_t count, const double *outer)
{
    for (Py_ssize_t i = 0; i < gaps->count; i++) {
        Py_ssize_t gap = gaps->first + i;
        gaps->upper[i] = gap == count ? outer[1] : edges[gap];
        gaps->width[i] = gaps->upper[i] - (gap == 0 ? outer[0] : edges[gap - 1]);
    }
}

/* Add up the rows of both samples, whose sums need not wait for each other. */
PART void rise(Sample *samples, Gaps *gaps)
{
    const int64_t *reference = samples[0].counts + 2 * gaps->first, *current = samples[1].counts + 2 * gaps->first;
    uint64_t running = samples[0].running, other = samples[1].running;
    for (Py_ssize_t i = 0; i < gaps->count; i++) {
        /* The rows at the edge below, and those in the gap. */
        int is_outer = gaps->first + i == 0;
        running += (is_outer ? 0 : (uint64_t)reference[2 * i - 1]) + (uint64_t)reference[2 * i];
        other += (is_outer ? 0 : (uint64_t)current[2 * i - 1]) + (uint64_t)current[2 * i];
        gaps->ends[0][i] = running, gaps->ends[1][i] = other;
    }
    samples[0].running = running, samples[1].running = other;
}

PART Side side_of(const Sample *sample, uint64_t end, Py_ssize_t gap, double upper, double width)
{
    int64_t count = sample->counts[2 * gap];
    double rows = (double)count, shortfall = rows * upper - sample->sums[gap], most = rows * width;
    shortfall = 0.0 > shortfall ? 0.0 : shortfall;
    return (Side){(double)(int64_t)(end - (uint64_t)count) * sample->parts, (double)(int64_t)end * sample->parts, rows,
                  most < shortfall ? most : shortfall};
}

PART double depth_of(Side side)
{
    return side.shortfall / (side.rows > 1.0 ? side.rows : 1.0);
}

PART double signed_area(double width, double scale, Side reference, Side current, const Sample *samples)
{
    double inside =
        reference.shortfall * (samples[0].parts * scale) - current.shortfall * (samples[1].parts * scale);
    return width * ((reference.start - current.start) * scale) + inside;
}

PART double estimated_area(double width, double scale, Side reference, Side current)
{
    double depth = depth_of(reference), other = depth_of(current);
    int is_first = depth > other;
    double near = is_first ? other : depth, far = is_first ? depth : other;
    double between = is_first ? reference.end - current.start : current.end - reference.start;
    return fabs(reference.start - current.start) * scale * (width - far) + fabs(between) * scale * (far - near) +
           fabs(reference.end - current.end) * scale * near;
}

/* Write of each gap the area and the larger of the distances at its ends. */
PART void measure(const Gaps *gaps, const Sample *samples, double scale, double *areas, double *distances)
{
    for (Py_ssize_t i = 0; i < gaps->count; i++) {
        double upper = gaps->upper[i], width = gaps->width[i];
        Side reference = side_of(&samples[0], gaps->ends[0][i], gaps->first + i, upper, width);
        Side current = side_of(&samples[1], gaps->ends[1][i], gaps->first + i, upper, width);
        double start = fabs(reference.start - current.start), end = fabs(reference.end - current.end);
        int may_cross = (reference.end > current.start) & (current.end > reference.start);
        double known = fabs(signed_area(width, scale, reference, current, samples));
        double estimated = estimated_area(width, scale, reference, current);
        areas[i] = may_cross ? estimated : known;
        distances[i] = start > end ? start : end;
    }
}

/* Compare two samples around the edges, of which there is one at least. */
BY_PROCESSOR
static Apart compare(const double *edges, Py_ssize_t count, Sample *samples, double scale)
{
    double outer[] = {furthest(samples, 0, edges[0], -1.0), furthest(samples, count, edges[count - 1], 1.0)};
    double areas[CHUNK], distances[CHUNK], sums[LANES] = {0.0}, largest[LANES] = {0.0};
    Gaps gaps;
    for (gaps.first = 0; gaps.first <= count; gaps.first += CHUNK) {
        gaps.count = count + 1 - gaps.first < CHUNK ? count + 1 - gaps.first : CHUNK;
        place(&gaps, edges, count, outer);
        rise(samples, &gaps);
        measure(&gaps, samples, scale, areas, distances);
        add_to_lanes(sums, areas, gaps.count);
        raise_lanes(largest, distances, gaps.count);
    }
    return (Apart){largest_of_lanes(largest), sum_of_lanes(sums)};
}

#endif
