"""``python -m rules test``: every test of the rules, generated ones and scenarios, with promtool."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rules.bundle import alerts, bundle
from rules.document import documents
from rules.settings import DEFAULT, Settings
from rules.testing import coverage, excerpt, files, promtool, scenarios
from rules.testing.specifications import specifications


def add_to(actions: Any) -> None:
    """Add the action to those of the command line."""
    test = actions.add_parser("test", help="test the rules with promtool; exit with 1 if a test fails")
    test.add_argument("names", nargs="*", metavar="NAME", help="alerts or scenarios, all unless said")
    test.add_argument("--into", type=Path, metavar="FOLDER", help="keep the test files, for promtool test rules")
    test.set_defaults(run=_test)


def _test(chosen: argparse.Namespace) -> int:
    with TemporaryDirectory() as temporary:
        folder = chosen.into or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            said = run(folder, chosen.names)
        except promtool.MissingError as missing:
            sys.stderr.write(f"{missing}\n")
            return 2
    gaps = [] if chosen.names else list(coverage.problems(specifications(), alerts(bundle(DEFAULT))))
    for name, what in said.items():
        sys.stdout.write(f"{name}: {what or 'passed'}\n")
    sys.stdout.writelines(f"{gap}\n" for gap in gaps)
    return 1 if gaps or any(said.values()) or not said else 0


def run(folder: Path, names: list[str]) -> dict[str, str]:
    """Write the tests into a folder and run them; return what promtool said of each, "" where it passed."""
    wanted = [each for each in specifications() if not names or each.alert in names]
    written = {each.title: files.write(each, excerpt.rules(), folder) for each in wanted}
    for path in scenarios.scenarios():
        if not names or path.stem in names:
            written[path.stem] = play(path, folder)
    found = promtool.run(list(written.values()))
    return {name: found[path] for name, path in written.items()}


def play(scenario: Path, folder: Path) -> Path:
    """Write a scenario, with the rules that it is about beside it; return its path."""
    settings = scenarios.settings(scenario)
    rules = folder / f"rules-of-{settings.instances}"
    if not rules.exists():
        _write_rules(rules, settings)
    path = folder / scenario.name
    path.write_text(scenarios.moved(scenario, rules.name), encoding="utf-8")
    return path


def _write_rules(folder: Path, settings: Settings) -> None:
    folder.mkdir()
    for name, text in documents(bundle(settings), settings).items():
        (folder / name).write_text(text, encoding="utf-8")
