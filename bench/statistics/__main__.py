"""``python -m bench.statistics``: two Markdown tables, the share of windows with an alarm by judge and scenario."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence

from bench.contest import ROOT
from bench.environments import NotInstalledError, python_of
from bench.statistics.scenarios import FALSE_ALARMS, POWER, Scenario

# Module and environment.
_JUDGES = {
    "driftbell": ("bench.statistics.our_verdict", ""),
    "evidently": ("bench.statistics.evidently_verdict", "evidently"),
    "nannyml": ("bench.statistics.nannyml_verdict", "nannyml"),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.statistics", description=__doc__)
    parser.add_argument("--repetitions", type=int, default=100, help="windows for each cell (default %(default)s)")
    parser.add_argument("--judges", nargs="*", default=list(_JUDGES), choices=_JUDGES)
    arguments = parser.parse_args()
    shares = {judge: dict(_shares(judge, arguments.repetitions)) for judge in arguments.judges}
    for title, scenarios in (("No drift", FALSE_ALARMS), ("Drift", POWER)):
        sys.stdout.write("\n".join([f"### {title}", "", *_table(scenarios, shares), "", ""]))
    return 0


def _shares(judge: str, repetitions: int) -> Iterator[tuple[str, float]]:
    module, environment = _JUDGES[judge]
    try:
        python = python_of(environment)
    except NotInstalledError as error:
        sys.stderr.write(f"{judge}: not installed: {error}\n")
        return
    command = [str(python), "-m", "bench.statistics.judge", module, str(repetitions)]
    settings = os.environ | {"PYTHONPATH": str(ROOT), "NML_DISABLE_USAGE_LOGGING": "1", "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)  # noqa: S603 - our own program
    assert process.stdout is not None
    for line in process.stdout:
        answer = json.loads(line)
        yield answer["scenario"], answer["share"]
    if process.wait():
        sys.stderr.write(f"{judge}: ended with code {process.returncode}; `{' '.join(command)}` says why\n")


def _table(scenarios: Sequence[Scenario], shares: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    yield f"| data | change | reference / window | {' | '.join(shares)} |"
    yield f"| --- | --- | ---: | {' | '.join('---:' for _ in shares)} |"
    for scenario in scenarios:
        found = [f"{each[scenario.name]:.2f}" if scenario.name in each else "none" for each in shares.values()]
        rows = f"{scenario.reference_rows} / {scenario.rows}"
        yield f"| {scenario.distribution} | {scenario.effect} | {rows} | {' | '.join(found)} |"


if __name__ == "__main__":
    sys.exit(main())
