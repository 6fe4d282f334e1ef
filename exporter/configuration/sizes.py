"""Sizes as people write them, in bytes."""

from __future__ import annotations

import re

_UNITS = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
SIZE_PATTERN = r"^[0-9]+ ?(B|kB|MB|GB|KiB|MiB|GiB)$"
_SIZE = re.compile(r"([0-9]{1,12}) ?(B|kB|MB|GB|KiB|MiB|GiB)\Z", re.ASCII)


def parse_size(text: str) -> int:
    """Return the bytes of a size such as ``256MiB``; raise ``ValueError`` if it is none.

    >>> parse_size("1MiB"), parse_size("2 kB")
    (1048576, 2000)
    """
    match = _SIZE.match(text)
    if not match:
        raise ValueError("not a size")
    return int(match[1]) * _UNITS[match[2]]


def format_size(size: int) -> str:
    """Return bytes in the largest binary unit that leaves nothing over.

    >>> format_size(1_048_576), format_size(1_000)
    ('1MiB', '1000B')
    >>> format_size(0)
    '0B'
    """
    unit = next(unit for unit in ("GiB", "MiB", "KiB", "B") if unit == "B" or (size and size % _UNITS[unit] == 0))
    return f"{size // _UNITS[unit]}{unit}"
