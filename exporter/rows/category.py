"""One spelling for every category, whatever wrote it.

A prediction log says ``true``, a CSV reference says ``True``, a Parquet file holds ``1.0`` where the
log holds ``1``. Categories are compared as text, and this is the text.
"""

from __future__ import annotations


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
