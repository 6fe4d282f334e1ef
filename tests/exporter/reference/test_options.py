from __future__ import annotations

from typing import Any

import pytest

from exporter.reference.options import ProfileOptions


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ({"task": "ranking"}, "none of binary"),
        ({"task": "binary", "kinds": {"x": "text"}}, "neither numeric nor categorical"),
        ({"task": "binary", "psi_bins": 1}, "psi_bins must be at least 2"),
        ({"task": "binary", "max_edges": 20}, "max_edges must be at least 21 for 10 bins"),
    ],
)
def test_options_that_make_no_sense_are_refused(stated: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ProfileOptions(**stated)


def test_the_canonical_text_does_not_hang_on_order() -> None:
    one = ProfileOptions("binary", kinds={"a": "numeric", "b": "numeric"}, ignored=frozenset({"x", "y"}))
    two = ProfileOptions("binary", kinds={"b": "numeric", "a": "numeric"}, ignored=frozenset({"y", "x"}))
    assert one.canonical() == two.canonical()
    assert one.canonical() != ProfileOptions("binary", kinds={"a": "numeric"}).canonical()
