"""What a plain YAML scalar means: a careful subset of YAML 1.2.

YAML 1.1 reads ``no`` as false, ``012`` as 10 and ``1:30`` as 90, all of which have broken
configurations. Here only ``true``, ``false``, ``null``, ``~``, nothing, and plain decimal numbers are
anything but text.
"""

from __future__ import annotations

import math
import re

Scalar = str | int | float | bool | None

_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z", re.ASCII)
_GREATEST_INTEGER = 2**63 - 1


def plain_scalar(text: str) -> Scalar:
    """Return the value of an unquoted scalar; raise ``ValueError`` for a number that no field can hold.

    >>> [plain_scalar(text) for text in ("no", "012", "1:30", "1e3", "true", "~")]
    ['no', '012', '1:30', 1000.0, True, None]
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text):
        return _integer(text)
    if _FLOAT.match(text):
        return _finite(text)
    return text


def _integer(text: str) -> int:
    # The length comes first: Python refuses to read integers of thousands of digits.
    if len(text) > 20 or abs(int(text)) > _GREATEST_INTEGER:
        raise ValueError("the number is too large")
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("the number is too large")
    return number
