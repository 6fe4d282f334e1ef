"""A million UUIDs, and the order in which their labels come. Needs the standard library only."""

from __future__ import annotations

import random
import uuid

ROWS = 1_000_000
BATCH = 10_000


def identifiers() -> list[str]:
    numbers = random.Random(1)  # noqa: S311 - data, no secrets
    return [str(uuid.UUID(int=numbers.getrandbits(128))) for _ in range(ROWS)]


def order() -> list[int]:
    found = list(range(ROWS))
    random.Random(2).shuffle(found)  # noqa: S311 - data, no secrets
    return found
