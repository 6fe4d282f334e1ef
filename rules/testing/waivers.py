"""Mutants that are the same as the rule in other words, with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

from rules.testing.mutation import Mutant

PATH = Path(__file__).with_name("waivers.yml")


@dataclass(frozen=True, slots=True)
class Waiver:
    rule: str
    fault: str
    why: str

    def covers(self, mutant: Mutant) -> bool:
        return fnmatchcase(mutant.of, self.rule) and fnmatchcase(mutant.fault, self.fault)


def waivers(path: Path = PATH) -> tuple[Waiver, ...]:
    """Read the waivers. Raises ValueError where one does not say why."""
    found = tuple(Waiver(**each) for each in yaml.safe_load(path.read_text(encoding="utf-8")) or ())
    for each in found:
        if not each.why.strip():
            raise ValueError(f"{path.name}: {each.rule}, {each.fault}: say why")
    return found


def unwaived(mutants: Iterable[Mutant], waivers: Sequence[Waiver]) -> list[Mutant]:
    return [mutant for mutant in mutants if not any(waiver.covers(mutant) for waiver in waivers)]


def unused(waivers: Sequence[Waiver], mutants: Sequence[Mutant]) -> list[Waiver]:
    """Return the waivers that none of the mutants needs."""
    return [waiver for waiver in waivers if not any(waiver.covers(mutant) for mutant in mutants)]
