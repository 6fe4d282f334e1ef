from collections.abc import Callable
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

NUMBER: int
MOMENT: int
LOCAL: int
EPOCH: int
CATEGORY: int
STATUS: int
IDENTIFIER: int
SCORES: int
LEAST_POWER: int
GREATEST_POWER: int

class Reader:
    def __new__(
        cls,
        fields: tuple[tuple[tuple[bytes, ...], int, bool, bool, int, float, Callable[[bytes], Any]], ...],
        powers: bytes,
        hash_key: int,
    ) -> Self: ...
    def read(
        self, block: bytes, places: NDArray[np.int64], columns: tuple[tuple[Any, list[Any] | None], ...], most: int
    ) -> list[int] | None: ...
