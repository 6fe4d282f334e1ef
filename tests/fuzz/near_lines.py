"""Lines of records that are as they should be, or nearly: what a reader that expects the usual meets."""

from __future__ import annotations

from random import Random

NUMBERS = (
    *("0", "-0", "1", "-1", "0.5", "1.0", "1e3", "1E+2", "1e-7", "123456789012345678", "1234567890123456789", "17.25"),
    *("12345678901234567890", "9007199254740993", "1e400", "-1e400", "0.1", "200", "404", "99", "600", "200.0", "NaN"),
    *("Infinity", "-Infinity", "01", "1.", "+1", ".5", "0x1", "1_0", "--1", "1e", "1e+", "1" * 400),
)
TEXTS = (
    *(
        '"a"',
        '"b"',
        '""',
        '"Mon"',
        '"\\u00e9"',
        '"é"',
        '"\\ud800"',
        '"x\\ny"',
        '"a\\"b"',
        '"\\/"',
        '"\udcff"',
        '"日本語"',
    ),
    *(
        '"true"',
        '"1"',
        '"200"',
        '"NaN"',
        '"null"',
        '"\t"',
        '"a\0"',
        '"\\u0041"',
        '"m"',
        '"\\q"',
        '"\\u12"',
        f'"{"z" * 300}"',
    ),
)
USUAL_TIMES = (
    *(
        '"2024-05-01T14:00:00Z"',
        '"2024-05-01T14:00:00.123Z"',
        '"2024-05-01 14:00:00+02:00"',
        "1714572000",
        "1714572000.5",
    ),
    *('"2024-05-01T14:00:00.123456789Z"', '"2024-05-01T14:00:00"', "1714572000123", "1714572000123456"),
)
TIMES = (
    *(
        '"2024-05-01T14:00:00.1234565Z"',
        '"2024-05-01T14:00:00.9999999Z"',
        '"2024-03-31T02:30:00"',
        '"2024-05-01T14:00Z"',
    ),
    *('"2023-10-29T02:30:00.5"', '"2024-02-29T23:59:59-23:59"', '"2023-02-29T00:00:00Z"', '"1970-01-01T00:00:00Z"'),
    *('"1969-12-31T23:59:59Z"', '"2099-12-31T23:59:59.999999Z"', '"2100-01-01T00:00:00Z"', '"2024-13-01T00:00:00Z"'),
    *('"2024-05-01T24:00:00Z"', '"2024-05-01t14:00:00z"', '"2024-05-01T14:00:00.Z"', '"2024-05-01T14:00:00+0200"'),
    *("1714572000123456789", "1.7145720001234e9", "-5", "0", "253402300800", "253402300799.9999999", "1e30"),
)
OTHERS = (
    *(
        "null",
        "true",
        "false",
        "[]",
        "{}",
        "[1,2]",
        '{"a":1}',
        '[0.5,"x"]',
        '{"a":NaN}',
        "nul",
        "tru",
        "",
        "[1,]",
        "{,}",
    ),
    *("[[[[1]]]]", '{"a":{"b":[1,{"c":null}]}}'),
)
SCORES = ('{"a":0.25,"b":0.75}', "[0.25,0.75]", "null")
KEYS = ('"other"', '"a\\tb"', '""', '"é"', '"\\u0078"', '"x"', '"timestamp"')
BYTES = (b'"', b"{", b"}", b",", b":", b"\\", b"\0", b"\xff")


def payload(dice: Random, lines: int) -> bytes:
    """Return so many lines, of which none, few or most are a little wrong."""
    wrong = dice.choice((0.0, 0.002, 0.02, 0.2))
    return b"\n".join(_line(dice, wrong) for _ in range(lines))


def _line(dice: Random, wrong: float) -> bytes:
    features = [("x", _number(dice)), ("c", dice.choice(TEXTS[:6])), ("y", _number(dice))]
    record = [
        ("timestamp", dice.choice(USUAL_TIMES)),
        ("request_id", f'"{dice.getrandbits(64):x}"'),
        ("features", _object(dice, wrong, [(f'"{name}"', text) for name, text in features])),
        ("score", f"{dice.random():.4f}"),
        ("scores", dice.choice(SCORES)),
        ("status", dice.choice(("200", "404", "500"))),
        ("latency_ms", _number(dice).lstrip("-")),
        ("prediction", dice.choice(('"a"', '"b"', "1", "0"))),
        ("label", dice.choice(("1", "0"))),
        ("model", '"m"'),
        ("region", dice.choice(TEXTS[:6])),
    ]
    text = _space(dice) + _object(dice, wrong, [(f'"{name}"', text) for name, text in record]) + _space(dice)
    line = text.encode("utf-8", "surrogateescape").replace(b"\n", b"")
    return _damaged(dice, line) if dice.random() < wrong else line


def _object(dice: Random, wrong: float, pairs: list[tuple[str, str]]) -> str:
    pairs = [(key, _odd(dice) if dice.random() < wrong else text) for key, text in pairs]
    if dice.random() < wrong:
        dice.shuffle(pairs)
    if dice.random() < wrong:
        pairs.pop(dice.randrange(len(pairs)))
    if dice.random() < max(wrong, 0.1):
        key = f'"k{dice.randrange(600)}"' if dice.random() > wrong else dice.choice(KEYS)
        pairs.insert(dice.randrange(len(pairs) + 1), (key, _odd(dice) if dice.random() < wrong else "1"))
    return "{" + ",".join(_space(dice) + key + _space(dice) + ":" + text + _space(dice) for key, text in pairs) + "}"


def _number(dice: Random) -> str:
    return dice.choice((f"{dice.gauss(0, 1):.4f}", repr(dice.gauss(0, 1)), str(dice.randrange(100))))


def _odd(dice: Random) -> str:
    return dice.choice(dice.choice((NUMBERS, TEXTS, TIMES, OTHERS)))


def _space(dice: Random) -> str:
    return dice.choice(("", "", "", "", " ", "\t", " \r"))


def _damaged(dice: Random, line: bytes) -> bytes:
    start = dice.randrange(len(line) + 1)
    end = start + dice.choice((0, 1, 1, 2, 5))
    return line[:start] + dice.choice((b"", *BYTES)) + line[end:]
