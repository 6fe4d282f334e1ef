"""Columns of a table as plain arrays: numbers, or the codes of canonical texts."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from exporter.reference.options import CATEGORICAL, NUMERIC
from exporter.reference.profile import Counts, Floats
from exporter.rows.category import text_of

if TYPE_CHECKING:
    import pyarrow as pa

# Field metadata of a column that held several JSON types and was turned into text: which they were.
DOMAIN_KEY = b"driftbell.domain"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?\Z")
# A text column is taken for an identifier when it has this many values and hardly any twice.
IDENTIFIER_VALUES = 100
IDENTIFIER_SHARE = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """``values`` (n,), NaN where nothing usable stands; how many were absent, how many not a finite number."""

    values: Floats
    missing: int
    invalid: int

    @property
    def finite(self) -> Floats:
        return self.values[np.isfinite(self.values)]


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """``codes`` (n,) into the sorted ``categories``, -1 where absent; ``domain`` the JSON types they had."""

    codes: Counts
    categories: tuple[str, ...]
    domain: frozenset[str]

    @property
    def missing(self) -> int:
        return int((self.codes < 0).sum())

    @property
    def counts(self) -> Counts:
        present = self.codes[self.codes >= 0]
        return np.bincount(present, minlength=len(self.categories)).astype(np.int64)


def numbers(column: pa.ChunkedArray) -> Numbers:
    """Read a column as numbers; text is parsed, true is 1.

    Null and NaN are missing (a data frame writes either for "no value"); infinities and text that is
    no number are invalid.
    """
    column = _decoded(column)
    if is_text(column.type):
        return _parsed(column)
    # Arrow has no way from booleans to floats but by integers.
    wide = column.cast("int8") if _is(column, "is_boolean") else column
    values = np.asarray(wide.cast("float64", safe=False).to_numpy(), dtype=np.float64)
    missing, infinite = np.isnan(values), np.isinf(values)
    return Numbers(np.where(infinite, np.nan, values), int(missing.sum()), int(infinite.sum()))


def texts(column: pa.ChunkedArray, field: pa.Field) -> Texts:
    """Read a column as canonical texts. Null, NaN and infinities are missing."""
    column = _decoded(column)
    codes = np.full(len(column), -1, dtype=np.int64)
    found: dict[str, int] = {}
    start = 0
    for chunk in column.chunks:
        encoded = chunk.dictionary_encode()
        translation = np.array([_code(value, found) for value in encoded.dictionary.to_pylist()] + [-1], dtype=np.int64)
        # The last entry of the translation answers for index -1: absent.
        codes[start : start + len(chunk)] = translation[encoded.indices.fill_null(-1).to_numpy()]
        start += len(chunk)
    return _in_order(codes, found, _domain(column, field))


def kind_of(column: pa.ChunkedArray) -> tuple[str | None, str]:
    """Return the kind of feature that a column holds; or None, and why it is none."""
    from pyarrow import types

    kind = column.type
    if types.is_null(kind) or column.null_count == len(column):
        return None, "it holds no values; state its kind to keep it"
    if types.is_floating(kind) and not _has_finite(column):
        return None, "it holds no finite number; state its kind to keep it"
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        return NUMERIC, ""
    if types.is_boolean(kind) or types.is_dictionary(kind):
        return CATEGORICAL, ""
    if is_text(kind):
        return _kind_of_text(column)
    return None, f"it holds neither numbers nor categories, but {kind}"


def _has_finite(column: pa.ChunkedArray) -> bool:
    from pyarrow import compute

    return bool(compute.any(compute.is_finite(column.cast("float64"))).as_py())


def _kind_of_text(column: pa.ChunkedArray) -> tuple[str | None, str]:
    values = [value for value in column.unique().to_pylist() if value is not None]
    if all(_DATE.match(value) for value in values):
        return None, "it holds dates; state its kind to keep it"
    if len(values) >= IDENTIFIER_VALUES and len(values) >= IDENTIFIER_SHARE * (len(column) - column.null_count):
        return None, "it holds a different text in almost every row, like an identifier; state its kind to keep it"
    return CATEGORICAL, ""


def _parsed(column: pa.ChunkedArray) -> Numbers:
    encoded = texts(column, None)
    parsed = np.array([_number(text) for text in encoded.categories] + [math.nan])
    values = parsed[encoded.codes]
    invalid = int(np.isnan(values).sum()) - encoded.missing
    return Numbers(values, encoded.missing, invalid)


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def _code(value: object, found: dict[str, int]) -> int:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return -1
    text = text_of(value) if isinstance(value, str | bool | int | float) else _other_text(value)
    return found.setdefault(text, len(found))


def _other_text(value: object) -> str:
    """Spell what JSON has no type for: decimals as numbers, bytes as text, dates in ISO 8601."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    is_decimal = hasattr(value, "as_integer_ratio")
    return text_of(float(value)) if is_decimal else str(value)  # type: ignore[arg-type]


def _in_order(codes: Counts, found: dict[str, int], domain: frozenset[str]) -> Texts:
    categories = sorted(found)
    rank: NDArray[np.int64] = np.full(len(found) + 1, -1, dtype=np.int64)
    rank[[found[text] for text in categories]] = np.arange(len(categories))
    return Texts(rank[codes], tuple(categories), domain)


def _domain(column: pa.ChunkedArray, field: pa.Field | None) -> frozenset[str]:
    metadata = (field.metadata or {}) if field is not None else {}
    if DOMAIN_KEY in metadata:
        return frozenset(metadata[DOMAIN_KEY].decode().split(","))
    if _is(column, "is_boolean"):
        return frozenset({"boolean"})
    is_number = any(_is(column, test) for test in ("is_integer", "is_floating", "is_decimal"))
    return frozenset({"number" if is_number else "text"})


def _decoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(column.type.value_type) if _is(column, "is_dictionary") else column


def _is(column: pa.ChunkedArray, test: str) -> bool:
    import pyarrow.types

    check: Callable[[pa.DataType], bool] = getattr(pyarrow.types, test)
    return check(column.type)


def is_text(kind: pa.DataType) -> bool:
    from pyarrow import types

    return bool(types.is_string(kind) or types.is_large_string(kind) or str(kind) == "string_view")
