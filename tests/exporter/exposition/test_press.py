"""A page made model by model is the one that all samples together make, and has no more series than it may have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter import catalogue
from exporter.configuration import load
from exporter.configuration.schema import Model
from exporter.exposition.page import Page
from exporter.exposition.press import Press
from exporter.exposition.series_limits import Usage, even_share, without_the_least_important
from exporter.exposition.text import Renderer
from exporter.snapshot import Sample, Section, snapshot_of

NO_LIMIT = 100_000


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Model]:
    file = tmp_path_factory.mktemp("models") / "driftbell.yml"
    said = "{task: binary, predictions: p.jsonl, limits: {series: 40}}"
    file.write_text("models:\n" + "".join(f"  {name}: {said}\n" for name in "abcd"))
    return load(file).configuration.models


def samples_of(name: str, cells: int) -> list[Sample]:
    """Return as many series, nearly all of which go one by one if some have to go."""
    requests = [Sample(catalogue.WINDOW_REQUESTS, (name, f"v{i:03}", "24h"), i) for i in range(cells // 2)]
    rows = (Sample(catalogue.CONFUSION_WINDOW_ROWS, (name, f"v{i:03}", "0", "1", "24h"), i) for i in range(cells))
    return [*requests, *(row for row, _ in zip(rows, range(cells - len(requests)), strict=False))]


def section(samples: Sequence[Sample]) -> Section:
    return Section("", None, lambda: samples)


def pressed(press: Press, models: Mapping[str, Model], found: Mapping[str, Sequence[Sample]], limit: int) -> Page:
    """Make a page as the worker does."""
    press.begin(limit)
    for name, samples in found.items():
        press.take(models[name], [section(samples)])
    for name in press.unfair():
        press.take(models[name], [section(found[name])])
    return press.page()


def test_what_is_within_the_limits_is_all_there(models: Mapping[str, Model]) -> None:
    press, found = Press(), {"b": samples_of("b", 9), "a": samples_of("a", 4)}
    page = pressed(press, models, found, NO_LIMIT)
    assert page.text == Renderer().render(snapshot_of([*found["a"], *found["b"]]))
    assert press.usages() == [Usage("b", 9, 0, 40), Usage("a", 4, 0, 40), Usage("", 13, 0, NO_LIMIT)]


def test_a_model_has_a_limit_of_its_own(models: Mapping[str, Model]) -> None:
    press = Press()
    page = pressed(press, models, {"a": samples_of("a", 60)}, NO_LIMIT)
    (usage, _) = press.usages()
    assert usage == Usage("a", 40, 20, 40)
    assert page.text.count(b"\nml_") == 40


def test_all_together_have_one_and_small_models_do_not_pay_for_large_ones(models: Mapping[str, Model]) -> None:
    press = Press()
    found = {name: samples_of(name, cells) for name, cells in (("a", 5), ("b", 30), ("c", 60))}
    pressed(press, models, found, 45)
    assert [usage.series for usage in press.usages()] == [5, 20, 20, 45]
    assert [usage.dropped for usage in press.usages()] == [0, 10, 40, 50]


@given(
    st.lists(
        st.tuples(st.dictionaries(st.sampled_from("abcd"), st.integers(0, 60)), st.integers(1, 120)),
        min_size=1,
        max_size=5,
    )
)
def test_every_page_is_that_of_a_press_that_knew_what_all_models_want(
    models: Mapping[str, Model], pages: list[tuple[dict[str, int], int]]
) -> None:
    press = Press()
    for sizes, limit in pages:
        found = {name: samples_of(name, cells) for name, cells in sizes.items()}
        share = even_share([min(cells, 40) for cells in sizes.values()], limit)
        fair = [without_the_least_important(models[name], found[name], min(40, share)) for name in sizes]
        page = pressed(press, models, found, limit)
        assert page.text == Renderer().render(snapshot_of(sample for samples in fair for sample in samples))
        assert press.usages()[-1] == Usage("", sum(map(len, fair)), sum(sizes.values()) - sum(map(len, fair)), limit)


def test_nothing_is_computed_again_while_the_share_stays_as_it_is(models: Mapping[str, Model]) -> None:
    press, found = Press(), {"a": samples_of("a", 5), "b": samples_of("b", 60)}
    pressed(press, models, found, 45 // 2)
    press.begin(45 // 2)
    for name, samples in found.items():
        press.take(models[name], [section(samples)])
    assert press.unfair() == set()


def test_a_model_whose_samples_are_broken_is_not_on_the_page_and_spoils_no_other(models: Mapping[str, Model]) -> None:
    press, good = Press(), samples_of("a", 4)
    pressed(press, models, {"a": good, "b": samples_of("b", 4)}, NO_LIMIT)
    press.begin(NO_LIMIT)
    press.take(models["a"], [section(good)])
    with pytest.raises(ValueError, match="twice"):
        press.take(models["b"], [section([*samples_of("b", 4), *samples_of("b", 4)])])
    assert press.unfair() == set()
    assert press.page().text == Renderer().render(snapshot_of(good))


def test_no_text_is_kept_of_a_model_that_is_gone(models: Mapping[str, Model]) -> None:
    press = Press()
    pressed(press, models, {"a": samples_of("a", 4), "b": samples_of("b", 4)}, NO_LIMIT)
    pressed(press, models, {"b": samples_of("b", 4)}, NO_LIMIT)
    assert list(press._sheets) == ["b"]


def test_what_is_forgotten_is_computed_again(models: Mapping[str, Model]) -> None:
    press, asked = Press(), list[int]()

    def samples() -> list[Sample]:
        asked.append(1)
        return samples_of("a", 4)

    for _ in range(2):
        press.begin(NO_LIMIT)
        press.take(models["a"], [Section("24h", "the same", samples)])
        press.page()
    assert len(asked) == 1
    press.forget(models["a"])
    press.begin(NO_LIMIT)
    press.take(models["a"], [Section("24h", "the same", samples)])
    assert len(asked) == 2
