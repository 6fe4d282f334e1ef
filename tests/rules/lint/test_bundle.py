"""The committed rules are clean, and faults that are planted in copies of them are found."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from rules.lint import exemptions, portability, run
from rules.lint.finding import Finding
from rules.lint.material import Material
from rules.lint.rule_file import parse, read

TEXTS = {path: path.read_text(encoding="utf-8") for path in sorted(run.GENERATED.glob("*.yml"))}


def planted(old: str, new: str, times: int = -1) -> list[Finding]:
    """Lint the generated files with one text replaced in them; what is beside them is left out."""
    assert any(old in text for text in TEXTS.values())
    files = [parse(text.replace(old, new, times), path) for path, text in TEXTS.items()]
    return [each for each in run.findings(Material(files), exemptions.read()) if each.check not in ("F10", "X09")]


def test_the_committed_rules_are_clean() -> None:
    found = run.findings(
        Material([read(path) for path in TEXTS], beside=run.beside(), promtool=portability.promtool()),
        exemptions.read(),
    )
    assert [f"{each.file}:{each.line} {each.check} {each.rule}: {each.message}" for each in found] == []


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("ml_drift_threshold{", "ml_drift_treshold{", "P03"),
        ("ignoring (severity)\n", "\n", "P11"),
        ('ml_quality_threshold{bound="min"', 'ml_quality_threshold{bound="mim"', "P04"),
        ("rate(ml_errors_total", "deriv(ml_errors_total", "P05"),
        ("record: model:ml_requests:rate5m", "record: model:ml_requests:rate_5m", "F08"),
        ("severity: critical", "severity: crtical", "A02"),
        ("interval: 300s", "interval: 60s", "P28"),
        ("- record: model_slo:ml_slo_period:seconds", "- record: model_slo:ml_slo_period", "N01"),
        ("          0.02 * model_slo", "          0.2 * model_slo", "S02"),
        ('{job="driftbell",limit="error_ratio",severity="critical"}', '{job="driftbell",limit="error_ratio",severity="info"}',
         "A29"),
        ('ml_exporter_source_up{job="driftbell"}', "ml_exporter_source_up", "P15"),
        (" by (job, model_name, le)", " by (job, model_name)", "P20"),
        ("$labels.feature_name", "$labels.feature", "A09"),
        ("/MLOutage.md", "/MLOutages.md", "A04"),
        ('up{job="driftbell"} == 0', 'up{job="driftbell"} > 1', "A07"),
        ('up{job="driftbell"} == 0', 'up{job="driftbell"}', "A06"),
        ("for: 10m\n    labels:\n      severity: critical\n      category: pipeline", "labels:\n      severity: critical\n      category: pipeline", "A11"),
        ("        max by (job, model_name, feature_name, window) (", "        sum(", "P11"),
        ("keep_firing_for: 5m", "keep_firing: 5m", "F02"),
        ("* on (job, model_name) group_left (owner)", "* on (job, model_name) group_left (ownr)", "P11"),
        ("max by (job, model_name, slo) (ml_slo_period_seconds", "max by (job, model_name) (ml_slo_period_seconds", "P11"),
        ('alertname=~"MLLowModelAccuracy', 'alertname=~"MLModelAccuracyLow', "P04"),
    ],
)  # fmt: skip
def test_planted_faults_are_found(old: str, new: str, code: str) -> None:
    found = planted(old, new)
    assert code in {each.check for each in found}, [f"{each.check} {each.rule} {each.message}" for each in found]


def test_a_range_that_is_longer_than_what_is_kept() -> None:
    files = [parse(text, path) for path, text in TEXTS.items()]
    short = Material(files, retention=15 * 86_400, beside=run.beside())
    assert {each.check for each in run.findings(short, exemptions.read())} == {"P10"}


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_a_copy_of_one_file_is_linted_with_what_it_reads_of_the_others(path: Path, tmp_path: Path) -> None:
    (tmp_path / path.name).write_text(TEXTS[path], encoding="utf-8")
    assert [each for each in run.lint([tmp_path / path.name]) if each.file.startswith(str(tmp_path))] == []


def test_a_change_by_hand_is_found(tmp_path: Path) -> None:
    path = tmp_path / "driftbell-slo.yml"
    text = (run.GENERATED / path.name).read_text(encoding="utf-8")
    path.write_text(text.replace("for: 2m", "for: 3m"), encoding="utf-8")
    assert "F10" in {each.check for each in run.lint([path])}


def test_whatever_a_slip_of_the_keyboard_does_the_lint_goes_on() -> None:
    path = run.GENERATED / "driftbell-resources.yml"
    lines = TEXTS[path].splitlines()
    chance = random.Random(7)
    for _ in range(60):
        place = chance.randrange(3, len(lines))
        line = lines[place]
        column = chance.randrange(len(line) + 1)
        slips: tuple[list[str], ...] = (
            [],
            [line, line],
            [line[:column]],
            [line[:column] + chance.choice('{}()"x :-[') + line[column:]],
            [line.replace(" ", "", 1)],
            [
                line.replace(
                    chance.choice(line.split() or ["-"]), chance.choice(["null", "5", "[]", "{a: b}", "true"]), 1
                )
            ],
        )
        text = "\n".join([*lines[:place], *chance.choice(slips), *lines[place + 1 :]])
        run.findings(Material([parse(text, path)]), [])
