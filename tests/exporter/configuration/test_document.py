"""The strict YAML reader: what it refuses, and that it knows where everything stands."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from exporter.configuration.document import DEEPEST, LARGEST, read_document

TEXT = """\
# a comment
first:
  - 1
  - two: "x"
    three: ~
"quoted key": [a, [b], {c: d}]
folded: >
  long
  text
"""


def test_the_value_is_plain() -> None:
    assert read_document(TEXT).value == {
        "first": [1, {"two": "x", "three": None}],
        "quoted key": ["a", ["b"], {"c": "d"}],
        "folded": "long text\n",
    }


@pytest.mark.parametrize(
    ("keys", "value", "key"),
    [
        (("first",), (2, 1), (2, 1)),
        (("first", 0), (3, 5), (3, 5)),
        (("first", 1), (4, 5), (4, 5)),
        (("first", 1, "two"), (4, 10), (4, 5)),
        (("first", 1, "three"), (5, 12), (5, 5)),
        (("quoted key", 1, 0), (6, 20), (6, 20)),
        (("quoted key", 2, "c"), (6, 28), (6, 25)),
        (("folded",), (7, 9), (7, 1)),
        (("first", 1, "two", "deeper", 3), (4, 10), (4, 5)),
    ],
)
def test_every_part_has_a_place(keys: tuple[str | int, ...], value: tuple[int, int], key: tuple[int, int]) -> None:
    document = read_document(TEXT)
    assert (document.mark(keys), document.mark(keys, of_key=True)) == (value, key)


def test_an_empty_value_is_pointed_at_by_its_key() -> None:
    assert read_document("a: 1\nb:\n\n# end\n").mark(("b",)) == (2, 1)


def test_all_flaws_come_at_once_and_in_order() -> None:
    flaws = read_document("a: &x 1\nb: *x\nc: !!str 2\na: 3\n5: 6\n").flaws
    assert [flaw.mark.line for flaw in flaws] == [1, 2, 3, 4, 5]


def test_a_duplicate_key_names_the_first_and_keeps_it() -> None:
    document = read_document("a: 1\nb: 2\na: {c: [3]}\n")
    assert (document.value, document.flaws[0].hint) == ({"a": 1, "b": 2}, "the first is on line 1")


def test_depth_is_counted_in_levels() -> None:
    assert read_document("[" * DEEPEST + "]" * DEEPEST).flaws == ()
    assert "deeper" in read_document("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1)).flaws[0].message


@pytest.mark.parametrize("text", ["[" * 500_000, "{a: " * 200_000, "- " * 400_000, "? " * 400_000, "a: &x [*x]\n" * 9])
def test_attacks_end_early(text: str) -> None:
    assert read_document(text).flaws


def test_a_huge_file_is_refused_unread() -> None:
    assert "1 MiB" in read_document("a" * (LARGEST + 1)).flaws[0].message


FRAGMENTS = st.sampled_from([
    "a", "b: ", "\n", "\n  ", "- ", "[", "]", "{", "}", ", ", ": ", "? ", "'", '"', "#", "&x ", "*x", "!t ", "|\n", ">",
    "---\n", "...", "%YAML 1.2\n", "%TAG ! x\n", "\t", "\x00", "\ud800", "\\UFFFFFFFF", "\\x00", "<<", "1e999", "~",
    "\ufeff", "\x85",
])  # fmt: skip


@given(st.lists(FRAGMENTS, max_size=30).map("".join) | st.text(max_size=60))
def test_no_text_makes_it_raise(text: str) -> None:
    document = read_document(text)
    assert document.complete or document.flaws
    for flaw in document.flaws:
        assert 1 <= flaw.mark.line <= len(text) + 1
        assert flaw.mark.column >= 1


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text("abc: -#'\"{}[]!&*~\n", max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab: 1~", max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(PLAIN, st.booleans())
def test_what_another_writer_quotes_is_read_as_meant(value: object, flow: bool) -> None:
    text = yaml.safe_dump(value, default_flow_style=flow)
    document = read_document(text)
    assert (document.value, document.flaws) == (value, ())
