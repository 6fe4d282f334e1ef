"""The figures on the terminal: a table, or plain lines where there is no terminal."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table
from rich.text import Text

from examples.demo.figures import Figure


def show(console: Console, title: str, window: str, figures: Mapping[str, list[Figure]]) -> None:
    """Print the figures of each model."""
    if console.is_terminal:
        console.print(table_of(title, window, figures))
        return
    for line in lines_of(title, figures):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def table_of(title: str, window: str, figures: Mapping[str, list[Figure]]) -> Table:
    table = Table("model", f"figure (window {window})", "value", "on the reference", title=title, title_justify="left")
    for model, rows in figures.items():
        for index, figure in enumerate(rows):
            reference = "" if figure.reference is None else number_text(figure.reference)
            # As Text, since a name may hold brackets, which rich would read as markup.
            name = Text(model if index == 0 else "")
            table.add_row(name, Text(figure.name), number_text(figure.value), reference)
        table.add_section()
    return table


def lines_of(title: str, figures: Mapping[str, list[Figure]]) -> list[str]:
    """Return the same as text, a figure a line.

    >>> lines_of("5 s", {"m": [Figure("accuracy", 0.61172, 0.7493)]})
    ['5 s', '  m: accuracy 0.6117 (on the reference 0.7493)']
    """
    return [title, *(f"  {model}: {row_text(figure)}" for model, rows in figures.items() for figure in rows)]


def row_text(figure: Figure) -> str:
    reference = "" if figure.reference is None else f" (on the reference {number_text(figure.reference)})"
    return f"{figure.name} {number_text(figure.value)}{reference}"


def number_text(value: float) -> str:
    """Short, and whole where the number is.

    >>> number_text(12345.0), number_text(0.123456), number_text(0.0)
    ('12345', '0.1235', '0')
    """
    return str(int(value)) if value.is_integer() else f"{value:.4g}"
