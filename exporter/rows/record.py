"""The only shapes past the decoders: batches of rows as columns.

Codes are those of the model's dictionaries. In a float column NaN says "not there" and an infinity
"there, but not a usable number".
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields, replace
from typing import Any, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Hashes = NDArray[np.uint64]
Texts = NDArray[np.object_]

# A code that says "not there" or "there, but not usable".
MISSING, INVALID = -1, -2


class Rows:
    """What batches of any kind of row can do. A subclass is a dataclass of arrays with one row axis."""

    def __len__(self) -> int:
        return len(self.time)  # type: ignore[attr-defined]  # every kind of row has a time

    @property
    def nbytes(self) -> int:
        return sum(getattr(self, column.name).nbytes for column in fields(self))  # type: ignore[arg-type]

    def take(self, rows: Any) -> Self:  # a mask, a slice or an array of positions
        """Return some of the rows."""
        columns = {column.name: getattr(self, column.name)[rows] for column in fields(self)}  # type: ignore[arg-type]
        return replace(self, **columns)  # type: ignore[type-var]


@dataclass(frozen=True, slots=True, eq=False)
class Predictions(Rows):
    """Prediction rows: n of them, with F numeric and G categorical features and S segment fields.

    ``time`` event time in microseconds; ``key`` keyed hash of the request id (0 and ``has_key`` false without
    one); ``status`` HTTP-like status; ``latency`` seconds; ``numeric`` (n, F) and ``categorical`` (n, G) in the
    layout's order; ``predicted`` (n,) the class's code (as a float) or the predicted value; ``scores`` (n, 1) the
    positive class's probability, (n, C) each class's, or (n, 0); ``groups`` (n, S) quality groups, MISSING where
    the segment is not known; ``amounts`` (n, 2 R) the numbers of good ones and of all of each objective about a ratio,
    0 where they are of no use.
    """

    time: Ints
    key: Hashes
    has_key: Flags
    version: Codes
    endpoint: Codes
    status: Codes
    latency: Floats
    numeric: Floats
    categorical: Codes
    predicted: Floats
    scores: Floats
    groups: Codes
    amounts: Floats


@dataclass(frozen=True, slots=True, eq=False)
class IdentifiedPredictions(Predictions):
    """Prediction rows with their request ids as they are written: ``ids`` (n,), "" where none can be shown.

    Decoders give them for exemplars, where those are wanted; nothing keeps them.
    """

    ids: Texts

    def anonymous(self) -> Predictions:
        """Return the rows without their ids."""
        return Predictions(**{column.name: getattr(self, column.name) for column in fields(Predictions)})


@dataclass(frozen=True, slots=True, eq=False)
class Labels(Rows):
    """Label rows: ``value`` (n,) is the class's code (as a float) or the true value; ``time`` when it became known."""

    time: Ints
    key: Hashes
    value: Floats


R = TypeVar("R", bound=Rows)


@dataclass(slots=True)
class Refusals:
    """What was not used of some records, and why: nothing is dropped without being counted here.

    ``rejected`` counts records by reason, ``invalid`` unusable optional fields of usable records by field,
    ``ignored`` records of other models.
    """

    rejected: Counter[str] = field(default_factory=Counter)
    invalid: Counter[str] = field(default_factory=Counter)
    ignored: int = 0

    def reject(self, reason: str, rows: Flags) -> None:
        """Count the rows of a mask as rejected."""
        if rows.any():
            self.rejected[reason] += int(rows.sum())

    def blank(self, name: str, rows: Flags) -> None:
        """Count the rows of a mask as having an unusable optional field."""
        if rows.any():
            self.invalid[name] += int(rows.sum())


@dataclass(frozen=True, slots=True)
class Decoded(Generic[R]):
    """One decoded payload: ``read`` records = usable rows + rejected + ignored ones."""

    rows: R
    read: int
    refusals: Refusals


def concatenate(parts: list[R]) -> R:
    """Join batches of one kind, at least one, end to end."""
    first = parts[0]
    if len(parts) == 1:
        return first
    names = [column.name for column in fields(first)]  # type: ignore[arg-type]
    return replace(first, **{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})  # type: ignore[type-var]
