from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from exporter.rows.dictionary import OTHER, Dictionary

texts = st.sampled_from(["a", "b", "c", "", OTHER, "\ud800", "x" * 200, "x" * 199 + "y"]) | st.text(max_size=3)


@given(st.lists(texts, unique=True, max_size=3), st.integers(0, 4), st.lists(texts, max_size=30))
def test_codes_are_stable_and_limited(known: list[str], limit: int, seen: list[str]) -> None:
    dictionary = Dictionary("d", known, limit)
    first = {text: dictionary.code(text) for text in reversed(seen)}
    assert [dictionary.code(text) for text in seen] == [first[text] for text in seen]
    assert all(0 <= code < dictionary.capacity for code in first.values())
    assert len(dictionary.added()) <= limit
    assert len(dictionary.texts) <= dictionary.other == len(known) + limit


@given(st.lists(texts, max_size=30))
def test_every_code_has_a_name_of_its_own(seen: list[str]) -> None:
    dictionary = Dictionary("d", limit=10)
    codes = {dictionary.code(text) for text in seen}
    names = [dictionary.text(code) for code in codes]
    assert len(set(names)) == len(codes)
    assert all(len(name) <= 128 and name.encode() for name in names if name)
    assert all((dictionary.text(code) == OTHER) == (code == dictionary.other) for code in codes)


@given(st.lists(texts, unique=True, max_size=3), st.lists(texts, max_size=30))
def test_what_is_remembered_brings_back_the_same_codes(known: list[str], seen: list[str]) -> None:
    before = Dictionary("d", known, 5)
    codes = [before.code(text) for text in seen]
    after = Dictionary("d", known, 5)
    after.restore(before.added())
    assert after.texts == before.texts
    assert [after.code(text) for text in seen] == codes


def test_known_texts_come_first_and_do_not_count_towards_the_limit() -> None:
    dictionary = Dictionary("d", ["b", "a"], limit=1)
    assert [dictionary.code(text) for text in ("c", "a", "b", "d", "c", "e")] == [2, 1, 0, 3, 2, 3]
    assert (dictionary.other, dictionary.capacity, dictionary.added()) == (3, 4, ["c"])
    assert [dictionary.text(code) for code in range(4)] == ["b", "a", "c", OTHER]


def test_finding_gives_no_code() -> None:
    dictionary = Dictionary("d", ["a", "k" * 200])
    assert (dictionary.find("a"), dictionary.find("k" * 200), dictionary.find("new")) == (0, 1, None)
    assert dictionary.code("new") == dictionary.find("new") == 2


def test_a_long_text_is_cut_and_told_apart_by_its_hash() -> None:
    dictionary = Dictionary("d")
    names = [dictionary.text(dictionary.code("x" * 127 + "xx" + end)) for end in "yz"]
    assert len(set(names)) == 2
    assert all(len(name) == 128 and name.startswith("x" * 115 + "…") for name in names)
    assert dictionary.text(dictionary.code("x" * 128)) == "x" * 128


def test_half_a_surrogate_pair_is_made_printable() -> None:
    dictionary = Dictionary("d")
    assert dictionary.text(dictionary.code("a\ud800")) == "a?"


def test_a_value_that_is_spelt_like_the_bucket_is_not_the_bucket() -> None:
    dictionary = Dictionary("d", [OTHER], limit=1)
    assert dictionary.text(dictionary.code(OTHER)) != OTHER == dictionary.text(dictionary.other)


def test_a_code_that_is_given_back_is_used_again() -> None:
    versions = Dictionary("model_version", limit=2)
    assert [versions.code(text) for text in ("1", "2", "3")] == [0, 1, versions.other]
    versions.release(0)
    versions.release(0)
    versions.release(versions.other)
    assert (versions.releases, versions.find("1"), versions.added()) == (1, None, [None, "2"])
    again = Dictionary("model_version", limit=2)
    again.restore(versions.added())
    for dictionary in (versions, again):
        assert [dictionary.code(text) for text in ("2", "3", "1")] == [1, 0, dictionary.other]
        assert dictionary.added() == ["3", "2"]


def test_known_codes_are_never_given_back() -> None:
    classes = Dictionary("class", ["no", "yes"])
    classes.release(1)
    assert (classes.code("yes"), classes.releases) == (1, 0)
