"""What makes an alert fire and what does not: cases side by side, each with its series and when which severity is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rules.testing.inputs import Series

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Fires:
    """One alert that is due: its condition holds from minute ``start`` until minute ``end``, where it no longer does.

    ``end`` is None where it holds to the last. A pair of minutes says that it begins, or ends, somewhere from the first
    to the second: rates rise and fall as their range fills, and Prometheus 3 reads ranges a little otherwise than 2.
    ``labels`` are those that the expression yields, besides the job and what tells the cases apart. ``value`` is what the
    annotation says at the first moment at which all of the case's alerts fire.
    """

    severity: str
    start: int | Span
    end: int | Span | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    value: str = ""
    burn_window: str = ""

    @property
    def starts(self) -> Span:
        return self.start if isinstance(self.start, tuple) else (self.start, self.start)

    @property
    def ends(self) -> Span | None:
        return (self.end, self.end) if isinstance(self.end, int) else self.end


@dataclass(frozen=True, slots=True)
class Case:
    """Series under one name, by which its alerts are told from those of other cases. ``owner`` is the model's, if it has
    one; ``job`` is that of its series, where it is not the specification's."""

    name: str
    series: tuple[Series, ...]
    fires: tuple[Fires, ...] = ()
    owner: str = "risk"
    job: str = ""


@dataclass(frozen=True, slots=True)
class Specification:
    """The cases of all alerts of a name; the first one fires every rung that the specification is about.

    ``minutes`` is how long it takes, ``sample`` and ``step`` are the minutes between samples and between evaluations.
    ``key`` is the label that holds a case's name. Records that are ``given`` come from the cases' series instead of from
    their rules. ``other_jobs`` are those of which the same is expected. ``rungs`` are the severities (with burn windows) that it is about, all unless said. ``pair`` says that two
    exporters with the same figures are worth the same alerts as one, ``alone`` that cases cannot share a server,
    ``derived`` that the first case is also tried in another job, without an owner and with two exporters.
    ``said_at`` is the minute at which annotations are read, where it is not the first at which all of a case's fire.
    """

    alert: str
    cases: tuple[Case, ...]
    minutes: int
    sample: int = 1
    step: int = 1
    key: str = "model_name"
    job: str = "driftbell"
    other_jobs: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    pair: bool = True
    alone: bool = False
    derived: bool = True
    said_at: int | None = None
    note: str = ""
    rungs: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return f"{self.alert}-{self.note}" if self.note else self.alert
