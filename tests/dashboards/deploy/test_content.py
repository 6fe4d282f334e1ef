from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.deploy.content import canonical, differences, essence
from dashboards.deploy.entry import Entry
from dashboards.deploy.seal import is_genuine, seal_of, sealed, without
from tests.dashboards.deploy.samples import board, panel

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from([0.5, 2.0]) | st.text("ab", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=8,
)
DOCUMENTS = st.fixed_dictionaries({"title": st.text(max_size=5), "extra": VALUES})


@given(document=DOCUMENTS, description=st.none() | st.sampled_from(["", "All.", "One.\n\nTwo."]))
def test_a_seal_holds_and_comes_off(document: dict[str, Any], description: str | None) -> None:
    given_one = {**document, **({} if description is None else {"description": description})}
    once = sealed(given_one)
    assert is_genuine(once)
    assert sealed(once) == once
    assert without(once) == {**document, **({"description": description} if description else {})}
    assert is_genuine({**once, "id": 5, "version": 7, "none": None})


@given(one=DOCUMENTS, other=DOCUMENTS)
def test_documents_differ_where_it_is_said(one: dict[str, Any], other: dict[str, Any]) -> None:
    found = list(differences(canonical(one), canonical(other)))
    assert (found == []) == (canonical(one) == canonical(other))
    assert is_genuine({**sealed(one), **other}) == (found == [])


def test_another_description_takes_the_seal_off() -> None:
    assert seal_of({**sealed(board()), "description": "Mine."}) is None
    assert not is_genuine({**sealed(board()), "description": sealed(board())["description"].replace("Is", "Was")})


def test_white_space_at_the_end_of_a_description_is_nothing() -> None:
    document = sealed(board())
    assert is_genuine({**document, "description": document["description"] + "\n"})


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"schemaVersion": 43}, True),
        ({"panels": [panel(1, transparent=True)]}, True),
        ({"title": "Other"}, False),
        ({"panels": []}, False),
        ({"panels": [panel(2)]}, False),
        ({"panels": [panel(1, "up == 1")]}, False),
        ({"panels": [panel(1, type="gauge")]}, False),
    ],
)
def test_the_essence_is_what_nobody_may_change(change: dict[str, Any], same: bool) -> None:
    assert (essence({**board(), **change}) == essence(board())) is same


def test_panels_in_rows_are_of_the_essence() -> None:
    row = {"id": 9, "type": "row", "panels": [panel(1)]}
    changed = {"id": 9, "type": "row", "panels": [panel(1, "up == 1")]}
    assert essence(board("a", row)) != essence(board("a", changed))


def test_an_entry_comes_back_from_its_text() -> None:
    entry = Entry("f", sealed(board(more="Größe")))
    assert Entry.of(entry.text) == entry
    assert not entry.equals(Entry("g", entry.dashboard))
    assert not entry.fulfils(Entry("g", entry.dashboard))
    assert entry.fulfils(entry)
