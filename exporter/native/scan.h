/* Walking over JSON text. Behind the last byte of every text comes a line feed or a zero byte, perhaps after a carriage
 * return. Here these two are nothing that JSON may hold: every rule of the grammar stops there, so that a single byte is
 * looked at without asking how many there are. (Between values JSON may hold line feeds; what has some is left to others.) */

#ifndef DRIFTBELL_SCAN_H
#define DRIFTBELL_SCAN_H

#include <stdint.h>
#include <string.h>

/* What nobody wants is skipped to this depth; deeper lines are left to the other way of reading. */
#define DEEPEST 64

/* So many bytes can be read behind every line, whatever they are. */
#define PADDING 64

#define ONES 0x0101010101010101ull
#define HIGHS 0x8080808080808080ull

/* What a string holds beside plain ASCII. */
enum { WITH_ESCAPES = 1, WITH_HIGH_BYTES = 2 };

/* The byte that comes first is the lowest, whatever the machine. */
static inline uint64_t eight_bytes(const char *at)
{
    uint64_t word;
    memcpy(&word, at, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

static inline uint32_t four_bytes(const char *at)
{
    uint32_t word;
    memcpy(&word, at, 4);
    return word;
}

/* Return how many bytes there are before the first one that is marked by its high bit; one is. */
static inline int bytes_before(uint64_t marks)
{
    return __builtin_ctzll(marks) >> 3;
}

/* Most texts that are compared here are short, and the same: not worth a call. */
static inline int is_same_text(const char *one, const char *other, size_t length)
{
    if (length > 16)
        return memcmp(one, other, length) == 0;
    if (length >= 8)
        return eight_bytes(one) == eight_bytes(other) &&
               eight_bytes(one + length - 8) == eight_bytes(other + length - 8);
    if (length >= 4)
        return four_bytes(one) == four_bytes(other) && four_bytes(one + length - 4) == four_bytes(other + length - 4);
    for (size_t i = 0; i < length; i++)
        if (one[i] != other[i])
            return 0;
    return 1;
}

static inline const char *behind_space(const char *at)
{
    /* A single comparison where there is none. */
    while ((unsigned char)*at <= ' ' && (*at == ' ' || *at == '\t' || *at == '\r'))
        at++;
    return at;
}

static inline int is_digit(char byte)
{
    return (unsigned char)(byte - '0') <= 9;
}

static inline int is_hex(char byte)
{
    return is_digit(byte) || (unsigned char)((byte | 32) - 'a') <= 5;
}

/* Return where the eight bytes have one that is a quote, a backslash, a control character or not ASCII; marked by high bits.
 * Bytes above the first such one may be marked in error. */
static inline uint64_t special_bytes(uint64_t word)
{
    uint64_t quotes = word ^ (ONES * '"'), backslashes = word ^ (ONES * '\\');
    return ((word - ONES * ' ') | (quotes - ONES) | (backslashes - ONES) | word) & HIGHS;
}

/* Go behind the plain bytes at a place. */
static inline const char *behind_plain_bytes(const char *at)
{
    uint64_t marks;
    while ((marks = special_bytes(eight_bytes(at))) == 0)
        at += 8;
    return at + bytes_before(marks);
}

/* Go to the comma, brace or white space, or to anything that is not ASCII, that ends a number or a word; if there is none
 * within eight bytes, stay where it is. */
static inline const char *behind_short_word(const char *at)
{
    uint64_t word = eight_bytes(at), commas = word ^ (ONES * ','), braces = word ^ (ONES * '}');
    uint64_t marks = ((word - ONES * (' ' + 1)) | (commas - ONES) | (braces - ONES) | word) & HIGHS;
    return marks ? at + bytes_before(marks) : at;
}

static const char *behind_escape(const char *at)
{
    if (*at == 'u') {
        for (int i = 1; i <= 4; i++)
            if (!is_hex(at[i]))
                return NULL;
        return at + 5;
    }
    return *at != '\0' && strchr("\"\\/bfnrt", *at) ? at + 1 : NULL;
}

/* Return the quote that ends the string whose contents begin here, NULL if none does; say in `kind` what it holds. */
static inline const char *string_end(const char *at, int *kind)
{
    *kind = 0;
    for (;;) {
        at = behind_plain_bytes(at);
        if (*at == '"')
            return at;
        if (*at == '\\') {
            *kind |= WITH_ESCAPES;
            at = behind_escape(at + 1);
            if (at == NULL)
                return NULL;
        }
        else if ((signed char)*at < 0) {
            *kind |= WITH_HIGH_BYTES;
            at++;
        }
        else
            return NULL; /* a control character, or the end */
    }
}

/* Return what is behind a word, NULL if it is not there. */
static inline const char *behind_word(const char *at, const char *word)
{
    size_t length = strlen(word);
    return memcmp(at, word, length) == 0 ? at + length : NULL;
}

static const char *behind_number(const char *at)
{
    at += *at == '-';
    if (*at == '0')
        at++;
    else if (is_digit(*at))
        while (is_digit(*at))
            at++;
    else
        return NULL;
    if (*at == '.') {
        if (!is_digit(*++at))
            return NULL;
        while (is_digit(*at))
            at++;
    }
    if ((*at | 32) == 'e') {
        at++;
        at += *at == '+' || *at == '-';
        if (!is_digit(*at))
            return NULL;
        while (is_digit(*at))
            at++;
    }
    return at;
}

static const char *behind_value(const char *at, int depth);

/* Return what is behind an object or a list, whose first byte is `at`. */
static const char *behind_container(const char *at, int depth)
{
    char close = *at == '{' ? '}' : ']';
    if (depth >= DEEPEST)
        return NULL;
    at = behind_space(at + 1);
    if (*at == close)
        return at + 1;
    for (;;) {
        if (close == '}') {
            int kind;
            at = *at == '"' ? string_end(at + 1, &kind) : NULL;
            if (at == NULL)
                return NULL;
            at = behind_space(at + 1);
            if (*at != ':')
                return NULL;
            at = behind_space(at + 1);
        }
        at = behind_value(at, depth + 1);
        if (at == NULL)
            return NULL;
        at = behind_space(at);
        if (*at == close)
            return at + 1;
        if (*at != ',')
            return NULL;
        at = behind_space(at + 1);
    }
}

/* Return what is behind any value, NULL if it is none. */
static const char *behind_value(const char *at, int depth)
{
    int kind;
    switch (*at) {
    case '"':
        at = string_end(at + 1, &kind);
        return at == NULL ? NULL : at + 1;
    case '{':
    case '[':
        return behind_container(at, depth);
    case 't':
        return behind_word(at, "true");
    case 'f':
        return behind_word(at, "false");
    case 'n':
        return behind_word(at, "null");
    case 'N': /* these are no JSON, but Python writes them */
        return behind_word(at, "NaN");
    case 'I':
        return behind_word(at, "Infinity");
    default:
        return at[0] == '-' && at[1] == 'I' ? behind_word(at, "-Infinity") : behind_number(at);
    }
}

#endif
