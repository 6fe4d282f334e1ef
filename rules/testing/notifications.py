"""What a notification says: the labels and annotations of the alerts of a specification's first case, as promtool fills
them in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rules.rule import Alert
from rules.testing import excerpt, promtool, unit_test
from rules.testing.excerpt import Rule, needed
from rules.testing.files import rungs, text
from rules.testing.specification import Specification
from rules.testing.timeline import timeline

Said = tuple[Mapping[str, str], Mapping[str, str]]
"""Labels and annotations."""
_PAIR = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*")')
_LINE = re.compile(r"^\s*(Labels|Annotations):\{(.*)\},?\s*$", re.MULTILINE)


def said(specifications: Sequence[Specification], rules: Sequence[Rule], folder: Path) -> list[Said]:
    """Return what the first cases' alerts say, those of one specification after the other.

    promtool says itself what it got where something else was expected, so nothing is expected.
    """
    files = [_write(each, rules, folder) for each in specifications]
    found = promtool.run(files)
    return [said for file in files for said in parsed(found[file])]


def _write(specification: Specification, rules: Sequence[Rule], folder: Path) -> Path:
    # Templates ask for series: records that a case states are theirs as well.
    places = needed(rules, excerpt.rungs(rules, specification.alert), specification.given, said=True)
    rule_file = folder / f"{specification.title}.said.rules.yml"
    rule_file.write_text(text(excerpt.document([rules[place] for place in places], said=True)), encoding="utf-8")
    path = folder / f"{specification.title}.said.yml"
    path.write_text(text(document(specification, rungs(specification), rule_file.name)), encoding="utf-8")
    return path


def document(specification: Specification, alerts: Sequence[Alert], rule_file: str) -> dict[str, Any]:
    return {
        "rule_files": [rule_file],
        "evaluation_interval": f"{specification.step}m",
        "tests": [
            {
                "interval": f"{specification.sample}m",
                "input_series": list(unit_test.inputs(specification, specification.cases[0], alerts)),
                "alert_rule_test": [
                    {
                        "alertname": specification.alert,
                        "eval_time": f"{moment(specification, alerts)}m30s",
                        "exp_alerts": [{"exp_labels": {"not": "expected"}}],
                    }
                ],
            }
        ],
    }


def moment(specification: Specification, alerts: Sequence[Alert]) -> int:
    """Return the minute at which all alerts of the first case fire."""
    if specification.said_at is not None:
        return specification.said_at
    due = (
        timeline(alert, fires, specification.step)
        for fires in specification.cases[0].fires
        for alert in alerts
        if unit_test.is_rung(fires, alert)
    )
    return max(line.fires.starts[1] + line.after for line in due)


def parsed(output: str) -> Iterator[Said]:
    """Yield the alerts that promtool got.

    >>> list(parsed('exp:[x] got:[ \\n Labels:{a="1"} \\n Annotations:{b="2, {3}", c="4"} \\n]'))
    [({'a': '1'}, {'b': '2, {3}', 'c': '4'})]
    """
    lines = _LINE.findall(output.partition("got:")[2])
    for (_, labels), (_, texts) in zip(lines[::2], lines[1::2], strict=True):
        yield _pairs(labels), _pairs(texts)


def _pairs(written: str) -> dict[str, str]:
    return {name: str(json.loads(value)) for name, value in _PAIR.findall(written)}
