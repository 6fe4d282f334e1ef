from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.decoders import leaf as leaves
from exporter.decoders.leaf import INVALID_VALUE, Leaf, UnusableError
from exporter.rows.category import text_of

PATH = ("x",)
LEAVES = [
    leaves.number("number", PATH),
    leaves.category("category", PATH),
    leaves.category("text", PATH, frozenset({"text"})),
    leaves.category("numbers", PATH, frozenset({"number"})),
    leaves.status(PATH),
    leaves.scores(PATH),
    leaves.timestamp(PATH, "rfc3339", None),
    leaves.timestamp(PATH, "rfc3339", ZoneInfo("Europe/Berlin")),
    leaves.timestamp(PATH, "epoch_s", None),
]
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, "2024-05-01T00:00:00", "2024-05-01T00:00:00Z", "0001-01-01T00:00:00+10:00", "200"])
    | st.floats()
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=4,
)


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.name)
@given(value=values.filter(lambda value: value is not None))
def test_the_slow_way_accepts_what_the_fast_one_does_and_never_fails_otherwise(leaf: Leaf, value: Any) -> None:
    try:
        slow = leaf.coerce(value)
    except UnusableError:
        slow = INVALID_VALUE
    try:
        fast = msgspec.json.decode(json.dumps(value).encode(), type=leaf.fast_type)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return
    if leaf.coerce is leaves._category:
        fast = text_of(fast)
    assert slow == fast
    if isinstance(fast, datetime):
        assert slow.timestamp() == fast.timestamp()


def test_what_is_required_may_not_be_null() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b"null", type=leaves.number("x", PATH, required=True).fast_type)
    assert msgspec.json.decode(b"null", type=leaves.number("x", PATH).fast_type) is None


def test_an_invalid_value_becomes_infinite_in_an_array() -> None:
    assert np.array([INVALID_VALUE, 1], dtype=np.float64).tolist() == [np.inf, 1.0]
