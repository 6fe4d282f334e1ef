/* Time stamps to microseconds since the epoch. */

#ifndef DRIFTBELL_MOMENT_H
#define DRIFTBELL_MOMENT_H

#include <stdint.h>

#include "number.h"
#include "scan.h"

#define DAY 86400
/* Elsewhere times are carried through floats of seconds, which are exact to the microsecond within these years. */
#define FIRST_YEAR 1970
#define LAST_YEAR 2099
/* In microseconds; 1973: before, a zone had an offset of minutes and seconds. */
#define FIRST_LOCAL 94694400000000
/* The year 10000. */
#define END_OF_TIME 253402300800000000

/* A date as it was read last, with the letter behind it: from one line to the next it seldom changes. */
typedef struct {
    uint64_t first, last; /* the first eight of its eleven bytes, and the last eight */
    int64_t days;
} Date;

/* Return the number that so many digits make, -1 if they are none. */
static inline int digits_at(const char *at, int count)
{
    int number = 0;
    for (int i = 0; i < count; i++) {
        if (!is_digit(at[i]))
            return -1;
        number = number * 10 + (at[i] - '0');
    }
    return number;
}

static inline int is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Return the days from the epoch to a date, -1 if there is no such date. */
static inline int64_t days_to(int year, int month, int day)
{
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    int leap = is_leap(year);
    if (year < FIRST_YEAR || year > LAST_YEAR || month < 1 || month > 12 || day < 1)
        return -1;
    if (day > before[month] - before[month - 1] + (month == 2 && leap))
        return -1;
    /* 1972 was the first leap year; in all of these years every fourth is one, up to 2100. */
    return (year - 1970) * 365 + (year - 1969) / 4 + before[month - 1] + (month > 2 && leap) + day - 1;
}

/* Read an offset from UTC, which ends the text; return 0 if it is neither one nor nothing. */
static inline int read_offset(const char *at, const char *end, int64_t *seconds)
{
    int sign = *at == '-' ? -1 : 1, hours, minutes;
    *seconds = 0;
    if (end - at <= 1)
        return at == end || *at == 'Z';
    if ((*at != '+' && *at != '-') || end - at != 6 || at[3] != ':')
        return 0;
    hours = digits_at(at + 1, 2);
    minutes = digits_at(at + 4, 2);
    *seconds = sign * (hours * 3600 + minutes * 60);
    return hours >= 0 && hours <= 23 && minutes >= 0 && minutes <= 59;
}

/* Read a fraction of a second in microseconds, if there is one; return what is behind it, NULL if there is nothing. */
static inline const char *read_fraction(const char *at, int64_t *microseconds)
{
    int count = 0;
    *microseconds = 0;
    if (*at != '.')
        return at;
    for (at++; is_digit(*at); at++, count++)
        if (count < 6)
            *microseconds = *microseconds * 10 + (*at - '0');
        else if (count == 6)
            *microseconds += *at >= '5';
    for (int i = count; i < 6; i++)
        *microseconds *= 10;
    return count ? at : NULL;
}

/* Return the days from the epoch to the date at a place, -1 if there is none, or none with a time behind it. */
static inline int64_t days_at(const char *at)
{
    if (at[4] != '-' || at[7] != '-' || (at[10] != 'T' && at[10] != ' '))
        return -1;
    return days_to(digits_at(at, 4), digits_at(at + 5, 2), digits_at(at + 8, 2));
}

/* Return the seconds of a time of day from its eight bytes, -1 if it is none. */
static inline int64_t seconds_of_day(uint64_t word)
{
    uint64_t hour, minute, second;
    word ^= 0x30303a30303a3030ull; /* 00:00:00 */
    if (((word + 0x76767f76767f7676ull) | word) & HIGHS)
        return -1; /* a digit that is none, or a colon */
    word = word * 10 + (word >> 8);
    hour = word & 0xff;
    minute = word >> 24 & 0xff;
    second = word >> 48 & 0xff;
    return hour > 23 || minute > 59 || second > 59 ? -1 : (int64_t)(hour * 3600 + minute * 60 + second);
}

/* Read the usual time, in UTC and to no less than a microsecond, from behind a quote to behind the next one; return NULL
 * for anything else. */
static inline const char *read_usual_moment(const char *at, Date *date, int64_t *moment)
{
    uint64_t first = eight_bytes(at), last = eight_bytes(at + 3), others, word;
    int64_t seconds = seconds_of_day(eight_bytes(at + 11)), fraction = 0;
    if (date->first != first || date->last != last)
        *date = (Date){first, last, days_at(at)};
    if (date->days < 0 || seconds < 0)
        return NULL;
    at += 19;
    if (*at == '.') {
        int count;
        word = as_digits(eight_bytes(at + 1), &others);
        count = others ? bytes_before(others) : 0;
        if (count < 1 || count > 6)
            return NULL;
        /* The zeros that are not written, too: eight digits. */
        fraction = (int64_t)eight_digits(word & ((1ull << 8 * count) - 1)) / 100;
        at += 1 + count;
    }
    *moment = (date->days * DAY + seconds) * 1000000 + fraction;
    return at[0] == 'Z' && at[1] == '"' ? at + 2 : NULL;
}

/* Read an RFC 3339 time from [at, end); return 0 for what is none, or is out of the usual. Without an offset it is local. */
static inline int read_moment(const char *at, const char *end, int64_t *moment, int *is_local)
{
    int64_t days, offset, fraction;
    int hour, minute, second;
    if (end - at < 19 || at[13] != ':' || at[16] != ':')
        return 0;
    days = days_at(at);
    hour = digits_at(at + 11, 2);
    minute = digits_at(at + 14, 2);
    second = digits_at(at + 17, 2);
    if (days < 0 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
        return 0;
    at = read_fraction(at + 19, &fraction);
    if (at == NULL || !read_offset(at, end, &offset))
        return 0;
    *is_local = at == end;
    *moment = (days * DAY + hour * 3600 + minute * 60 + second - offset) * 1000000 + fraction;
    return 1;
}

#endif
