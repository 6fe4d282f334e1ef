/* Sums of floats in an order that both ways keep (`lanes.py` has it, too), and their maximum. */

#ifndef DRIFTBELL_LANES_H
#define DRIFTBELL_LANES_H

#include "by_processor.h"

/* Every eighth number goes into the same sum: vectors of any width add in that order, and none waits for another. */
#define LANES 8

/* Add numbers, of which a multiple of LANES came before. */
PART void add_to_lanes(double *lanes, const double *numbers, Py_ssize_t count)
{
    Py_ssize_t full = count / LANES * LANES;
    for (Py_ssize_t i = 0; i < full; i += LANES)
        for (int lane = 0; lane < LANES; lane++)
            lanes[lane] += numbers[i + lane];
    for (Py_ssize_t i = full; i < count; i++)
        lanes[i - full] += numbers[i];
}

PART double sum_of_lanes(const double *lanes)
{
    double sum = lanes[0];
    for (int lane = 1; lane < LANES; lane++)
        sum += lanes[lane];
    return sum;
}

PART double larger_of(double one, double other)
{
    return one > other ? one : other;
}

PART void raise_lanes(double *lanes, const double *numbers, Py_ssize_t count)
{
    Py_ssize_t full = count / LANES * LANES;
    for (Py_ssize_t i = 0; i < full; i += LANES)
        for (int lane = 0; lane < LANES; lane++)
            lanes[lane] = larger_of(numbers[i + lane], lanes[lane]);
    for (Py_ssize_t i = full; i < count; i++)
        lanes[i - full] = larger_of(numbers[i], lanes[i - full]);
}

PART double largest_of_lanes(const double *lanes)
{
    double largest = lanes[0];
    for (int lane = 1; lane < LANES; lane++)
        largest = larger_of(lanes[lane], largest);
    return largest;
}

#endif
