"""What the rules make of figures: which alerts fire at which moments, as promtool evaluates them, ``for`` and all.

The rules are the generated files themselves. promtool's clock begins at 0: times among the values are moved there.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from rules.bundle import bundle, groups
from rules.command_line import GENERATED
from tests.end_to_end.alerting.replay import Series
from tests.end_to_end.test_prometheus import program

RULES = tuple(sorted(GENERATED.glob("*.yml")))

_FIRING = 'ALERTS{alertstate="firing"}'
_SAID = re.compile(r'^    expr: ".*", time: (\S+),\n +exp: nil\n +got: (.*)$', re.MULTILINE)
_ALERT = re.compile(r'\{__name__="ALERTS", ((?:[^"}]|"(?:[^"\\]|\\.)*")*)\}')
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_UNITS = {"y": 31_536_000, "w": 604_800, "d": 86_400, "h": 3600, "m": 60, "s": 1, "ms": 0.001}
_PART = re.compile(r"(\d+)(ms|[ywdhms])")


class Firing(NamedTuple):
    """An alert that fires at a moment (seconds since the epoch)."""

    moment: float
    labels: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.labels["alertname"]

    @property
    def severity(self) -> str:
        return self.labels["severity"]


def judged(
    found: Series, moments: Sequence[float], folder: Path, every: int = 1, rules: Sequence[Path] = RULES
) -> list[Firing]:
    """Return what fires at ``moments`` (evenly spaced, of the scrapes); rules are evaluated at one in ``every``.

    ``folder`` is where promtool finds its files.
    """
    start, step = moments[0], moments[1] - moments[0]
    wanted = _names(rules)
    inputs = [
        {"series": series, "values": " ".join(_values(series, points, moments))}
        for series, points in found.items()
        if series.partition("{")[0] in wanted
    ]
    asked = [
        {"expr": _FIRING, "eval_time": f"{round(moment - start)}s", "exp_samples": []} for moment in moments[::every]
    ]
    test = {"interval": f"{round(step)}s", "input_series": inputs, "promql_expr_test": asked}
    document = {
        "rule_files": list(map(str, rules)),
        "evaluation_interval": f"{round(step * every)}s",
        # What one group records others read at the same moment: the one before may be days ago.
        "group_eval_order": [group.name for group in groups(bundle())],
        "tests": [test],
    }
    path = folder / "judged.test.yml"
    path.write_text(json.dumps(document))
    done = subprocess.run(
        [program("promtool"), "test", "rules", str(path)], capture_output=True, text=True, check=False
    )
    # The alert that always fires is there, or else nothing was evaluated.
    firing = [
        Firing(start + _seconds(time), dict(_LABEL.findall(labels)))
        for time, said in _SAID.findall(done.stdout + done.stderr)
        for labels in _ALERT.findall(said)
    ]
    assert {each.moment for each in firing if each.name == "MLWatchdog"} == set(moments[::every]), done.stderr[-2000:]
    return [each for each in firing if each.name != "MLWatchdog"]


def _names(paths: Sequence[Path]) -> frozenset[str]:
    return frozenset(re.findall(r"[a-zA-Z_:]\w*", " ".join(path.read_text("utf-8") for path in paths)))


def _values(series: str, points: Sequence[tuple[float, str]], moments: Sequence[float]) -> list[str]:
    """Return a value for each moment, `_` where there is none; times are counted from the first moment."""
    back = moments[0] if "_timestamp_seconds" in series.partition("{")[0] else 0.0
    known = dict(points)
    return [_moved(known[moment], back) if moment in known else "_" for moment in moments]


def _moved(value: str, back: float) -> str:
    return repr(float(value) - back) if back else value


def _seconds(duration: str) -> float:
    return sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(duration))
