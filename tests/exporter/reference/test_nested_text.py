from __future__ import annotations

import pyarrow as pa
import pytest

from exporter.reference.nested_text import decoded
from exporter.reference.problem import ReferenceProblem


def table(*texts: str | None) -> pa.Table:
    return pa.table({"p": pa.array(texts, pa.string()), "x": range(len(texts))})


@pytest.mark.parametrize("texts", [("[0.5, 1]", "[0, null]"), ("[0.5, 1]", "[0, None]")])
def test_lists(texts: tuple[str, ...]) -> None:
    found = decoded(table(*texts, None), "p")
    assert found.column("p").to_pylist() == [[0.5, 1.0], [0.0, None], None]
    assert found.column_names == ["p", "x"]


@pytest.mark.parametrize("texts", [('{"a": 1, "b c": 0.5}', '{"a": 0}'), ("{'a': 1, 'b c': 0.5}", "{'a': 0}")])
def test_objects_become_a_column_a_class(texts: tuple[str, ...]) -> None:
    found = decoded(table(*texts, None), "p")
    assert found.column_names == ["x", "p.a", "p.b c"]
    assert found.column("p.a").to_pylist() == [1.0, 0.0, None]
    assert found.column("p.b c").to_pylist() == [0.5, None, None]


def test_classes_that_are_numbers() -> None:
    assert decoded(table("{0: 0.25, 1: 0.75}"), "p").column("p.1").to_pylist() == [0.75]


@pytest.mark.parametrize(
    "texts",
    [
        ("[1]", '{"a": 1}'),
        (None,),
        ("high",),
        ("0.5",),
        ('["a"]',),
        ("__import__('os')",),
        ("[" * 5000,),
    ],
)
def test_what_holds_no_probabilities_is_refused(texts: tuple[str | None, ...]) -> None:
    with pytest.raises(ReferenceProblem, match="'p', named as scores"):
        decoded(table(*texts), "p")
