"""What must hold of the repository as a whole, whatever the code does."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BINARY = {".png", ".bin", ".gz", ".parquet"}
# Folders that exist on one machine only. Put together here so that this file is not found by itself.
MACHINE_PATHS = re.compile(
    "|".join(("/" + "home/", "/" + "root/", "/" + "work/", "/" + "Users/", r"[A-Z]:\\" + "Users"))
)
UNFINISHED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")) + r")\b")


def listing() -> list[Path]:
    """Every file that is in git or would be with `git add .`."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    if found.returncode != 0:
        pytest.skip("not a git checkout")
    return [path for name in sorted(set(found.stdout.split("\0")) - {""}) if (path := ROOT / name).is_file()]


def texts() -> dict[str, str]:
    return {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in listing() if path.suffix not in BINARY
    }


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line}"
        for name, text in texts().items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_every_file_is_text_with_plain_line_ends_or_known_to_be_binary() -> None:
    odd = [name for name, text in texts().items() if "\0" in text or "\r" in text]
    assert odd == []


def test_no_path_of_one_machine_is_written_down() -> None:
    assert lines_with(MACHINE_PATHS) == []


def test_nothing_is_left_unfinished_in_a_comment() -> None:
    assert lines_with(UNFINISHED) == []


def test_the_changelog_has_a_place_for_the_next_change() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == "[Unreleased]"


def test_make_help_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony is not None
    shown = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert {line.split()[0] for line in shown.stdout.splitlines()} == set(phony[1].split())


def test_the_lower_bounds_are_the_ones_that_are_tested() -> None:
    def names(text: str, operator: str) -> dict[str, str]:
        found = re.findall(rf'^\s*"?([A-Za-z0-9_-]+){operator}([0-9.]+)', text, re.MULTILINE)
        return {name.lower().replace("_", "-"): version for name, version in found}

    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    declared = names(project.partition("dependencies = [")[2].partition("]")[0], ">=")
    pinned = names((ROOT / "constraints-lowest.txt").read_text(encoding="utf-8"), "==")
    assert declared
    assert {name: pinned.get(name) for name in declared} == declared


def test_every_folder_of_tests_is_a_package() -> None:
    """Without it, tests/exporter would shadow the real package."""
    folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_links_between_our_pages_lead_somewhere() -> None:
    broken = [
        f"{name}: {target}"
        for name, text in texts().items()
        if name.endswith(".md")
        for target in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", text)
        if not (ROOT / name).parent.joinpath(target).exists()
    ]
    assert broken == []
