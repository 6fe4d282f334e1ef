"""Mutants on trial: which of them do the tests let pass?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from rules.settings import DEFAULT
from rules.testing import promtool, unit_test
from rules.testing.excerpt import Rule, document, needed, rungs
from rules.testing.files import rung, text
from rules.testing.files import rungs as alerts_of
from rules.testing.mutation import Mutant
from rules.testing.scenarios import scenarios, settings, with_rules
from rules.testing.specification import Specification
from rules.testing.specifications import specifications

_RULES = "rules-of-this-test.yml"
# So many at a time, to be able to say how far it is.
_TURN = 200
# A fault in what all alerts need shows in the first of them, or in none.
_MOST_TESTS = 40


class Trial:
    """Tests as texts, to be run with one rule after the other put in place of the right one.

    An alert's mutants meet the tests of that alert; a record's those of the alerts that need it, one after the other until
    one notices. Those that none has noticed meet the scenarios that speak of the rule.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = rules
        # By the title of a specification and the place of an alert.
        self._places: dict[tuple[str, int], list[int]] = {
            (each.title, place): needed(rules, [place], each.given)
            for each in specifications()
            for place in rungs(rules, each.alert)
            if self._is_about(each, place)
        }
        self._texts: dict[tuple[str, int, int], str] = {}

    def survivors(self, mutants: Sequence[Mutant], say: Callable[[str], None] = lambda _: None) -> list[Mutant]:
        """Return the mutants that no test notices."""
        alive: list[Mutant] = []
        for first in range(0, len(mutants), _TURN):
            alive += self._unseen(self._survivors(mutants[first : first + _TURN]))
            say(f"{min(first + _TURN, len(mutants))} of {len(mutants)} mutants tried, {len(alive)} alive")
        return alive

    def _survivors(self, mutants: Sequence[Mutant]) -> list[Mutant]:
        waiting = [(mutant, list(self._tests_of(mutant))) for mutant in mutants]
        alive = [mutant for mutant, tests in waiting if not tests]
        while waiting := [(mutant, tests) for mutant, tests in waiting if tests]:
            noticed = self._round([(mutant, tests.pop(0)) for mutant, tests in waiting])
            alive += [mutant for (mutant, tests), seen in zip(waiting, noticed, strict=True) if not seen and not tests]
            waiting = [each for each, seen in zip(waiting, noticed, strict=True) if not seen]
        return alive

    def _tests_of(self, mutant: Mutant) -> Iterator[tuple[Specification, int]]:
        """Yield the tests that may notice a mutant, cheap ones first: a specification and the alert of it.

        Of each the first cases come before all of them: they are enough for most.
        """
        found = [
            (tried, place)
            for specification in specifications()
            for place in rungs(self.rules, specification.alert)
            if mutant.place in self._places.get((specification.title, place), ())
            for tried in _at_first_and_whole(specification)
        ]
        found.sort(key=lambda each: each[0].minutes / each[0].step * len(each[0].cases))
        return iter(found[:_MOST_TESTS])

    def _is_about(self, specification: Specification, place: int) -> bool:
        return not specification.rungs or self._rung(place) in specification.rungs

    def _rung(self, place: int) -> str:
        labels = self.rules[place]["labels"]
        return str(labels.get("burn_window") or labels["severity"])

    def _test(self, specification: Specification, place: int) -> str:
        """Return the test of one alert of a specification."""
        key = (specification.title, place, len(specification.cases))
        if key not in self._texts:
            [alert] = [each for each in alerts_of(specification) if rung(each) == self._rung(place)]
            self._texts[key] = text(unit_test.document(specification, [alert], _RULES))
        return self._texts[key]

    def _unseen(self, mutants: Sequence[Mutant]) -> list[Mutant]:
        """Return the mutants that no scenario notices."""
        trials = [
            (mutant, scenario)
            for mutant in mutants
            for scenario in scenarios()
            if settings(scenario) == DEFAULT and mutant.of.split()[0] in scenario.read_text(encoding="utf-8")
        ]
        with TemporaryDirectory() as folder:
            files = [self._play(Path(folder), number, *trial) for number, trial in enumerate(trials)]
            said = promtool.run(files)
        noticed = [mutant for (mutant, _), path in zip(trials, files, strict=True) if said[path]]
        return [mutant for mutant in mutants if mutant not in noticed]

    def _play(self, folder: Path, number: int, mutant: Mutant, scenario: Path) -> Path:
        # Of all rules those that the scenario speaks of: the others are slow, and not what it is about here.
        said = scenario.read_text(encoding="utf-8")
        spoken_of = [place for place, rule in enumerate(self.rules) if (rule.get("alert") or rule["record"]) in said]
        places = needed(self.rules, spoken_of, said=True)
        rules = [mutant.rule if place == mutant.place else self.rules[place] for place in places]
        rule_file = f"{number}.rules.yml"
        (folder / rule_file).write_text(text(document(rules, said=True)), encoding="utf-8")
        path = folder / f"{number}.test.yml"
        path.write_text(with_rules(scenario, rule_file), encoding="utf-8")
        return path

    def _round(self, trials: Sequence[tuple[Mutant, tuple[Specification, int]]]) -> list[bool]:
        """Run one test for each mutant; say of each whether it failed, as it should."""
        with TemporaryDirectory() as folder:
            files = [self._write(Path(folder), number, *trial) for number, trial in enumerate(trials)]
            said = promtool.run(files)
        return [bool(said[path]) for path in files]

    def _write(self, folder: Path, number: int, mutant: Mutant, test: tuple[Specification, int]) -> Path:
        specification, alert = test
        places = self._places[specification.title, alert]
        rules = [mutant.rule if place == mutant.place else self.rules[place] for place in places]
        rule_file = f"{number}.rules.yml"
        (folder / rule_file).write_text(text(document(rules)), encoding="utf-8")
        path = folder / f"{number}.test.yml"
        path.write_text(self._test(*test).replace(_RULES, rule_file), encoding="utf-8")
        return path


def _at_first_and_whole(specification: Specification) -> tuple[Specification, ...]:
    first = replace(specification, cases=specification.cases[:2], derived=False)
    return (specification,) if first == specification else (first, specification)
