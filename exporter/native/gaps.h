/* Sums of values between two neighbouring edges as places in the gap; see `gap_places.py`. */

#ifndef DRIFTBELL_GAPS_H
#define DRIFTBELL_GAPS_H

#include <Python.h>
#include <math.h>
#include <stdint.h>

#ifdef __FAST_MATH__
#error "here every operation is rounded once, in the order that is written"
#endif

/* Of a gap's width. */
#define STEPS 4294967296.0
#define MOST 2147483647.0

/* Keys that are looked at before any is gone on with. */
#define AT_ONCE 256

/* The gaps that sums lie in, by position of the sums. */
typedef struct {
    const int32_t *counted;
    const double *middle, *width;
    Py_ssize_t count;
} Gaps;

/* Return where in their gap values lie on average; never 0. */
static int64_t place_of(const Gaps *gaps, Py_ssize_t key, double sum, int64_t rows)
{
    double place = rint((sum / (double)rows - gaps->middle[key]) / gaps->width[key] * STEPS);
    /* What is no number, which no sum of values between two edges is, ends here as well. */
    place = place < MOST ? place : MOST;
    place = place > -MOST ? place : -MOST;
    return place == 0 ? 1 : (int64_t)place;
}

/* Note the keys from one on, up to another, of what may be said by a place in a gap; return how many there are. */
static int worth_a_look(const Gaps *gaps, const double *sums, Py_ssize_t from, Py_ssize_t to, Py_ssize_t *keys)
{
    int count = 0;
    for (Py_ssize_t key = from; key < to; key++) {
        keys[count] = key;
        /* Which it is, is as good as chance: a jump would be guessed wrong each second time. */
        count += (sums[key] != 0) & (gaps->width[key] > 0);
    }
    return count;
}

/* Take out of sums what can be said by a place in a gap; say whether the counts are there. */
static int split(const Gaps *gaps, const int64_t *counts, Py_ssize_t size, double *sums, int64_t *places)
{
    Py_ssize_t keys[AT_ONCE], to;
    for (Py_ssize_t from = 0; from < gaps->count; from = to) {
        int found;
        to = gaps->count - from < AT_ONCE ? gaps->count : from + AT_ONCE;
        found = worth_a_look(gaps, sums, from, to, keys);
        for (int i = 0; i < found; i++) {
            Py_ssize_t key = keys[i];
            int32_t counted = gaps->counted[key];
            if (counted < 0 || counted >= size)
                return 0;
            if (counts[counted] <= 0)
                continue;
            places[key] = place_of(gaps, key, sums[key], counts[counted]);
            sums[key] = 0;
        }
    }
    return 1;
}

/* Return the first place in ascending keys, at or behind a guess, whose key is no less; from the start if the guess is past it. */
static Py_ssize_t find(const int64_t *keys, Py_ssize_t count, Py_ssize_t guess, int64_t key)
{
    if (guess > 0 && keys[guess - 1] >= key)
        guess = 0;
    while (guess < count && keys[guess] < key)
        guess++;
    return guess;
}

/* Find the place of each of some sums, 0 where it has none, given the keys and the values of the counts that are there. */
static int find_all(const Gaps *gaps, const int64_t *keys, const int64_t *rows, Py_ssize_t count, const int64_t *sum_keys,
                    const double *sums, Py_ssize_t sum_count, int64_t *places)
{
    Py_ssize_t at = 0;
    for (Py_ssize_t i = 0; i < sum_count; i++) {
        int64_t key = sum_keys[i];
        if (key < 0 || key >= gaps->count)
            return 0;
        places[i] = 0;
        if (!(gaps->width[key] > 0))
            continue;
        at = find(keys, count, at, gaps->counted[key]);
        if (at < count && keys[at] == gaps->counted[key] && rows[at] > 0)
            places[i] = place_of(gaps, key, sums[i], rows[at]);
    }
    return 1;
}

#endif
