"""A check of anything: what it looks for, why that matters, how it is mended. Rules, routing and dashboards have their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Generic, TypeVar

from rules.lint.finding import Finding, Level

Linted = TypeVar("Linted")


@dataclass(frozen=True, slots=True)
class Check(Generic[Linted]):
    """``title`` says what is found, ``why`` what it does in production, ``mend`` what to do about it.

    ``basic`` checks need no more than a file that can be read; others may rely on what those make sure of.
    """

    code: str
    level: Level
    title: str
    why: str
    mend: str
    run: Callable[[Any, Linted], Iterable[Finding]]
    basic: bool = False

    def __call__(self, linted: Linted) -> Iterator[Finding]:
        yield from self.run(self, linted)

    def section(self, heading: str) -> str:
        """Return what a page says about it."""
        return f"{heading} {self.code}\n\n**{self.level}**: {self.title}.\n\n{self.why}\n\nTo mend it: {self.mend}\n"


def checks_of(modules: Iterable[ModuleType]) -> list[Any]:
    """Return all checks that modules define, by their codes."""
    found = [each for module in modules for each in vars(module).values() if isinstance(each, Check)]
    return sorted(dict.fromkeys(found), key=lambda check: check.code)
