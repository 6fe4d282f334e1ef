from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from exporter.rows.record import IdentifiedPredictions, Predictions
from tests.exporter.decoders.models import Log


def ids_of(*values: Any) -> list[str]:
    rows = Log(exemplars=True).records(*({"request_id": value} for value in values)).rows
    assert isinstance(rows, IdentifiedPredictions)
    ids: list[str] = rows.ids.tolist()
    return ids


def test_ids_are_kept_as_they_are_written() -> None:
    assert ids_of("a-1", 17, "größer } # {", "back\\slash") == ["a-1", "17", "größer } # {", "back\\slash"]


@pytest.mark.parametrize("value", [None, "", {}, [1], 'say "hi"', "two\nlines", "nul\x00", "\ud800"])
def test_what_cannot_be_shown_is_left_out(value: Any) -> None:
    assert ids_of(value, "a") == ["", "a"]


def test_an_exemplar_has_room_for_118_characters() -> None:
    assert ids_of("ä" * 118, "ä" * 119) == ["ä" * 118, ""]


def test_ids_stay_with_their_rows() -> None:
    rows = Log(exemplars=True).records({"request_id": "a", "status": 99}, {"request_id": "b"}, {"request_id": "c"}).rows
    assert isinstance(rows, IdentifiedPredictions)
    assert rows.ids.tolist() == ["b", "c"]
    assert rows.take(np.array([False, True])).ids.tolist() == ["c"]


def test_a_model_without_exemplars_keeps_no_ids() -> None:
    rows = Log().records({"request_id": "a"}).rows
    assert type(rows) is Predictions
    assert "ids" not in {name for name in dir(rows) if not name.startswith("_")}


def test_anonymous_rows_are_the_same_without_ids() -> None:
    named = Log(exemplars=True).records({"request_id": "a", "latency_ms": 5}).rows
    assert isinstance(named, IdentifiedPredictions)
    plain = named.anonymous()
    assert type(plain) is Predictions
    assert (plain.latency.tolist(), plain.key.tolist()) == ([0.005], named.key.tolist())
