"""A section that is as it was is neither computed nor written again, and the sheet says what it would say from scratch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter import catalogue
from exporter.configuration import load
from exporter.configuration.schema import Model
from exporter.exposition.sheet import Sheet, Written
from exporter.exposition.text import Renderer, page_of
from exporter.snapshot import Sample, Section, snapshot_of

WINDOWS = ("", "1h", "24h")
NO_LIMIT = 1000


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    file = tmp_path_factory.mktemp("sheet") / "driftbell.yml"
    file.write_text("models: {m: {task: binary, predictions: p.jsonl}}\n")
    return load(file).configuration.models["m"]


class Source:
    """Has sections of made-up samples, and counts how often each was asked for."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()

    def section(self, window: str, state: object, value: int, series: int = 2) -> Section:
        def samples() -> list[Sample]:
            self.asked[window] += 1
            return samples_of(window, value, series)

        return Section(window, state, samples)


def samples_of(window: str, value: int, series: int) -> list[Sample]:
    """Return series whose labels lie between those of other windows."""
    metric = catalogue.WINDOW_REQUESTS if window else catalogue.PREDICTIONS
    return [Sample(metric, ("m", f"v{i:02}", window), value) for i in range(series)]


def text_of(written: Written) -> bytes:
    return page_of(written.parts).text


def lines_of(samples: Sequence[Sample]) -> list[bytes]:
    return sorted(Renderer().render(snapshot_of(samples)).splitlines())


def test_a_section_that_is_as_it_was_is_not_computed_again(model: Model) -> None:
    sheet, source = Sheet(), Source()
    sections = [source.section(window, "state", 5) for window in WINDOWS]
    first = sheet.write(model, sections, NO_LIMIT)
    second = sheet.write(model, [source.section("1h", "other", 7), *sections[::2]], NO_LIMIT)
    assert source.asked == {"": 1, "1h": 2, "24h": 1}
    assert (first.wanted, first.kept) == (second.wanted, second.kept) == (6, 6)
    changed = [*samples_of("", 5, 2), *samples_of("1h", 7, 2), *samples_of("24h", 5, 2)]
    assert sorted(text_of(second).splitlines()) == lines_of(changed)
    assert text_of(second) != text_of(first)


def test_without_a_state_nothing_is_known(model: Model) -> None:
    sheet, source = Sheet(), Source()
    for value in (1, 2):
        written = sheet.write(model, [source.section("1h", None, value)], NO_LIMIT)
        assert sorted(text_of(written).splitlines()) == lines_of(samples_of("1h", value, 2))


def test_a_section_that_is_gone_and_comes_back_is_computed_again(model: Model) -> None:
    sheet, source = Sheet(), Source()
    for sections in (WINDOWS, WINDOWS[:1], WINDOWS):
        written = sheet.write(model, [source.section(window, "state", 5) for window in sections], NO_LIMIT)
        assert written.kept == 2 * len(sections)
    assert source.asked == {"": 1, "1h": 2, "24h": 2}


def test_of_too_many_series_the_least_important_go_and_come_back_when_there_is_room(model: Model) -> None:
    sheet, source = Sheet(), Source()
    sections = [source.section(window, "state", 5) for window in WINDOWS]
    assert sheet.write(model, sections, NO_LIMIT).kept == 6
    for _ in range(2):
        written = sheet.write(model, sections, 4)
        assert (written.wanted, written.kept) == (6, 4)
        assert len(text_of(written).splitlines()) == 4 + 2 * len(written.parts[0])
    for _ in range(3):
        assert sheet.write(model, sections, NO_LIMIT).kept == 6
    # While it wants too much all of it is computed, and once more when it does not: then it is known.
    assert source.asked["1h"] == 5


def test_two_sections_that_have_a_series_in_common_make_no_page(model: Model) -> None:
    twice = [Section(name, None, lambda: samples_of("1h", 1, 2)) for name in ("1h", "24h")]
    with pytest.raises(ValueError, match="two parts of the page"):
        page_of(Sheet().write(model, twice, NO_LIMIT).parts)


def test_an_error_leaves_what_was_known(model: Model) -> None:
    sheet, source = Sheet(), Source()
    sections = [source.section(window, "state", 5) for window in WINDOWS]
    sheet.write(model, sections, NO_LIMIT)
    broken = Section("1h", "other", lambda: [*samples_of("1h", 1, 1), *samples_of("1h", 2, 1)])
    with pytest.raises(ValueError, match="twice"):
        sheet.write(model, [sections[0], broken], NO_LIMIT)
    assert sheet.write(model, sections, NO_LIMIT).kept == 6
    assert source.asked == {"": 1, "1h": 1, "24h": 1}


States = Mapping[str, int]


@given(
    st.lists(
        st.tuples(st.dictionaries(st.sampled_from(WINDOWS), st.integers(0, 3)), st.sampled_from((3, 8, NO_LIMIT))),
        max_size=8,
    )
)
def test_every_sheet_is_that_of_one_that_knew_nothing(model: Model, rounds: list[tuple[States, int]]) -> None:
    sheet = Sheet()
    for states, allowed in rounds:
        sections = [Source().section(name, state, state, 2 + state) for name, state in states.items()]
        found, expected = sheet.write(model, sections, allowed), Sheet().write(model, sections, allowed)
        assert found[1:] == expected[1:]
        assert sorted(text_of(found).splitlines()) == sorted(text_of(expected).splitlines())


def test_nothing_is_kept_of_windows_that_are_gone(model: Model) -> None:
    sheet, source = Sheet(), Source()
    sheet.write(model, [source.section(window, "state", 5) for window in WINDOWS], NO_LIMIT)
    sheet.write(model, [source.section("", "state", 5)], NO_LIMIT)
    assert list(sheet._renderers) == [""]
