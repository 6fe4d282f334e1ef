"""``python -m bench``: every ratio in one run; see bench/README.md."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from bench import join_memory, memory, memory_growth, scrape_latency
from bench.contest import Contestant, turns
from bench.data import data
from bench.environments import NotInstalledError, python_of, versions_in
from bench.ratios import CONTESTS, Contest
from bench.report import Line, lines_of

_RESULTS = Path(__file__).resolve().parent / "results.json"
_OURS = ("numpy", "msgspec", "pyarrow", "prometheus_client")


# What is no contest, by the beginning of its lines' names.
_SINGLE = {
    "scrape-under-ingest": scrape_latency.lines,
    "memory": memory.lines,
    "memory-growth": memory_growth.lines,
    "label-join-memory": join_memory.lines,
}


def main() -> int:
    """Print a line for each figure as soon as it is known; write results.json."""
    arguments = _arguments()
    out = sys.stdout
    found: list[Line] = []
    for line in _lines(arguments.only, arguments.rounds):
        found.append(line)
        out.write(f"{line}\n")
        out.flush()
    arguments.json.write_text(json.dumps(_document(found, arguments.rounds), indent=2) + "\n")
    if arguments.table:
        out.write("\n".join(["| figure | ratio | bar | |", "| --- | ---: | ---: | --- |", *(e.row for e in found), ""]))
    return 0


def _lines(only: str, rounds: int) -> Iterator[Line]:
    folder = data()
    for contest in CONTESTS:
        if only in contest.name:
            yield from _run(contest, folder, rounds)
    for name, lines in _SINGLE.items():
        if only in name:
            yield from lines()


def _run(contest: Contest, folder: Path, rounds: int) -> Iterator[Line]:
    contestants, failures = {}, {}
    named = {"ours": contest.ours} | {ratio.name: ratio.peer for ratio in contest.ratios}
    for name, contestant in named.items():
        try:
            contestants[name] = (contestant, _python(contestant))
        except NotInstalledError as error:
            failures[name] = f"not installed: {error}"
    found, more = turns(contestants, folder, rounds)
    yield from lines_of(contest, found, {**failures, **more})


def _python(contestant: Contestant) -> Path:
    return python_of(contestant.environment)


def _document(found: list[Line], rounds: int) -> dict[str, object]:
    environments = {ratio.peer.environment for contest in CONTESTS for ratio in contest.ratios} - {""}
    return {
        "python": platform.python_version(),
        "processor": _processor(),
        "rounds": rounds,
        "ours": {package: version(package) for package in _OURS},
        "peers": {name: versions_in(name) for name in sorted(environments)},
        "figures": [line.document for line in found],
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    facts = dict(line.split("\t", 1) for line in lines if "\t" in line)
    facts = {key.strip(): text.lstrip("\t: ") for key, text in facts.items()}
    names = ("model name", "cpu family", "model", "stepping")
    return ", ".join(f"{name} {facts[name]}" for name in names if name in facts)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Ours beside the peers, in CPU seconds.")
    parser.add_argument("--only", default="", metavar="TEXT", help="only contests with this in their name")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each contestant (default %(default)s)")
    parser.add_argument("--json", type=Path, default=_RESULTS, help="where the figures go (default %(default)s)")
    parser.add_argument("--table", action="store_true", help="print them as a Markdown table, too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
