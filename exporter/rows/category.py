"""One spelling for every category, whatever wrote it.

A prediction log says ``true``, a CSV reference says ``True``, a Parquet file holds ``1.0`` where the
log holds ``1``. Categories are compared as text, and this is the text.
"""

from __future__ import annotations

import re

_HALF_PAIR = re.compile(r"[\ud800-\udfff]")


def text_of(value: str | bool | float) -> str:
    """Return the canonical text of a category.

    Strings stand as they are; booleans are ``true`` and ``false``; a whole number has no decimal
    point, so that ``1`` and ``1.0`` are one category.

    >>> [text_of(value) for value in ("Mon", True, 1, 1.0, 0.5)]
    ['Mon', 'true', '1', '1', '0.5']
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    # A whole number of any size stays exact, and need not fit into a float.
    return str(int(value)) if isinstance(value, int) or float(value).is_integer() else str(value)


def is_unicode(value: object) -> bool:
    """Say whether a value is no text, or one without halves of surrogate pairs.

    Decoders let such halves stand for bytes that are no UTF-8, so that these spoil the value that they are in and
    nothing else.

    >>> [is_unicode(value) for value in ("Mon", "a\\ud800", 1)]
    [True, False, True]
    """
    return not isinstance(value, str) or _HALF_PAIR.search(value) is None
