"""Rule files to deploy, and deployments without waiting."""

from __future__ import annotations

from rules.deploy.client import PASSING, Client, Patience

RECORD = """\
  - record: a:up:count
    expr: {expression}
"""
ALERT = """\
  - alert: {name}
    expr: {expression}
    for: {after}
    labels:
      severity: {severity}
    annotations:
      summary: {summary}
"""


def alert(
    name: str = "Down",
    expression: str = "up == 0",
    severity: str = "warning",
    after: str = "5m",
    summary: str = "It is down.",
) -> str:
    return ALERT.format(name=name, expression=expression, severity=severity, after=after, summary=summary)


def record(expression: str = "count(up)") -> str:
    return RECORD.format(expression=expression)


def file(*rules: str, group: str = "a", interval: str = "1m") -> str:
    return f"groups:\n- name: {group}\n  interval: {interval}\n  rules:\n{''.join(rules)}"


class Clock:
    """Time that passes only in pauses; ``paused`` has them."""

    def __init__(self) -> None:
        self.now = 0.0
        self.paused: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.paused.append(seconds)
        self.now += seconds


def patience(clock: Clock, *, request: float = 5.0, whole: float = 30.0) -> Patience:
    return Patience(request, whole, clock=clock, sleep=clock.sleep)


def client(url: str, clock: Clock | None = None, *, passing: frozenset[int] = PASSING, request: float = 5.0) -> Client:
    return Client(url, patience=patience(clock or Clock(), request=request), passing=passing)
