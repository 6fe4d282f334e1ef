"""How a validator says what is wrong: one fault or several, each with a hint.

Pydantic lets a validator raise one error; the faults ride in its context and are taken apart again
in ``explanation``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from pydantic_core import PydanticCustomError

from exporter.configuration.problem import Keys, shown

REFUSED = "refused"


class Fault(NamedTuple):
    """What is wrong with a value; ``at`` leads from the value to the part that is meant."""

    message: str
    hint: str = ""
    at: Keys = ()


def refusal(message: str, hint: str = "", at: Keys = ()) -> PydanticCustomError:
    """Return the error to raise for one fault."""
    return refusals([Fault(message, hint, at)])


def refusals(faults: Iterable[Fault]) -> PydanticCustomError:
    """Return the error to raise for several faults of one value."""
    return PydanticCustomError(REFUSED, REFUSED, {"faults": tuple(faults)})


def faults_of(error: PydanticCustomError) -> tuple[Fault, ...]:
    """Return the faults that ``refusals`` packed."""
    return tuple((error.context or {})["faults"])


def described(value: object) -> str:
    """Return a value as a message names it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the text {shown(value)}"
    return "a list" if isinstance(value, list | tuple) else "a mapping"
