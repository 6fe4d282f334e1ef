from __future__ import annotations

import gc
from collections.abc import Sequence
from typing import cast

import msgspec
import pytest

from exporter.decoders import leaf as leaves
from exporter.decoders.leaf import Leaf
from exporter.decoders.record_type import PathClashError, RecordType


def numbers(*paths: str) -> list[Leaf]:
    return [leaves.number(path, tuple(path.split("."))) for path in paths]


def test_leaves_are_got_from_wherever_they_are() -> None:
    records = RecordType(numbers("a", "b.c", "b.d", "b.e.f"))
    parsed = [records.parse(b'{"b": {"e": {"f": 4}, "d": 3, "c": 2}, "a": 1, "z": []}'), records.parse(b"{}")]
    columns = {
        ".".join(path): list(cast("Sequence[object]", column)) for path, column in records.columns(parsed).items()
    }
    assert columns == {"a": [1, None], "b.c": [2, None], "b.d": [3, None], "b.e.f": [4, None]}
    assert set(map(len, records.columns([]).values())) == {0}


def test_a_record_is_made_of_values_by_path() -> None:
    records = RecordType(numbers("a", "b.c"))
    values = {("a",): 1.0, ("b", "c"): "unchecked"}
    columns = records.columns([records.build(values)])
    assert {path: cast("Sequence[object]", column)[0] for path, column in columns.items()} == values


def test_records_are_not_tracked() -> None:
    assert not gc.is_tracked(RecordType(numbers("a", "b.c")).parse(b'{"a": 1}'))


def test_of_two_leaves_at_one_path_the_first_is_checked() -> None:
    number, category = leaves.number("n", ("a",)), leaves.category("c", ("a",))
    records = RecordType([number, category])
    assert records.columns([records.parse(b'{"a": 1}')]) == {("a",): (1.0,)}
    with pytest.raises(msgspec.ValidationError):
        records.parse(b'{"a": "x"}')


@pytest.mark.parametrize(
    ("paths", "message"),
    [(("a", "a.b"), "a.b: a is configured to be the value above it"), (("a.b", "a"), "a: this value of a")],
)
def test_a_leaf_inside_another_one_is_refused(paths: tuple[str, ...], message: str) -> None:
    with pytest.raises(PathClashError, match=message):
        RecordType(numbers(*paths))


def test_a_name_that_cannot_be_spelt_sends_every_line_the_slow_way() -> None:
    records = RecordType(numbers('a"b', "f0"))
    with pytest.raises(msgspec.ValidationError):
        records.parse(b"{}")
    made = records.build({('a"b',): 1.0, ("f0",): 2.0})
    assert records.columns([made]) == {('a"b',): (1.0,), ("f0",): (2.0,)}
