from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from exporter.decoders.typed import Encoded, Pieces, completed, presence, taken, values_of

identifiers = st.lists(st.text("ab-", max_size=5) | st.integers() | st.none(), max_size=20)


def pieces(values: Sequence[Any]) -> Pieces:
    """Return identifiers as the reader has them: the texts in a block, in any order."""
    texts = sorted({value for value in values if isinstance(value, str)})
    others = [value for value in values if not isinstance(value, str)]
    block, places, met = "|".join(texts), [], 0
    for value in values:
        start = -1 - met
        if isinstance(value, str):
            start = len("|".join([*texts[: texts.index(value)], ""]))
        else:
            met += 1
        places.append((start, start + len(value) if isinstance(value, str) else 0))
    return Pieces(block.encode(), np.array(places, np.int64).reshape(-1, 2).T, others)


@given(identifiers)
def test_pieces_are_the_values_that_they_stand_for(values: list[Any]) -> None:
    column = pieces(values)
    assert len(column) == len(values)
    assert list(column) == values_of(column) == values
    assert [column[row] for row in range(len(values))] == values
    assert column[1:3] == values[1:3]
    assert presence(column)[0].tolist() == [value is None for value in values]


@given(identifiers, st.randoms())
def test_some_of_the_rows(values: list[Any], dice: Any) -> None:
    rows = np.array([dice.random() < 0.5 for _ in values], np.bool_)
    assert list(values_of(taken(pieces(values), rows))) == [
        value for value, is_one in zip(values, rows, strict=True) if is_one
    ]


@given(identifiers, identifiers, st.randoms())
def test_rows_that_come_late(values: list[Any], more: list[Any], dice: Any) -> None:
    late = np.array([True] * len(more) + [False] * len(values), np.bool_)
    dice.shuffle(late)
    own, others = iter(values), iter(more)
    expected = [next(others) if is_late else next(own) for is_late in late]
    whole: list[Any] = ["" if is_late else value for is_late, value in zip(late, expected, strict=True)]
    kept = np.array([dice.random() < 0.8 or not is_late for is_late in late], np.bool_)
    here = [value for value, is_late, is_kept in zip(expected, late, kept, strict=True) if is_late and is_kept]
    found = [value for value, is_kept in zip(expected, kept, strict=True) if is_kept]
    assert list(values_of(completed(pieces(whole), kept, late, here))) == found
    encoded = Encoded(whole, np.arange(len(whole)))
    assert list(values_of(completed(encoded, kept, late, here))) == found
