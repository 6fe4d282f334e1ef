/* Decimal numbers to the nearest double.
 *
 * The way of Eisel and Lemire (D. Lemire, Number parsing at a gigabyte per second, 2021): the digits times a power of five
 * in 128 bits, but with a plain interval for what was cut off, and with Python's own conversion wherever that interval
 * leaves the nearest double open. */

#ifndef DRIFTBELL_NUMBER_H
#define DRIFTBELL_NUMBER_H

#include <Python.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "scan.h"

#ifdef __FAST_MATH__
#error "here NaN means something, and every operation is rounded once"
#endif
#ifndef __SIZEOF_INT128__
#error "this needs a compiler with 128-bit integers"
#endif

/* As many digits as a 64-bit number always holds. */
#define MOST_DIGITS 19
/* A whole number of no more digits has room in an int64_t. */
#define MOST_WHOLE_DIGITS 18

/* An exponent that is larger is as good as this one, since no fraction has more digits: such lines are left to others. */
#define MOST_POWER 1000000

/* Of 10 to the powers that numbers in logs have. */
#define LEAST_POWER (-80)
#define GREATEST_POWER 60

/* 5 to some power: (high, low) as a 128-bit number with its first bit set, cut off, times 2 to `exponent`. */
typedef struct {
    uint64_t high, low;
    int64_t exponent;
} PowerOfFive;

/* A number as it is written: `digits` times 10 to `power`, if it has no more digits than there is room for. */
typedef struct {
    const char *text;
    uint64_t digits;
    int power;
    int count; /* of digits, from the first that is not 0 */
    char is_negative, is_whole;
} Number;

/* What digits make, and how many there are from the first that is not 0. */
typedef struct {
    uint64_t digits;
    int count;
} Digits;

/* Go on reading digits; what there is no room for spoils the digits, not the count. */
static inline const char *read_digits(const char *at, Digits *read)
{
    uint64_t digits = read->digits;
    const char *first;
    while (read->count == 0 && *at == '0')
        at++;
    for (first = at; is_digit(*at); at++)
        digits = digits * 10 + (uint64_t)(*at - '0');
    *read = (Digits){digits, read->count + (int)(at - first)};
    return at;
}

/* Read the exponent of a number that begins at `text`; return what is behind it, NULL if it is none. */
static const char *read_exponent(const char *text, const char *at, int *power)
{
    int sign = at[1] == '-' ? -1 : 1, found = 0;
    if (behind_number(text) == NULL)
        return NULL;
    for (at += 1 + (at[1] == '-' || at[1] == '+'); is_digit(*at); at++)
        found = found > MOST_POWER ? found : found * 10 + (*at - '0');
    *power += sign * found;
    return at;
}

/* Read the number at a place; return what is behind it, NULL if it is none. */
static inline const char *read_number(const char *at, Number *number)
{
    const char *text = at;
    Digits read = {0, 0};
    int power = 0, is_whole = 1;
    at += *at == '-';
    if (*at == '0')
        at++;
    else if (is_digit(*at))
        at = read_digits(at, &read);
    else
        return NULL;
    if (*at == '.') {
        const char *point = at;
        at = read_digits(at + 1, &read);
        if (at == point + 1 || at - point > MOST_POWER)
            return NULL;
        power = -(int)(at - point - 1);
        is_whole = 0;
    }
    if ((*at | 32) == 'e') {
        at = read_exponent(text, at, &power);
        is_whole = 0;
    }
    *number = (Number){text, read.digits, power, read.count, *text == '-', (char)is_whole};
    return at;
}

/* What Python makes of it: infinite where it is too large. -1 with an exception set for lack of memory. */
static double by_python(const Number *number)
{
    char *end;
    return PyOS_string_to_double(number->text, &end, NULL);
}

/* Return the double, nearest to digits * 10**power, or NaN if that is not certain. */
static double by_product(uint64_t digits, int power, const PowerOfFive *powers)
{
    const PowerOfFive *five = &powers[power - LEAST_POWER];
    int zeros = __builtin_clzll(digits);
    uint64_t first = digits << zeros;
    unsigned __int128 low = (unsigned __int128)first * five->low;
    /* The first 128 bits of 192. The power was cut off, and so is this: what it should be is less than 2 more. */
    unsigned __int128 product = (unsigned __int128)first * five->high + (uint64_t)(low >> 64);
    int shift = (int)(product >> 127) + 74; /* 53 bits stay of 127 or 128 */
    unsigned __int128 half = (unsigned __int128)1 << (shift - 1);
    unsigned __int128 rest = product & ((half << 1) - 1);
    uint64_t bits = (uint64_t)(product >> shift);
    int64_t exponent;
    double result;

    if (rest <= half && rest + 2 >= half)
        return NAN;
    bits += rest > half;
    exponent = shift + 64 + five->exponent + power - zeros;
    if (bits >> 53) {
        bits >>= 1;
        exponent++;
    }
    /* Within the powers there are, neither the largest nor the smallest doubles are near. */
    bits = (bits & ~(1ull << 52)) | (uint64_t)(exponent + 52 + 1023) << 52;
    memcpy(&result, &bits, sizeof result);
    return result;
}

/* Return the nearest double; infinite where it is too large. -1 with an exception set for lack of memory. */
static inline double value_of(const Number *number, const PowerOfFive *powers)
{
    static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    double result = NAN;

    if (number->count > MOST_DIGITS)
        return by_python(number);
    if (number->digits == 0)
        return number->is_negative ? -0.0 : 0.0;
#if FLT_EVAL_METHOD == 0
    /* Both sides are exact, so a single operation rounds once (W. Clinger, How to read floating point numbers, 1990). */
    if (number->digits <= 1ull << 53 && number->power >= -22 && number->power <= 22) {
        double digits = (double)number->digits;
        result = number->power < 0 ? digits / tens[-number->power] : digits * tens[number->power];
    }
    else
#endif
        if (number->power >= LEAST_POWER && number->power <= GREATEST_POWER)
            result = by_product(number->digits, number->power, powers);
    if (isnan(result))
        return by_python(number);
    return number->is_negative ? -result : result;
}

#endif
