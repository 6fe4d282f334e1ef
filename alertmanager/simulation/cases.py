"""Who is to hear of what, written by hand: the routing is held against it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from alertmanager.emitted import Emitted
from alertmanager.simulation import hours
from alertmanager.simulation.server import Server
from alertmanager.simulation.tree import Place, taken

FILE = Path(__file__).parents[1] / "cases.yml"
_KEYS = {"alert", "labels", "at", "zone", "beside", "heard"}
# A Wednesday at noon.
_USUAL = "2026-06-10 12:00"


class CaseError(ValueError):
    """A file of cases that cannot be read."""


@dataclass(frozen=True, slots=True)
class Case:
    """``alert`` and ``beside`` are names with a severity, such as ``MLOutage emergency``; ``labels`` are set on all of them.
    ``heard`` are receivers."""

    line: int
    alert: str
    at: datetime
    heard: tuple[str, ...]
    beside: tuple[str, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)


def cases(text: str) -> list[Case]:
    """Read a file of cases. Raises CaseError."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        entries = yaml.safe_load(text) or []
    except yaml.YAMLError as error:
        raise CaseError(f"is no YAML: {error}") from error
    if not isinstance(entries, list):
        raise CaseError("cases must be a list")
    lines = [each.start_mark.line + 1 for each in root.value] if root is not None else []
    return [_case(line, entry) for line, entry in zip(lines, entries, strict=True)]


def for_receivers(names: Iterable[str], file: Path | None = None) -> list[Case] | None:
    """Return the cases of a file; without one ours, if the configuration has all the receivers that they name: then it is
    ours, or a copy. Raises OSError and CaseError."""
    found = cases((file or FILE).read_text(encoding="utf-8"))
    wanted = {receiver for case in found for receiver in case.heard}
    return found if file is not None or wanted <= set(names) else None


def _case(line: int, entry: Any) -> Case:
    if not isinstance(entry, dict) or not {"alert", "heard"} <= set(entry) <= _KEYS:
        raise CaseError(f"line {line}: a case has an alert and heard, and may have {', '.join(sorted(_KEYS))}")
    place = hours.zone(str(entry.get("zone") or "UTC"))
    at = datetime.strptime(str(entry.get("at") or _USUAL), "%Y-%m-%d %H:%M").replace(tzinfo=place)
    texts = {str(key): str(value) for key, value in (entry.get("labels") or {}).items()}
    heard, beside = (tuple(map(str, entry.get(key) or ())) for key in ("heard", "beside"))
    return Case(line, str(entry["alert"]), at, heard, beside, texts)


def wrong(server: Server, alerts: Sequence[Emitted], expected: Iterable[Case]) -> Iterator[tuple[Case, str]]:
    """Yield the cases in which others hear of an alert than are to."""
    for case in expected:
        unknown = [name for name in (case.alert, *case.beside) if _find(alerts, name) is None]
        if unknown:
            yield case, f"no rule brings forth {', '.join(unknown)}"
            continue
        firing = [_labels(alerts, name, case) for name in case.beside]
        heard = server.heard(_labels(alerts, case.alert, case), server.holding(case.at), firing)
        if sorted(heard) != sorted(case.heard):
            yield case, f"{case.alert} reaches {_said(heard)}, and is to reach {_said(case.heard)}"


def covered(server: Server, alerts: Sequence[Emitted], expected: Iterable[Case]) -> set[Place]:
    """Return the routes that some case takes."""
    return {
        route.place
        for case in expected
        if _find(alerts, case.alert) is not None
        for route in taken(server.tree, _labels(alerts, case.alert, case))
    }


def _find(alerts: Sequence[Emitted], name: str) -> Emitted | None:
    return next((each for each in alerts if f"{each.name} {each.severity}" == name), None)


def _labels(alerts: Sequence[Emitted], name: str, case: Case) -> dict[str, str]:
    found = _find(alerts, name)
    assert found is not None
    return {**found.labels(), **{label: value for label, value in case.labels.items() if label in found.possible}}


def _said(receivers: Sequence[str]) -> str:
    return ", ".join(sorted(receivers)) or "nobody"
