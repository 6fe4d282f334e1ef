/* Contents added up piece by piece of the vectors, all contents in one, so that each piece is in the cache while it is
 * needed; see `packed_vectors.py`. */

#ifndef DRIFTBELL_CONTENTS_H
#define DRIFTBELL_CONTENTS_H

#include <Python.h>
#include <stdint.h>

#include "entries.h"
#include "gaps.h"
#include "vector_blocks.h"

/* Keys to a piece: whole pairs of blocks. */
#define KEYS_AT_ONCE 8192

typedef struct {
    PackedTally counts, places;
} Content;

/* What a content's place says of a gap: the mean of its values; and what had been counted there before the content was. */
typedef struct {
    int64_t gap;
    double mean;
    int64_t before;
} Mean;

/* Vectors of counts and sums, and room for the means of a piece. */
typedef struct {
    int64_t *counts;
    double *sums;
    Py_ssize_t size, room;
    Mean *means;
} Vectors;

/* Keys from one up to another, and the gaps whose counts these are. */
typedef struct {
    Py_ssize_t key, key_end, gap, gap_end;
} Piece;

/* Say whether all gaps are of some count, and, in `ascend`, whether those that are coded are of one after the other. */
static int are_counted(const Gaps *gaps, Py_ssize_t size, int *ascend)
{
    int32_t last = -1;
    int are_there = 1;
    *ascend = 1;
    for (Py_ssize_t gap = 0; gap < gaps->count; gap++) {
        int32_t counted = gaps->counted[gap];
        int is_coded = gaps->width[gap] > 0;
        are_there &= counted >= 0 && counted < size;
        *ascend &= !is_coded || counted > last;
        last = is_coded ? counted : last;
    }
    return are_there;
}

static Mean mean_at(const Gaps *gaps, int64_t gap, int64_t place, const int64_t *counts)
{
    return (Mean){gap, gaps->middle[gap] + gaps->width[gap] * ((double)place / STEPS), counts[gaps->counted[gap]]};
}

/* Note what places in rows say of a piece's gaps; return how many means there are then, or -1 if there is no room for them. */
static Py_ssize_t note_rows(const Gaps *gaps, Blocks *places, const Piece *piece, const Vectors *vectors)
{
    Py_ssize_t found = 0;
    for (Py_ssize_t row = places->row; row < places->count; row++) {
        int64_t values[BLOCK];
        Py_ssize_t begin = take_row(places, row, gaps->count, values), end = begin + 2 * keys_from(begin, gaps->count);
        if (begin < 0 || found + BLOCK > vectors->room)
            return -1;
        if (begin >= piece->gap_end)
            break;
        for (Py_ssize_t gap = begin; gap < end && gap < piece->gap_end; gap += 2) {
            int64_t place = values[(gap - begin) / 2];
            vectors->means[found] = mean_at(gaps, gap, place, vectors->counts);
            found += place != 0 && gap >= piece->gap;
        }
        /* A row that goes on behind the piece is gone through again with the next one. */
        places->row += row == places->row && end <= piece->gap_end + 1;
    }
    return found;
}

/* The same with places by themselves, behind the means that are there. */
static Py_ssize_t note_entries(const Gaps *gaps, Entries *places, const Piece *piece, const Vectors *vectors, Py_ssize_t found)
{
    int64_t keys[ENTRIES_AT_ONCE], values[ENTRIES_AT_ONCE];
    int count;
    while (found >= 0 && (count = take_entries(places, piece->gap_end, keys, values)) > 0) {
        if (found + count > vectors->room)
            return -1;
        for (int i = 0; i < count; i++)
            vectors->means[found++] = mean_at(gaps, keys[i], values[i], vectors->counts);
    }
    return found;
}

/* Add the counts of a piece; say whether there is a place for all rows. */
static int add_counts(PackedTally *counts, const Piece *piece, const Vectors *vectors)
{
    int64_t keys[ENTRIES_AT_ONCE], values[ENTRIES_AT_ONCE];
    int count;
    while ((count = take_entries(&counts->entries, piece->key_end, keys, values)) > 0)
        for (int i = 0; i < count; i++)
            vectors->counts[keys[i]] += values[i];
    for (Blocks *blocks = &counts->blocks; blocks->row < blocks->count; blocks->row++) {
        int64_t *block, row[BLOCK];
        Py_ssize_t begin = take_row(blocks, blocks->row, vectors->size, row), found = keys_from(begin, vectors->size);
        if (begin < 0 || begin >= piece->key_end)
            return begin >= 0;
        block = vectors->counts + begin;
        for (Py_ssize_t i = 0; i < found; i++)
            block[2 * i] += row[i];
    }
    return 1;
}

/* Add what a content has of a piece to the vectors; say whether all of it has a place there. */
static int add_piece(const Gaps *gaps, Content *content, const Piece *piece, const Vectors *vectors)
{
    Py_ssize_t found = note_rows(gaps, &content->places.blocks, piece, vectors);
    found = note_entries(gaps, &content->places.entries, piece, vectors, found);
    if (found < 0 || !add_counts(&content->counts, piece, vectors))
        return 0;
    for (Py_ssize_t i = 0; i < found; i++) {
        const Mean *mean = &vectors->means[i];
        /* So many of the counts are the content's own. */
        int64_t rows = vectors->counts[gaps->counted[mean->gap]] - mean->before;
        vectors->sums[mean->gap] += mean->mean * (double)rows;
    }
    return 1;
}

/* Go on to the next keys, at most so many, and the gaps whose counts they are; the last piece has all gaps that are left. */
static void go_on(const Gaps *gaps, Piece *piece, Py_ssize_t keys, Py_ssize_t size)
{
    piece->key = piece->key_end, piece->gap = piece->gap_end;
    piece->key_end = size - piece->key < keys ? size : piece->key + keys;
    while (piece->gap_end < gaps->count && (piece->key_end == size || !(gaps->width[piece->gap_end] > 0) ||
                                            gaps->counted[piece->gap_end] < piece->key_end))
        piece->gap_end++;
}

/* Add contents to vectors; say whether all that they hold has a place there. */
static int add_pieces(const Gaps *gaps, Content *contents, Py_ssize_t number, const Vectors *vectors, Py_ssize_t keys)
{
    Piece piece = {0, 0, 0, 0};
    do {
        go_on(gaps, &piece, keys, vectors->size);
        for (Py_ssize_t i = 0; i < number; i++)
            if (!add_piece(gaps, &contents[i], &piece, vectors))
                return 0;
    } while (piece.key_end < vectors->size);
    for (Py_ssize_t i = 0; i < number; i++)
        if (!is_over(&contents[i].counts) || !is_over(&contents[i].places))
            return 0;
    return 1;
}

/* Add contents to vectors, or return -1 for lack of memory. */
static int add_to_vectors(const Gaps *gaps, Content *contents, Py_ssize_t number, Vectors *vectors)
{
    int ascend, is_right = are_counted(gaps, vectors->size, &ascend);
    /* Gaps in no order are gone through at once, since the counts of some may lie in any piece. */
    Py_ssize_t keys = ascend ? KEYS_AT_ONCE : vectors->size;
    vectors->room = (ascend ? KEYS_AT_ONCE : gaps->count) + BLOCK;
    vectors->means = PyMem_Malloc(((size_t)vectors->room + 1) * sizeof(Mean));
    if (vectors->means == NULL)
        return -1;
    is_right = is_right && add_pieces(gaps, contents, number, vectors, keys);
    PyMem_Free(vectors->means);
    return is_right;
}

#endif
