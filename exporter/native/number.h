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

/* Where a single operation on doubles is rounded once. */
#define ROUNDS_ONCE (FLT_EVAL_METHOD == 0)

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
    int count; /* of digits, from the first that is not 0; of a fraction there may be zeros among them */
    char is_negative, is_whole;
} Number;

/* What digits make, and how many there are from the first that is not 0. */
typedef struct {
    uint64_t digits;
    int count;
} Digits;

/* Return eight bytes with the digits among them turned into what they stand for, and mark those that are none; what is
 * behind the first of these may be marked in error, unless that is a point. */
static inline uint64_t as_digits(uint64_t word, uint64_t *others)
{
    word ^= ONES * '0';
    *others = ((word + ONES * (0x80 - 10)) | word) & HIGHS;
    return word;
}

/* Return the number that eight digits make, the first byte's before all: of pairs, of pairs of pairs, of all. */
static inline uint64_t eight_digits(uint64_t word)
{
    const uint64_t two = 0x000000FF000000FFull;
    word = word * 10 + (word >> 8);
    return ((word & two) * (100 + (1000000ull << 32)) + (word >> 16 & two) * (1 + (10000ull << 32))) >> 32;
}

/* Return the number that the first up to seven digits make. */
static inline uint64_t few_digits(uint64_t word, int count)
{
    return eight_digits(word << 8 << (56 - 8 * count));
}

/* Go on reading digits; what there is no room for spoils the digits, not the count. */
static inline const char *more_digits(const char *at, Digits *read)
{
    static const uint64_t tens[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};
    const char *first = at;
    uint64_t digits = read->digits, others, word;
    int count;
    while (word = as_digits(eight_bytes(at), &others), others == 0) {
        digits = digits * 100000000 + eight_digits(word);
        at += 8;
    }
    count = bytes_before(others);
    at += count;
    *read = (Digits){digits * tens[count] + few_digits(word, count), read->count + (int)(at - first)};
    return at;
}

/* The same, where zeros at the beginning do not count. */
static const char *read_digits(const char *at, Digits *read)
{
    while (read->count == 0 && *at == '0')
        at++;
    return more_digits(at, read);
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

/* Read any number at a place; return what is behind it, NULL if it is none. */
static const char *read_any_number(const char *at, Number *number)
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

/* Read a number that has its point, its last digit and what is behind that within eight bytes, as most have that were
 * rounded before they were written; return what is behind it, NULL if it is none or another. */
static inline const char *read_short_number(const char *at, Number *number)
{
    int is_negative = *at == '-', whole, count;
    const char *first = at + is_negative, *behind;
    uint64_t others, word = as_digits(eight_bytes(first), &others), after_point = others & (others - 1), before;
    if (after_point == 0)
        return NULL;
    whole = bytes_before(others);
    count = bytes_before(after_point) - 1;
    behind = first + count + 1;
    if (first[whole] != '.' || whole == 0 || whole == count || (*first == '0' && whole > 1) || (*behind | 32) == 'e')
        return NULL;
    /* The point's byte is left out. */
    before = (others ^ (others - 1)) >> 8;
    word = (word & before) | (word >> 8 & ~before);
    *number = (Number){at, few_digits(word, count), whole - count, count, (char)is_negative, 0};
    return behind;
}

/* Read a number that is written without an exponent, in digits that there is room for, without a look at how many of them
 * are zeros; return what is behind it, NULL if it is none or another. */
static inline const char *read_plain_number(const char *at, Number *number)
{
    int is_negative = *at == '-', is_whole, whole;
    const char *first = at + is_negative, *behind;
    Digits read = {0, 0};
    behind = more_digits(first, &read);
    whole = read.count;
    is_whole = *behind != '.';
    if (!is_whole)
        behind = more_digits(behind + 1, &read);
    if (whole == 0 || (*first == '0' && whole > 1) || (!is_whole && whole == read.count) || read.count > MOST_DIGITS ||
        (*behind | 32) == 'e')
        return NULL;
    *number = (Number){at, read.digits, whole - read.count, read.count, (char)is_negative, (char)is_whole};
    return behind;
}

/* Read the number at a place, which is none of the short ones; return what is behind it, NULL if it is none. */
static inline const char *read_longer_number(const char *at, Number *number)
{
    const char *behind = read_plain_number(at, number);
    Number other; /* so that nobody needs the address of the usual ones */
    if (behind != NULL)
        return behind;
    behind = read_any_number(at, &other);
    if (behind != NULL)
        *number = other;
    return behind;
}

/* Read the number at a place; return what is behind it, NULL if it is none. */
static inline const char *read_number(const char *at, Number *number)
{
    const char *behind = read_short_number(at, number);
    return behind != NULL ? behind : read_longer_number(at, number);
}

/* What Python makes of it: NaN where it is too large, or with an exception set for lack of memory. */
static double by_python(const char *text)
{
    char *end;
    double number = PyOS_string_to_double(text, &end, NULL);
    return isinf(number) || (number == -1.0 && PyErr_Occurred()) ? NAN : number;
}

static inline double with_sign(double number, int is_negative)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    bits |= (uint64_t)is_negative << 63;
    memcpy(&number, &bits, sizeof bits);
    return number;
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
    int shift = (int)(product >> 127) + 10; /* 53 bits stay of the upper 63 or 64 */
    uint64_t high = (uint64_t)(product >> 64), half = 1ull << (shift - 1), bits = high >> shift;
    unsigned __int128 rest = (unsigned __int128)(high & ((half << 1) - 1)) << 64 | (uint64_t)product;
    double result;

    if (rest + 2 - ((unsigned __int128)half << 64) <= 2)
        return NAN;
    bits += high >> (shift - 1) & 1;
    /* Within the powers there are, neither the largest nor the smallest doubles are near. The first bit is not written;
     * where rounding has made one more of them, it goes over into the exponent, and what is left is 0. */
    bits += (uint64_t)(shift + 128 + five->exponent + power - zeros + 52 + 1023 - 1) << 52;
    memcpy(&result, &bits, sizeof result);
    return result;
}

/* Return what one operation makes of a number of which both sides are exact, the powers between -22 and 22: the nearest
 * double (W. Clinger, How to read floating point numbers, 1990). */
static inline double by_operation(const Number *number)
{
    static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    double digits = (double)(int64_t)number->digits;
    return with_sign(number->power < 0 ? digits / tens[-number->power] : digits * tens[number->power], number->is_negative);
}

/* Return the nearest double; NaN where it is too large, or with an exception set for lack of memory. */
static inline double value_of(const Number *number, const PowerOfFive *powers)
{
    double result = NAN;
    if (number->count > MOST_DIGITS)
        return by_python(number->text);
    if (ROUNDS_ONCE && number->digits <= 1ull << 53 && number->power >= -22 && number->power <= 22)
        return by_operation(number);
    if (number->digits == 0)
        return with_sign(0.0, number->is_negative);
    if (number->power >= LEAST_POWER && number->power <= GREATEST_POWER)
        result = by_product(number->digits, number->power, powers);
    return isnan(result) ? by_python(number->text) : with_sign(result, number->is_negative);
}

#endif
