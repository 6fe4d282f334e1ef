"""The tests of the rules notice faults in them. All faults are tried by ``make torture``; here are a few of them."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from rules.testing.excerpt import rules
from rules.testing.mutation import Mutant, expressions, mutants, title
from rules.testing.trial import Trial
from rules.testing.waivers import Waiver, unused, unwaived, waivers

MUTANTS = list(mutants(rules()))
# Always the same ones, of all kinds of rules.
SAMPLE = random.Random("driftbell").sample(MUTANTS, 24)


def test_a_sample_of_faults_is_noticed() -> None:
    alive = unwaived(Trial(rules()).survivors(SAMPLE), waivers())
    assert [(mutant.of, mutant.fault) for mutant in alive] == []


def test_the_right_rules_pass() -> None:
    """A fault that is none is not noticed, so what notices the others is no broken test."""
    [down] = [place for place, rule in enumerate(rules()) if rule.get("alert") == "MLSourceDown"]
    none = Mutant(down, rules()[down], "none", title(rules()[down]))
    assert Trial(rules()).survivors([none]) == [none]


def test_every_rule_has_faults() -> None:
    assert {mutant.of for mutant in MUTANTS} == {title(rule) for rule in rules()}


def test_no_two_faults_are_the_same() -> None:
    assert [
        each for each, number in Counter((mutant.of, mutant.fault) for mutant in MUTANTS).items() if number > 1
    ] == []
    assert [mutant for mutant in MUTANTS if mutant.rule == rules()[mutant.place]] == []


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (
            'x{job="a"} >= 200',
            {
                '!= instead of = in job="a"': 'x{job!="a"} >= 200',
                "> instead of >=": 'x{job="a"} > 200',
                "< instead of >=": 'x{job="a"} < 200',
                "300 instead of 200": 'x{job="a"} >= 300',
                "133 instead of 200": 'x{job="a"} >= 133',
            },
        ),
        (
            'x{a=~"b|c",d="e"} unless y{d="e"}',
            {
                '!~ instead of =~ in a=~"b|c"': 'x{a!~"b|c",d="e"} unless y{d="e"}',
                '!= instead of = in d="e"': 'x{a=~"b|c",d="e"} unless y{d!="e"}',
                'without b in a=~"b|c"': 'x{a=~"c",d="e"} unless y{d="e"}',
                'without c in a=~"b|c"': 'x{a=~"b",d="e"} unless y{d="e"}',
                'without a=~"b|c"': 'x{d="e"} unless y{d="e"}',
                'without d="e"': 'x{a=~"b|c",} unless y{}',
                "and instead of unless": 'x{a=~"b|c",d="e"} and y{d="e"}',
                "or instead of unless": 'x{a=~"b|c",d="e"} or y{d="e"}',
            },
        ),
        (
            "max by (job, a) (x)",
            {
                "without job in by (job, a)": "max by (a) (x)",
                "without a in by (job, a)": "max by (job) (x)",
                "instance in by (job, a)": "max by (job, a, instance) (x)",
            },
        ),
        ("x[5m] offset 1d", {}),
    ],
)
def test_faults_of_an_expression(text: str, faults: dict[str, str]) -> None:
    assert {fault: changed for changed, fault in expressions(text)} == faults


def test_waivers(tmp_path: Path) -> None:
    mutant = Mutant(0, {}, "2 instead of 1 #1", "MLOutage emergency")
    waiver = Waiver("MLOutage *", "2 instead of 1 *", "because")
    assert unwaived([mutant], [waiver]) == []
    assert unwaived([mutant], [Waiver("MLOutage *", "3 instead*", "because")]) == [mutant]
    assert unused([waiver], []) == [waiver]
    assert unused([waiver], [mutant]) == []
    silent = tmp_path / "waivers.yml"
    silent.write_text("- {rule: MLOutage, fault: x, why: ' '}\n")
    with pytest.raises(ValueError, match="say why"):
        waivers(silent)


def test_waivers_are_about_faults_that_there_are() -> None:
    assert unused(waivers(), MUTANTS) == []
