/* Gaps between neighbouring edges, in which places stand for sums; see `gap_places.py`. */

#ifndef DRIFTBELL_GAPS_H
#define DRIFTBELL_GAPS_H

#include <Python.h>
#include <stdint.h>

#include "buffers.h"

#ifdef __FAST_MATH__
#error "here every operation is rounded once, in the order that is written"
#endif

/* Of a gap's width. */
#define STEPS 4294967296.0

/* The gaps that sums lie in, by position of the sums. */
typedef struct {
    const int32_t *counted;
    const double *middle, *width;
    Py_ssize_t count;
} Gaps;

/* Set the gaps from three arrays; say whether they belong together. */
static int set_gaps(Gaps *gaps, const Py_buffer *counted, const Py_buffer *middle, const Py_buffer *width)
{
    *gaps = (Gaps){counted->buf, middle->buf, width->buf, length_of(width, sizeof(double))};
    return length_of(counted, sizeof(int32_t)) == gaps->count && length_of(middle, sizeof(double)) == gaps->count;
}

#endif
