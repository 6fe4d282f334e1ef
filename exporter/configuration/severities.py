"""What a limit is for each severity: written ones, and those that stay as they are by default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import Field

from exporter.catalogue import SEVERITIES
from exporter.configuration.refusal import Fault, refusals
from exporter.configuration.sections import Section
from exporter.configuration.values import Duration, Fraction, written

S = TypeVar("S", bound=Section)

Positive = Annotated[float, Field(gt=0)]


class Shares(Section):
    """A share for each severity; what is not written stays as it is by default, null turns a severity off."""

    info: Fraction | None = written(None)
    """Worth knowing."""
    warning: Fraction | None = written(None)
    """To be looked at in working hours."""
    critical: Fraction | None = written(None)
    """Somebody is woken."""
    emergency: Fraction | None = written(None)
    """Everything else is dropped."""


class Multiples(Section):
    """A multiple for each severity; what is not written stays as it is by default, null turns a severity off."""

    info: Positive | None = written(None)
    """Worth knowing."""
    warning: Positive | None = written(None)
    """To be looked at in working hours."""
    critical: Positive | None = written(None)
    """Somebody is woken."""
    emergency: Positive | None = written(None)
    """Everything else is dropped."""


class Ages(Section):
    """A duration for each severity; what is not written stays as it is by default, null turns a severity off."""

    info: Duration | None = written(None)
    """Worth knowing."""
    warning: Duration | None = written(None)
    """To be looked at in working hours."""
    critical: Duration | None = written(None)
    """Somebody is woken."""
    emergency: Duration | None = written(None)
    """Everything else is dropped."""


def merged(defaults: Mapping[str, Any], said: Section | None) -> dict[str, Any]:
    """Return what holds for each severity that is on, from the mildest; ``said`` is None when all are turned off."""
    if said is None:
        return {}
    own = {severity: getattr(said, severity) for severity in said.model_fields_set}
    both = {**defaults, **own}
    return {severity: both[severity] for severity in SEVERITIES if both.get(severity) is not None}


def stated(said: Section | None) -> dict[str, Any]:
    """Return what a section says for each severity that is on, from the mildest; None says nothing."""
    return {severity: value for severity in SEVERITIES if (value := getattr(said, severity, None)) is not None}


def completed(defaults: Mapping[str, Any], said: S | None, *, falling: bool = False) -> S | None:
    """Return the section with what it does not say as it is by default. Raises a refusal for severities out of order."""
    if said is None:
        return None
    both = merged(defaults, said)
    faults = list(out_of_order(both, falling=falling))
    if faults:
        # Where the other severity stands, if it stands anywhere, is no better a place than the whole.
        raise refusals(fault._replace(at=()) for fault in faults)
    return said.model_copy(update={severity: both.get(severity) for severity in SEVERITIES})


def out_of_order(limits: Mapping[str, float], *, falling: bool = False) -> Iterator[Fault]:
    """Yield a fault for each severity that would be reached before a milder one."""
    milder: str | None = None
    for severity, limit in limits.items():
        if milder is not None and (limit > limits[milder] if falling else limit < limits[milder]):
            word = "above" if falling else "below"
            text = f"{severity} ({limit:g}) lies {word} {milder} ({limits[milder]:g}), so it would come first"
            yield Fault(text, "write both; what is not written stays as it is by default", (severity,))
        milder = severity
