"""Matchers: what is written is read again, by the rules of the server."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertmanager.matchers import PORTABLE, Matcher, MatcherError, among, equal, parsed, unequal


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.sampled_from([equal, unequal]))
def test_any_value_survives(value: str, write: Callable[[str, str], str]) -> None:
    text = write("model_name", value)
    matcher = parsed(text)
    assert (matcher.label, matcher.value, str(matcher)) == ("model_name", value, text)
    assert matcher.takes(value) == (write is equal)
    assert PORTABLE.fullmatch(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("severity=critical", Matcher("severity", "=", "critical")),
        (' severity =~ "a|b" ', Matcher("severity", "=~", "a|b")),
        ('x!="\\n\\"\\\\"', Matcher("x", "!=", '\n"\\')),
        # A backslash before anything else stands for itself, as expressions need it.
        (r'x=~"a\.b"', Matcher("x", "=~", r"a\.b")),
        ("x=", Matcher("x", "=", "")),
    ],
)
def test_forms(text: str, expected: Matcher) -> None:
    assert parsed(text) == expected


@pytest.mark.parametrize("text", ["severity", "1x=a", 'x="a" y', 'x=~"("', '="a"', 'x=="a"b', 'x="a'])
def test_what_is_none(text: str) -> None:
    with pytest.raises(MatcherError, match=re.escape(repr(text))):
        parsed(text)


@pytest.mark.parametrize(
    ("text", "matched"),
    [
        ('a="x"', [True, False, False]),
        ('a!="x"', [False, True, True]),
        ('a=~"x|y"', [True, False, False]),
        ('a!~"x"', [False, True, True]),
        # The whole value; and a label that is not there is an empty one.
        ('a=~"x."', [False, True, False]),
        ('a=""', [False, False, True]),
        ('a=~".*"', [True, True, True]),
    ],
)
def test_matching(text: str, matched: list[bool]) -> None:
    matcher = parsed(text)
    assert [matcher.matches(labels) for labels in ({"a": "x"}, {"a": "xz"}, {"b": "x"})] == matched


def test_alternatives_are_plain_words() -> None:
    with pytest.raises(ValueError, match="regular expressions"):
        among("model_name", ["fraud", "a.b"])


def test_what_is_portable() -> None:
    for text in (
        "severity=critical",
        "severity='critical'",
        'severity = "critical"',
        '"severity"="critical"',
        'x="\\d"',
    ):
        assert not PORTABLE.fullmatch(text), text
