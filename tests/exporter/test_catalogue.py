from __future__ import annotations

import ast
import math
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from prometheus_client.metrics_core import Metric as Family

from exporter.catalogue import LIMITS, METRICS, QUALITY_METRICS, Kind, Metric
from exporter.catalogue_page import LABEL_MEANINGS, metrics_page
from exporter.exposition.page import Format
from exporter.exposition.process import process_samples
from exporter.exposition.text import Renderer
from exporter.snapshot import Histogram, Sample, snapshot_of
from tests.exporter.reference_parsers import openmetrics_families, text_families

EXPORTER = Path(__file__).parents[2] / "exporter"
SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
METRIC_NAME = re.compile(r"(?<![A-Za-z0-9_])ml_[a-z_]+")


def plausible_value(metric: Metric) -> float | Histogram:
    if metric.kind is Kind.HISTOGRAM:
        return Histogram((0.1, 0.5, 1.0, math.inf), (2, 5, 6, 6), 1.75)
    if metric.kind is Kind.COUNTER:
        return 3
    low, high = metric.bounds
    return 0.25 if (low, high) == (0.0, 1.0) else 42.5


def page_of_every_family(form: Format = Format.TEXT) -> bytes:
    samples = [
        Sample(metric, tuple(f"{label}_{index}" for label in metric.labels), plausible_value(metric))
        for metric in METRICS
        for index in range(2 if metric.labels else 1)
    ]
    return Renderer().render(snapshot_of([*samples, *this_process()]), form)


@cache
def this_process() -> tuple[Sample, ...]:
    return tuple(process_samples())


def promtool_check(page: bytes) -> subprocess.CompletedProcess[bytes]:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.fail("promtool is not on the PATH; it comes with the system's prometheus package")
    return subprocess.run([promtool, "check", "metrics"], input=page, capture_output=True, check=False)


def test_promtool_has_nothing_to_say_about_a_page_with_every_family() -> None:
    page = page_of_every_family()
    assert page.count(b"# TYPE ml_") == len(METRICS)

    checked = promtool_check(page)

    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


def test_the_reference_parsers_read_the_same_from_both_formats_of_a_page_with_every_family() -> None:
    text = text_families(page_of_every_family().decode())
    openmetrics = openmetrics_families(page_of_every_family(Format.OPENMETRICS).decode())

    assert {family.name: family.type for family in text} == {family.name: family.type for family in openmetrics}
    assert {family.name: family.documentation for family in text} == {
        family.name: family.documentation for family in openmetrics
    }
    assert samples_of(text) == samples_of(openmetrics)
    names = {metric.name.removesuffix("_total") for metric in METRICS}
    assert {family.name for family in openmetrics if family.name.startswith("ml_")} == names
    assert {family.unit for family in openmetrics} >= {"seconds", "ratio"}


def samples_of(families: Iterable[Family]) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): float(sample.value)
        for family in families
        for sample in family.samples
    }


def test_promtool_does_speak_up_about_a_bad_page() -> None:
    bad = Metric("ml_bad_milliseconds_total", Kind.GAUGE, "Wrong unit, wrong type.")
    checked = promtool_check(Renderer().render(snapshot_of([Sample(bad, (), 1)])))

    assert checked.returncode != 0
    assert b"ml_bad_milliseconds_total" in checked.stdout + checked.stderr


def test_promtool_reads_every_awkward_label() -> None:
    metric = Metric("ml_awkward", Kind.GAUGE, "A help with \\ and\na second line.", ("text",))
    texts = [
        "\x00",
        "a\x00b",
        "\r",
        "\r\n",
        "\\",
        '\\"',
        '"',
        "\\n",
        "\n",
        "{}",
        "a=b,c",
        " # ",
        "\u2028",
        "\ufeff",
        "😀",
        "\ud800",
    ]
    page = Renderer().render(snapshot_of(Sample(metric, (text,), 1) for text in texts))

    checked = promtool_check(page)

    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


def test_names_are_unique() -> None:
    names = [metric.name for metric in METRICS]
    assert sorted(set(names)) == sorted(names)
    assert len({metric.name for metric in QUALITY_METRICS}) == len(QUALITY_METRICS)


def test_only_the_catalogue_spells_metric_names() -> None:
    found = [
        f"{path.relative_to(EXPORTER.parent)}:{line}: {text!r}"
        for path in sorted(EXPORTER.rglob("*.py"))
        if path != EXPORTER / "catalogue.py"
        for line, text in text_constants(ast.parse(path.read_text(encoding="utf-8")))
        if METRIC_NAME.search(text)
    ]
    assert not found, "metric names belong in exporter/catalogue.py alone:\n" + "\n".join(found)


def test_the_search_for_metric_names_sees_f_strings_and_passes_over_docstrings() -> None:
    code = '"""ml_doc"""\ndef f():\n    """ml_doc"""\n    return f"ml_drift{1}", "yaml_file"\n'
    found = [text for _, text in text_constants(ast.parse(code)) if METRIC_NAME.search(text)]

    assert found == ["ml_drift"]


def text_constants(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and text of every string of the code that is no docstring."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
class TestEveryFamily:
    def test_its_name_is_snake_case_with_our_prefix(self, metric: Metric) -> None:
        assert metric.name.startswith("ml_")
        assert SNAKE_CASE.fullmatch(metric.name)

    def test_it_ends_in_total_if_and_only_if_it_is_a_counter(self, metric: Metric) -> None:
        assert metric.name.endswith("_total") == (metric.kind is Kind.COUNTER)

    def test_its_help_is_a_sentence(self, metric: Metric) -> None:
        assert metric.help.endswith(".")
        assert "\n" not in metric.help
        assert metric.help == " ".join(metric.help.split())

    def test_its_labels_are_snake_case_and_not_reserved(self, metric: Metric) -> None:
        assert all(SNAKE_CASE.fullmatch(label) for label in metric.labels)
        assert len(set(metric.labels)) == len(metric.labels)
        # Prometheus sets the first two itself; the others belong to histograms and summaries.
        assert not {"job", "instance", "le", "quantile"} & set(metric.labels)

    def test_its_name_carries_its_unit(self, metric: Metric) -> None:
        assert metric.name.removesuffix("_total").endswith(f"_{metric.unit}") or not metric.unit

    def test_its_bounds_are_in_order_and_counters_start_at_zero(self, metric: Metric) -> None:
        low, high = metric.bounds
        assert low is None or high is None or low < high
        assert low == 0.0 or metric.kind is not Kind.COUNTER


def test_the_page_of_metrics_is_up_to_date(golden: Callable[[str, bytes], None]) -> None:
    golden("docs/metrics.md", metrics_page().encode())


def test_the_page_names_every_family_label_and_quality_metric_once() -> None:
    firsts = [line.split("|")[1].strip() for line in metrics_page().splitlines() if line.startswith("| `")]
    labels = {label for metric in METRICS for label in metric.labels}

    metrics = [*(metric.name for metric in METRICS), *(metric.name for metric in QUALITY_METRICS)]
    expected = [*metrics, *labels, *(limit.name for limit in LIMITS)]
    assert sorted(firsts) == sorted(f"`{name}`" for name in expected)


def test_no_label_meaning_is_left_over() -> None:
    assert set(LABEL_MEANINGS) == {label for metric in METRICS for label in metric.labels}
