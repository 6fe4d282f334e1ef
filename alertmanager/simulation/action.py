"""``python -m alertmanager test``: every alert, every hour, every other alert beside it; and amtool for a second opinion."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import yaml

from alertmanager.document import CONFIGURATION
from alertmanager.emitted import RULES, Emitted, emitted
from alertmanager.matchers import MatcherError
from alertmanager.settings import DEFAULT
from alertmanager.simulation import amtool, cases, hours, invariants
from alertmanager.simulation.server import Server
from alertmanager.simulation.tree import taken

GENERATED = Path(__file__).parents[1] / "generated" / CONFIGURATION
_RIGHT, _WRONG, _UNUSABLE = range(3)
# Clocks change there in both halves of the year, on other days.
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
_YEAR = 2026


def test(chosen: argparse.Namespace) -> int:
    """Simulate what the arguments say, print what is wrong, and return the exit code."""
    path = chosen.file or GENERATED
    try:
        server = _server(path)
        alerts = emitted(chosen.rules or RULES)
        expected = cases.for_receivers(server.integrations, chosen.cases) or []
        found = list(_found(server, alerts, expected, path))
    except (OSError, yaml.YAMLError, MatcherError, hours.IntervalError, cases.CaseError, KeyError, TypeError) as error:
        sys.stderr.write(f"{path}: {error}\n")
        return _UNUSABLE
    count = sum(1 for alert in alerts for _ in alert.variants(server.told_apart))
    moments = len(week())
    for text in dict.fromkeys(found):
        sys.stdout.write(f"{text}\n")
    judged = "" if amtool.amtool() else ", without amtool, which is not installed"
    sys.stdout.write(
        f"{len(alerts)} alerts in {count} variants, {moments} hours, each beside each other, {len(expected)} cases{judged}:"
        f" {len(found) or 'nothing'} wrong\n"
    )
    return _WRONG if found else _RIGHT


def _server(path: Path) -> Server:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(document, dict):
        raise TypeError("a configuration has to be a mapping")
    return Server(document)


def week() -> list[datetime]:
    """Return the hours that are simulated: usual weeks, and those in which clocks change."""
    return sorted({moment for zone in (DEFAULT.zone, *ZONES) for moment in hours.weeks(zone, _YEAR)})


def _found(server: Server, alerts: Sequence[Emitted], expected: Sequence[cases.Case], path: Path) -> Iterator[str]:
    moments = week()
    for each in (
        *invariants.unreached(server, alerts, moments),
        *invariants.late(server, alerts, moments),
        *invariants.muted(invariants.muting_pairs(server, alerts)),
        *invariants.mixed_heartbeat(server, alerts),
    ):
        yield each.text
    yield from (f"case in line {case.line}: {text}" for case, text in cases.wrong(server, alerts, expected))
    if (program := amtool.amtool()) is not None:
        yield from differences(program, server, alerts, path)


def differences(program: str, server: Server, alerts: Sequence[Emitted], path: Path) -> Iterator[str]:
    """Yield the alerts that amtool routes otherwise."""
    for alert in alerts:
        for labels in alert.variants(server.told_apart):
            ours = tuple(route.receiver for route in taken(server.tree, labels))
            theirs = amtool.receivers(program, path, labels)
            if ours != theirs:
                yield f"{alert.said} {labels}: the simulation routes it to {ours}, amtool to {theirs}"
