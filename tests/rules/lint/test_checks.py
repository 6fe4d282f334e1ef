"""Each check objects to a rule file in which one thing is wrong, and no other check does."""

from __future__ import annotations

from typing import Any

import pytest

from rules.lint.registry import CHECKS
from tests.rules.lint import faults
from tests.rules.lint.samples import alert, codes, found, group, material

CASES = [(code, groups) for code, several in faults.FAULTS.items() for groups in several]
# Tested beside what they need: files on a disk, a configuration, a routing.
ELSEWHERE = {
    *("F01", "F04", "F10"),
    *("A17", "A23", "A24", "A27", "A28"),
    *("S01", "S05", "S08", "S12"),
    *("X05", "X06"),
}


@pytest.mark.parametrize(("code", "groups"), CASES, ids=lambda each: each if isinstance(each, str) else "")
def test_a_fault_is_found_by_its_check_alone(code: str, groups: list[dict[str, Any]]) -> None:
    linted = material(*groups)
    assert codes(linted) == {code}, [f"{each.check} {each.rule}: {each.message}" for each in found(linted)]


def test_every_check_is_tested() -> None:
    assert {check.code for check in CHECKS} == {*faults.FAULTS, *ELSEWHERE}


def test_codes_are_unique() -> None:
    assert len({check.code for check in CHECKS}) == len(CHECKS)


def test_nothing_is_wrong_with_what_is_right() -> None:
    assert found(material(group(alert()))) == []
    assert found(material(*faults.slo())) == []


def test_a_finding_stands_where_the_fault_is() -> None:
    [finding] = found(material(group(alert("up{ == 0"))))
    assert (finding.file, finding.line, finding.rule, finding.group) == ("rules.yml", 5, "MLThing (warning)", "things")
    assert "does not parse" in finding.message


def test_an_empty_bundle_is_clean() -> None:
    assert found(material(group())) == []


def test_the_modifier_of_a_moment_is_old() -> None:
    """``@ end()`` is of Prometheus 2.33; the function of that name is of 3.x."""
    assert "P02" not in codes(material(group(alert('up{job="driftbell"} @ end() == 0'))))
    assert "P02" in codes(material(group(alert('up{job="driftbell"} == end()'))))
