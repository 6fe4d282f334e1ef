from __future__ import annotations

import io

from rich.console import Console

from examples.demo.figures import Figure
from examples.demo.table import show

FIGURES = {"m:1 [x]": [Figure("accuracy", 0.61172, 0.7493), Figure("requests so far", 36624.0)]}


def shown(*, terminal: bool) -> str:
    output = io.StringIO()
    show(Console(file=output, force_terminal=terminal, width=100, color_system=None), "5 s", "15s", FIGURES)
    return output.getvalue()


def test_without_a_terminal_there_are_plain_lines() -> None:
    assert shown(terminal=False).splitlines() == [
        "5 s",
        "  m:1 [x]: accuracy 0.6117 (on the reference 0.7493)",
        "  m:1 [x]: requests so far 36624",
    ]


def test_a_terminal_gets_a_table_with_the_model_named_once() -> None:
    table = shown(terminal=True)
    assert table.count("m:1 [x]") == 1
    assert {"accuracy", "0.6117", "0.7493", "36624"} <= set(table.split())
