"""A million UUIDs, and the order in which their labels come. Needs the standard library only."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Sequence

ROWS = 1_000_000
BATCH = 10_000


def identifiers() -> list[str]:
    numbers = random.Random(1)  # noqa: S311 - data, no secrets
    return [str(uuid.UUID(int=numbers.getrandbits(128))) for _ in range(ROWS)]


def order() -> list[int]:
    found = list(range(ROWS))
    random.Random(2).shuffle(found)  # noqa: S311 - data, no secrets
    return found


def batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, ROWS, BATCH):
        yield ids[start : start + BATCH]


class Requests:
    """The ids as two logs bring them: new strings for each turn, and not the same objects in both.

    A string remembers its hash, and a dict compares objects before it compares letters: from strings that it has met
    it would answer twice as fast as from those of lines just read.
    """

    def __init__(self) -> None:
        self._ids, self._order = identifiers(), order()
        self.predicted: list[str] = []
        self.labelled: list[str] = []

    def renew(self) -> None:
        self.predicted = [_copy(each) for each in self._ids]
        self.labelled = [_copy(self._ids[i]) for i in self._order]


def _copy(text: str) -> str:
    return text.encode().decode()
