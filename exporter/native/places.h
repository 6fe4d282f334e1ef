/* Sums of values between two neighbouring edges as places in the gap; see `gap_places.py`. */

#ifndef DRIFTBELL_PLACES_H
#define DRIFTBELL_PLACES_H

#include <Python.h>
#include <math.h>
#include <stdint.h>

#include "by_processor.h"
#include "gaps.h"

#define MOST 2147483647.0

/* Sums that are looked at before any is gone on with. */
#define AT_ONCE 256

/* Sums, where they stand, and what is known of their gaps: gathered, so that the arithmetic is done by vectors. */
typedef struct {
    Py_ssize_t at[AT_ONCE];
    double sums[AT_ONCE], rows[AT_ONCE], middle[AT_ONCE], width[AT_ONCE], places[AT_ONCE];
    int count;
} Gathered;

/* The positions of sums and the sums themselves; what of them is said by places, and what is left. */
typedef struct {
    const int64_t *keys;
    const double *sums;
    Py_ssize_t count;
    int64_t *place_keys, *places, *left_keys;
    double *left;
    Py_ssize_t place_count;
} SplitSums;

static inline void gather(const Gaps *gaps, Py_ssize_t key, double sum, int64_t rows, Py_ssize_t at, Gathered *gathered)
{
    int i = gathered->count;
    gathered->at[i] = at;
    gathered->sums[i] = sum;
    gathered->rows[i] = (double)rows;
    gathered->middle[i] = gaps->middle[key];
    gathered->width[i] = gaps->width[key];
}

/* Find out where in their gaps values lie on average; never 0. */
BY_PROCESSOR
static void find_means(Gathered *gathered)
{
    for (int i = 0; i < gathered->count; i++) {
        double mean = gathered->sums[i] / gathered->rows[i];
        double place = rint((mean - gathered->middle[i]) / gathered->width[i] * STEPS);
        /* What is no number, which no sum of values between two edges is, ends here as well. */
        place = place < MOST ? place : MOST;
        place = place > -MOST ? place : -MOST;
        gathered->places[i] = place == 0 ? 1 : place;
    }
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
        Gathered gathered;
        int found;
        to = gaps->count - from < AT_ONCE ? gaps->count : from + AT_ONCE;
        found = worth_a_look(gaps, sums, from, to, keys);
        gathered.count = 0;
        for (int i = 0; i < found; i++) {
            Py_ssize_t key = keys[i];
            int32_t counted = gaps->counted[key];
            if (counted < 0 || counted >= size)
                return 0;
            gather(gaps, key, sums[key], counts[counted], key, &gathered);
            gathered.count += counts[counted] > 0;
        }
        find_means(&gathered);
        for (int i = 0; i < gathered.count; i++) {
            places[gathered.at[i]] = (int64_t)gathered.places[i];
            sums[gathered.at[i]] = 0;
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

static void note_places(const Gathered *gathered, SplitSums *parts)
{
    for (int i = 0; i < gathered->count; i++) {
        parts->place_keys[parts->place_count] = parts->keys[gathered->at[i]];
        parts->places[parts->place_count++] = (int64_t)gathered->places[i];
    }
}

/* Split some sums, given the keys and the values of the counts that are there; say whether all gaps are. */
static int split_all(const Gaps *gaps, const int64_t *keys, const int64_t *rows, Py_ssize_t count, SplitSums *parts)
{
    Py_ssize_t at = 0, left = 0;
    Gathered gathered;
    gathered.count = 0;
    for (Py_ssize_t i = 0; i < parts->count; i++) {
        int64_t key = parts->keys[i];
        int is_coded;
        if (key < 0 || key >= gaps->count)
            return 0;
        is_coded = gaps->width[key] > 0;
        at = is_coded ? find(keys, count, at, gaps->counted[key]) : at;
        if (is_coded && at < count && keys[at] == gaps->counted[key] && rows[at] > 0) {
            gather(gaps, key, parts->sums[i], rows[at], i, &gathered);
            gathered.count++;
        } else {
            parts->left_keys[left] = key;
            parts->left[left++] = parts->sums[i];
        }
        if (gathered.count < AT_ONCE)
            continue;
        find_means(&gathered);
        note_places(&gathered, parts);
        gathered.count = 0;
    }
    find_means(&gathered);
    note_places(&gathered, parts);
    return 1;
}

#endif
