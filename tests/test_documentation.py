"""The README's tour as a stranger takes it: its files and commands, in their order, in one folder and one shell.

A comment before a fenced block says what becomes of it: ``<!-- tour: file NAME -->`` writes it, ``<!-- tour: run -->`` runs it,
``<!-- tour: output -->`` are lines that the commands before it print (``…`` stands for anything), and
``<!-- tour: lines NAME -->`` are the first lines of a file that the stranger has.
"""

from __future__ import annotations

import doctest
import json
import os
import re
import shlex
import socket
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from exporter import catalogue
from exporter.configuration import load
from tests import orders
from tests.end_to_end.test_prometheus import program

ROOT = Path(__file__).resolve().parent.parent
_BLOCK = re.compile(r"<!-- tour: (\w+) ?(\S*) -->\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MARK = "end of step"
_SECONDS = 60


class Step(NamedTuple):
    kind: str
    name: str
    text: str


def steps() -> list[Step]:
    return [Step(*found) for found in _BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))]


def script(tour: list[Step]) -> str:
    """One program for the shell, so that what an earlier step has begun is there for a later one."""
    lines = ["set -m"]
    for number, step in enumerate(tour):
        if step.kind == "file":
            lines.append(f"cat > {shlex.quote(step.name)} <<'END OF FILE'\n{step.text}END OF FILE")
        elif step.kind == "run":
            lines.append(f"{{ {step.text}}} 2>&1 < /dev/null\necho; echo '{_MARK} {number}'")
    return "\n".join([*lines, ""])


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[int, str]:
    """What each step printed, by its number."""
    folder = tmp_path_factory.mktemp("tour")
    orders.write(folder)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    programs = folder.parent / "tour-programs"
    install(programs)
    environment = os.environ | {"PATH": f"{programs}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    found = subprocess.run(
        ["bash", "-c", script(steps()).replace("9911", port)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert found.stderr == ""
    parts = re.split(rf"^{_MARK} (\d+)\n", found.stdout.replace(port, "9911"), flags=re.MULTILINE)
    return {int(number): text for text, number in zip(parts[::2], parts[1::2], strict=False)}


def install(folder: Path) -> None:
    """Put the programs of the tour where the shell finds them."""
    folder.mkdir()
    driftbell = folder / "driftbell"
    driftbell.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m exporter "$@"\n')
    driftbell.chmod(0o755)
    (folder / "promtool").symlink_to(program("promtool"))


def pattern(line: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in line.split("…")))


def test_the_tour_has_what_a_stranger_needs() -> None:
    kinds = [step.kind for step in steps()]
    assert set(kinds) == {"lines", "file", "run", "output"}
    # No marker is misspelt so that its block goes unseen.
    assert len(kinds) == (ROOT / "README.md").read_text(encoding="utf-8").count("<!-- tour:")


@pytest.mark.parametrize("step", [step for step in steps() if step.kind == "lines"], ids=lambda step: step.name)
def test_the_strangers_files_look_as_shown(step: Step, tmp_path: Path) -> None:
    orders.write(tmp_path)
    assert (tmp_path / step.name).read_text().startswith(step.text)


@pytest.mark.parametrize(
    "number",
    [number for number, step in enumerate(steps()) if step.kind == "output"],
    ids=lambda number: f"step{number}",
)
def test_commands_print_what_the_readme_says(number: int, outputs: dict[int, str]) -> None:
    before = max(other for other in range(number) if steps()[other].kind == "run")
    printed = outputs[before].splitlines()
    missing = [line for line in steps()[number].text.splitlines() if not any(map(pattern(line).fullmatch, printed))]
    assert missing == [], outputs[before]


def test_no_step_fails(outputs: dict[int, str]) -> None:
    assert sorted(outputs) == [number for number, step in enumerate(steps()) if step.kind == "run"]
    assert [text for text in outputs.values() if "Traceback" in text or "command not found" in text] == []


def test_the_keys_for_other_logs_are_right(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8").partition("### When your log looks different")[2]
    block = text.partition("```yaml\n")[2].partition("```")[0]
    config = tmp_path / "driftbell.yml"
    config.write_text(f"models:\n  m:\n    task: binary\n    reference: holdout.csv\n{block}")
    loaded = load(config)
    assert loaded.warnings == ()
    assert set(loaded.configuration.models["m"].features) == {"age", "amount"}


def test_the_examples_of_the_statistics_are_true() -> None:
    """In one after the other, as they are read."""
    text = (ROOT / "docs" / "statistics.md").read_text(encoding="utf-8")
    examples = "\n".join(re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    case = doctest.DocTestParser().get_doctest(examples, {}, "statistics.md", "docs/statistics.md", 0)
    assert doctest.DocTestRunner().run(case).failed == 0
    assert len(case.examples) > 10


_METRICS = {metric.name for metric in vars(catalogue).values() if isinstance(metric, catalogue.Metric)}


@pytest.mark.parametrize("page", ["README.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))])
def test_every_metric_that_a_page_names_is_in_the_catalogue(page: str) -> None:
    # A colon makes it a recording rule's, which the lint of the rules knows.
    named = set(re.findall(r"(?<![\w:])ml_[a-z0-9_]*[a-z0-9]\b(?!:)", (ROOT / page).read_text(encoding="utf-8")))
    assert {name for name in named if re.sub(r"_(bucket|count|sum)$", "", name) not in _METRICS} == set()


def test_links_into_pages_meet_a_heading() -> None:
    broken = []
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target, anchor in re.findall(r"\]\(([^)#:\s]*)#([^)]+)\)", page.read_text(encoding="utf-8")):
            headings = re.findall(r"^#+ (.+)$", (page.parent / target if target else page).read_text(), re.MULTILINE)
            if anchor not in {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}:
                broken.append(f"{page.name}: {target}#{anchor}")
    assert broken == []


def test_the_expressions_of_operations_are_promql(tmp_path: Path) -> None:
    """Those that stand on lines of their own."""
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    unfenced = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    expressions = re.findall(r"(?:^ {4}.+\n)+", unfenced, re.MULTILINE)
    rules = [{"record": f"a:{number}", "expr": expression} for number, expression in enumerate(expressions)]
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"groups": [{"name": "documented", "rules": rules}]}))
    found = subprocess.run([program("promtool"), "check", "rules", file], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
    assert rules
