"""On which line of a JSON text a value stands, so that findings can be opened where they are."""

from __future__ import annotations

import re
from collections.abc import Sequence

Place = tuple[str | int, ...]
"""Keys and indices from the top down."""

_PART = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+|\n')


def lines(text: str) -> dict[Place, int]:
    """Return the line of every value (of a member of an object that of its key); ``text`` has to be JSON.

    >>> lines('{"a":\\n [1,\\n 2]}')
    {(): 1, ('a',): 1, ('a', 0): 2, ('a', 1): 3}
    """
    found: dict[Place, int] = {}
    # Of each container that is open: its place, and the index in a list or the newest key of an object.
    above: list[tuple[Place, str | int]] = []
    line, key, expected = 1, "", True
    for match in _PART.finditer(text):
        part = match[0]
        if part == "\n":
            line += 1
        elif part in "}]":
            above.pop()
            expected = False
        elif part == ":":
            above[-1] = (above[-1][0], key)
            found.setdefault((*above[-1][0], key), line)
            expected = True
        elif part == ",":
            place, last = above[-1]
            above[-1] = (place, last + 1 if isinstance(last, int) else last)
            expected = isinstance(last, int)
        elif part[0] == '"' and not expected:
            key = part[1:-1]
        else:
            place = (*above[-1][0], above[-1][1]) if above else ()
            found.setdefault(place, line)
            expected = part == "["
            if part in "{[":
                above.append((place, 0 if part == "[" else ""))
    return found


def said(place: Sequence[str | int]) -> str:
    """Return a place as people write it.

    >>> said(("panels", 3, "options", "legend"))
    'panels[3].options.legend'
    """
    return "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in place).removeprefix(".")
