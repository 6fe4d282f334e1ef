"""How a problem reads."""

from __future__ import annotations

import pytest

from exporter.configuration.problem import Keys, Problem, Severity, path_text


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("a.b", 3, 7, "is bad", "mend it", "d.yaml"), "d.yaml:3:7: a.b: is bad; mend it"),
        (Problem("", 3, 7, "is bad", file="d.yaml"), "d.yaml:3:7: is bad"),
        (Problem("", 0, 0, "is gone", file="d.yaml"), "d.yaml: is gone"),
        (Problem("a", 1, 1, "is idle", "", "d", Severity.WARNING), "d:1:1: warning: a: is idle"),
    ],
)
def test_a_problem_reads_like_a_compilers(problem: Problem, text: str) -> None:
    assert str(problem) == text


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ((), ""),
        (("models", "fraud", "windows", 0), "models.fraud.windows[0]"),
        (("models", "a.b", "c d"), 'models."a.b"."c d"'),
        (("a", "", 1, "é-_"), 'a.""[1].é-_'),
    ],
)
def test_a_path_is_unambiguous(keys: Keys, text: str) -> None:
    assert path_text(keys) == text
