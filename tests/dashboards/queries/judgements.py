"""What the rules make of what was scraped: recorded series and alerts, as promtool evaluates the rules of each job."""

from __future__ import annotations

import json
import re
import subprocess
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from rules.bundle import bundle, groups
from rules.document import documents
from rules.groups import health
from rules.settings import Settings
from tests.dashboards.queries.timeline import END, FINE, RULES
from tests.end_to_end.alerting.replay import Series
from tests.end_to_end.simulation import START
from tests.end_to_end.test_prometheus import program

_MADE = '{__name__=~"[a-z_]+:[a-z_]+:.+|ALERTS"}'
_SAID = re.compile(r'^    expr: ".*", time: (\S+),\n +exp: nil\n +got: (.*)$', re.MULTILINE)
_SAMPLE = re.compile(r'\{__name__="([^"]+)", ((?:[^"}]|"(?:[^"\\]|\\.)*")*)\} (\S+?)(?:, (?=\{)|$)')
_PART = re.compile(r"(\d+)([dhms])")
_SECONDS = {"d": 86_400, "h": 3600, "m": 60, "s": 1}
# What a week ago was, here the day before was: a week would take too long.
_WEEK_AS_DAY = ("offset 6d23h30m", "offset 23h30m")
# Of other exporters, which are not judged here.
_FOREIGN = "driftbell-resources.yml"
_LAST = health.group(Settings()).name
_STEP = 300


class Judge:
    """promtool at work on the series of a job."""

    def __init__(self, found: Series, job: str, folder: Path) -> None:
        folder.mkdir()
        settings = Settings(job=job)
        texts = {name: text for name, text in documents(bundle(settings), settings).items() if name != _FOREIGN}
        assert any(_WEEK_AS_DAY[0] in text for text in texts.values())
        for name, text in texts.items():
            (folder / name).write_text(text.replace(*_WEEK_AS_DAY))
        wanted = frozenset(re.findall(r"[a-zA-Z_:]\w*", " ".join(texts.values())))
        of_job = f'{{job="{job}",'
        inputs = [
            {"series": series, "values": _values(series, points)}
            for series, points in found.items()
            if of_job in series and series.partition("{")[0] in wanted
        ]
        asked = [
            {"expr": _MADE, "eval_time": f"{time - START}s", "exp_samples": []} for time in range(START, END + 1, RULES)
        ]
        names = [group.name for group in groups(bundle()) if f"{group.name}.yml" != _FOREIGN]
        document = {
            "rule_files": sorted(texts),
            "evaluation_interval": f"{RULES}s",
            # What one group records others read at the same moment; and health is what all alerts say.
            "group_eval_order": sorted(names, key=lambda name: name == _LAST),
            "tests": [{"interval": f"{_STEP}s", "input_series": inputs, "promql_expr_test": asked}],
        }
        path = folder / "judged.test.yml"
        path.write_text(json.dumps(document))
        command = [program("promtool"), "test", "rules", str(path)]
        self._running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def made(self) -> Series:
        said, _ = self._running.communicate()
        found: Series = defaultdict(list)
        for time, samples in _SAID.findall(said):
            for name, labels, value in _SAMPLE.findall(samples):
                found[f"{name}{{{labels.replace(', ', ',')}}}"].append((START + _seconds(time), value))
        assert found, said[-2000:]
        # The alert that always fires is there at each evaluation, or else not all of them were read.
        always = [points for series, points in found.items() if series.startswith("ALERTS") and "MLWatchdog" in series]
        assert [len(points) for points in always] == [(END - START) // RULES + 1], said[-2000:]
        return found


def _values(series: str, points: Sequence[tuple[float, str]]) -> str:
    """Return the values of every five minutes from the beginning on; times are counted from there."""
    back = START if "_timestamp_seconds" in series or series.startswith("process_start_time") else 0
    known = {time: repr(float(value) - back) if back else value for time, value in points}
    return " ".join(_value(known, time) for time in range(START, END + 1, _STEP))


def _value(known: Mapping[float, str], time: float) -> str:
    # promtool takes a value for the present one for five minutes, and most scrapes are ten apart.
    return known.get(time) or (known.get(time - _STEP) if time < FINE else None) or "_"


def _seconds(duration: str) -> int:
    return sum(int(number) * _SECONDS[unit] for number, unit in _PART.findall(duration))
