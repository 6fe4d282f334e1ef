"""Every alert has a page that is of use, and no page is about nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import promql_parser
import pytest

from exporter.catalogue import METRICS
from exporter.command_line import _flags, _parsers
from rules.bundle import bundle, records
from rules.runbook import BEGIN, END, FOLDER, INDEX, SECTIONS, ladder, pages

PAGES = sorted(FOLDER.glob("ML*.md"))
_FENCE = re.compile(r"^ *```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
# Of Prometheus itself, and of the exporters that the rules look at.
_FOREIGN = ("up", "ALERTS", "prometheus_", "alertmanager_", "container_", "node_", "DCGM_", "nv_", "vllm:", "process_")


def body_of(path: Path) -> str:
    return path.read_text(encoding="utf-8").partition(END)[2]


def fences(path: Path, language: str) -> Iterator[str]:
    for found, text in _FENCE.findall(body_of(path)):
        if found == language:
            yield text


def test_every_alert_has_a_page_and_every_page_an_alert() -> None:
    assert {path.stem for path in PAGES} == set(ladder(bundle()))


def test_heads_and_index_are_up_to_date() -> None:
    wanted = pages(bundle())
    found = {path.name: path.read_text(encoding="utf-8") for path in [*PAGES, FOLDER / INDEX]}
    assert found == wanted, "run `make generate`"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_it_says_what_somebody_at_night_needs(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(BEGIN) == text.count(END) == 1
    parts = re.split(r"^## (.+)$", body_of(path), flags=re.MULTILINE)
    assert tuple(parts[1::2]) == SECTIONS
    assert all(len(part.strip()) >= 5 and "To be written" not in part for part in parts[2::2])
    # What to look at, in a form that can be pasted.
    assert any(fences(path, "promql")) or any(fences(path, "bash"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_its_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", path.read_text(encoding="utf-8")):
        assert (FOLDER / target).exists(), target


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_its_queries_parse_and_ask_for_what_there_is(path: Path) -> None:
    known = {record.name for record in records(bundle())}
    for metric in METRICS:
        known |= {metric.name, *(f"{metric.name}_{end}" for end in ("bucket", "sum", "count"))}
    for query in fences(path, "promql"):
        for selector in selectors(query):
            matchers = {matcher.name for matcher in selector.matchers.matchers}
            if selector.name is not None:
                assert selector.name in known or selector.name.startswith(_FOREIGN), selector.name
            assert matchers & {"job", "alertname"}, f"{selector.name} would find other jobs' series"


def selectors(query: str) -> list[promql_parser.VectorSelector]:
    found: list[promql_parser.VectorSelector] = []

    def look(node: object) -> bool:
        if isinstance(node, promql_parser.VectorSelector):
            found.append(node)
        return True

    promql_parser.walk(promql_parser.parse(query.strip()), look)
    return found


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_its_commands_of_ours_are_commands(path: Path) -> None:
    commands = _commands()
    for text in fences(path, "bash"):
        for line in text.splitlines():
            words = line.split()
            if words and words[0] == "driftbell":
                assert words[1] in commands, line
                flags = {word.partition("=")[0] for word in words[2:] if word.startswith("--")}
                assert flags <= commands[words[1]], line


def _commands() -> dict[str, set[str]]:
    return {name: set(_flags(parser)) for name, parser in _parsers()[1].items()}
