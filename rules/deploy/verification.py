"""Whether a server runs what it was given, and can evaluate it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Protocol

from rules.deploy.client import Patience
from rules.deploy.failure import DeployError, Exit
from rules.deploy.loaded import Group, Health, Rule, Running
from rules.deploy.plan import plan
from rules.deploy.plan_text import lines
from rules.deploy.prometheus import Server
from rules.deploy.suitability import trials

Look = Callable[[], Running]
_MOST = 8


class Reloading(Protocol):
    """A server that reads its files when it is told to."""

    def last_reload(self) -> tuple[bool, float]:
        """Return whether the last reload succeeded, and when the last that did was."""


def has_reloaded(server: Reloading) -> None:
    """Raise DeployError if a server says that it could not read its files."""
    succeeded, _ = server.last_reload()
    if not succeeded:
        raise DeployError(Exit.UNVERIFIED, "the server says that its last reload failed: its log says why")


def runs(look: Look, wanted: Sequence[Group], patience: Patience, seconds: float, hint: str = "") -> Running:
    """Wait until the groups of a server are those wanted; return what it runs. Raises DeployError."""
    seen: list[Running] = []

    def same() -> bool:
        seen.append(look())
        return set(seen[-1].groups) == set(wanted)

    if not patience.until(same, seconds):
        differences = list(lines(plan({}, wanted, Running(seen[-1].groups))))
        more = ["..."] if len(differences) > _MOST else []
        raise DeployError(
            Exit.UNVERIFIED,
            f"after {seconds:g} s the server does not run what was deployed; what lacks: "
            + "; ".join([*(line.strip() for line in differences[:_MOST]), *more])
            + (f". {hint}" if hint else ""),
        )
    return seen[-1]


def evaluates(
    look: Look, before: Running, patience: Patience, seconds: float, server: Server | None = None
) -> Iterator[str]:
    """Wait until every rule has been evaluated without a new error, and yield what is worth knowing even so.

    What a server has not evaluated in time is tried on it, if it stores series. Raises DeployError.
    """
    failing, waiting = _evaluated(look, before, patience, seconds)
    yield from (f"{each.group.name} / {each.rule.said} fails as it did before: {each.error}" for each in failing)
    tried = server is not None and server.kind.stores
    if server is not None and tried and (flaws := list(trials(server, waiting))):
        raise DeployError(Exit.UNVERIFIED, f"evaluation fails: {'; '.join(flaws[:_MOST])}")
    if waiting:
        how = ", a query of each works" if tried else ""
        yield f"{len(waiting)} rules were not evaluated within {seconds:g} s{how}"


def _evaluated(
    look: Look, before: Running, patience: Patience, seconds: float
) -> tuple[list[Health], list[tuple[Group, Rule]]]:
    """Wait until every rule has been evaluated, or the time is over.

    Returns rules that fail as they failed before, and those that were not evaluated yet. Raises DeployError for a rule
    that fails and did not.
    """
    known = {(each.group.file, each.group.name, each.rule): each.error for each in before.health if each.error}
    seen: list[Running] = []

    def done() -> bool:
        seen.append(look())
        failing = _new(seen[-1].health, known)
        if failing:
            said = "; ".join(f"{each.group.name} / {each.rule.said}: {each.error}" for each in failing[:_MOST])
            raise DeployError(Exit.UNVERIFIED, f"evaluation fails: {said}")
        return all(each.evaluated or each.error for each in seen[-1].health)

    patience.until(done, seconds)
    return (
        [each for each in seen[-1].health if each.error],
        [(each.group, each.rule) for each in seen[-1].health if not each.evaluated and not each.error],
    )


def _new(health: Sequence[Health], known: Collection[tuple[str, str, Rule]]) -> list[Health]:
    """Return the rules that fail, and did not fail before without having been changed since."""
    return [each for each in health if each.error and (each.group.file, each.group.name, each.rule) not in known]
