"""Changes of bytes that parsers have stumbled over: flips, cuts, repetitions, tokens in the wrong place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

TOKENS = [
    *(b"\0", b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc0\xaf", b"\r\n", b"\n", b"\r", b"\t", b" "),
    *(b'"', b'""', b"\\", b'\\"', b"\\u0000", b"\\ud800", b"\\udc00\\ud800", b"{", b"}", b"[", b"]", b":", b",", b";"),
    *(b"NaN", b"nan", b"Infinity", b"-Infinity", b"inf", b"1e999", b"-0", b"0x1", b"1_0", b"01", b".5", b"1.", b"+1"),
    *(b"9007199254740993", b"9223372036854775808", b"-9223372036854775809", b"1" + b"0" * 400, b"9" * 4301),
    *(b"null", b"true", b"false", b"None", b"{}", b"[]", b"{" * 50, b"[" * 2000, b'{"a":' * 1500),
    *(
        b"0000-00-00T00:00:00Z",
        b"9999-12-31T23:59:59.999999999Z",
        b"2016-12-31T23:59:60Z",
        b"0001-01-01T00:00:00+14:00",
    ),
    *(
        b"&a ",
        b"*a",
        b"!!python/object:os.system",
        b"<<: ",
        b"? ",
        b"- ",
        b"---",
        b"...",
        b"%YAML 9.9",
        b"~",
        b"|",
        b">",
    ),
    *(b"PAR1", b"PARE", b"\x1f\x8b\x08", b"\x80\x80\x80\x80\x10", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff"),
]
_EDGES = (0x00, 0x01, 0x0A, 0x22, 0x2C, 0x5C, 0x7F, 0x80, 0xC0, 0xFE, 0xFF)


def mutated(seeds: Sequence[bytes], dice: Random) -> bytes:
    """Return one of the seeds after one to six changes."""
    data = dice.choice(seeds)
    for _ in range(dice.choice((1, 1, 1, 2, 3, 6))):
        change = dice.choice(_CHANGES)
        data = change(data, seeds, dice)
    return data


def _place(data: bytes, dice: Random) -> int:
    return dice.randrange(len(data) + 1)


def _stretch(data: bytes, dice: Random) -> tuple[int, int]:
    start = _place(data, dice)
    return start, min(start + dice.choice((1, 2, 4, 16, 100)), len(data))


def _flip(data: bytes, _: Sequence[bytes], dice: Random) -> bytes:
    start, end = _stretch(data, dice)
    return (
        data[:start]
        + bytes(byte ^ (1 << dice.randrange(8)) for byte in data[start : min(start + 1, end)])
        + data[start + 1 :]
    )


def _edge(data: bytes, _: Sequence[bytes], dice: Random) -> bytes:
    start = _place(data, dice)
    return data[:start] + bytes([dice.choice(_EDGES)]) + data[start + 1 :]


def _cut(data: bytes, _: Sequence[bytes], dice: Random) -> bytes:
    start, end = _stretch(data, dice)
    return data[:start] + data[end:]


def _end(data: bytes, _: Sequence[bytes], dice: Random) -> bytes:
    return data[: _place(data, dice)]


def _again(data: bytes, _: Sequence[bytes], dice: Random) -> bytes:
    start, end = _stretch(data, dice)
    return data[:end] + data[start:end] * dice.choice((1, 2, 50)) + data[end:]


def _token(data: bytes, _: Sequence[bytes], dice: Random) -> bytes:
    start, end = _stretch(data, dice)
    return data[:start] + dice.choice(TOKENS) + data[dice.choice((start, end)) :]


def _splice(data: bytes, seeds: Sequence[bytes], dice: Random) -> bytes:
    other = dice.choice(seeds)
    return data[: _place(data, dice)] + other[_place(other, dice) :]


_CHANGES: Sequence[Callable[[bytes, Sequence[bytes], Random], bytes]] = (
    _flip,
    _edge,
    _cut,
    _end,
    _again,
    _token,
    _token,
    _splice,
)
