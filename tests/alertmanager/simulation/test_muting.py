"""Inhibition by Alertmanager's rules."""

from __future__ import annotations

import pytest

from alertmanager.simulation.muting import inhibitions


def mutes(
    source: dict[str, str], target: dict[str, str], *equal: str, sources: str = 'a="1"', targets: str = 'b="1"'
) -> bool:
    [one] = inhibitions([{"source_matchers": [sources], "target_matchers": [targets], "equal": list(equal)}])
    return one.mutes(source, target)


def test_both_sides_have_to_match() -> None:
    assert mutes({"a": "1"}, {"b": "1"})
    assert not mutes({"a": "2"}, {"b": "1"})
    assert not mutes({"a": "1"}, {"b": "2"})


@pytest.mark.parametrize(
    ("ours", "theirs", "muted"),
    [
        ({"model": "x"}, {"model": "x"}, True),
        ({"model": "x"}, {"model": "y"}, False),
        ({"model": "x"}, {}, False),
        # What both lack is equal: so a typo in `equal` mutes across models.
        ({}, {}, True),
        ({"model": ""}, {}, True),
    ],
)
def test_equal_labels(ours: dict[str, str], theirs: dict[str, str], *, muted: bool) -> None:
    assert mutes({"a": "1", **ours}, {"b": "1", **theirs}, "model") == muted


def test_nothing_mutes_itself() -> None:
    both = {"a": "1", "b": "1"}
    assert not mutes(both, both)
    assert not mutes(both, {**both, "c": "2"})
    # On one side only, it can be muted by one that is on both.
    assert mutes(both, {"b": "1"})
    assert mutes({"a": "1"}, both)


def test_old_forms() -> None:
    [one] = inhibitions([{"source_match": {"a": "1"}, "target_match_re": {"b": "1|2"}}])
    assert one.mutes({"a": "1"}, {"b": "2"})
