from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from exporter.configuration import ConfigurationError
from exporter.configuration.loading import parse
from exporter.configuration.schema import Configuration

MODEL = "{task: regression, predictions: %s, dead_letters: %s}"


def configuration(**models: tuple[str, str]) -> Configuration:
    lines = [f"  {name}: {MODEL % said}" for name, said in models.items()]
    text = "\n".join(["models:", *lines, ""])
    return parse(text, file="d.yml", folder=Path("/there")).configuration


def letters(said: str, predictions: str = "p.jsonl") -> Any:
    return configuration(m=(predictions, said)).models["m"].dead_letters


def test_nothing_is_kept_unless_that_is_said() -> None:
    assert letters("null") is None


def test_a_path_will_do() -> None:
    found = letters("rejected.jsonl")
    assert (found.path, found.size, found.files, found.per_minute) == (Path("/there/rejected.jsonl"), 1 << 20, 2, 10)
    assert letters("{path: /r.jsonl, size: 64KiB, files: 1}").size == 64 * 1024


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("true", "must be a path or a mapping, not true"),
        ("{}", "path"),
        ("{path: r.jsonl, size: 1KiB}", "must be at least 32KiB, not 1KiB"),
        ("{path: r.jsonl, files: 0}", "files"),
        ("{path: r.jsonl, per_minute: 0}", "per_minute"),
        ("p.jsonl", "the file would be read as a part of the log"),
    ],
)
def test_what_cannot_be(said: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        letters(said)


@pytest.mark.parametrize("log", ["'*.jsonl'", ".", "/there", "'/th*/r.*'", "[q.jsonl, 'r.*']"])
def test_a_log_must_not_hold_what_was_rejected_of_it(log: str) -> None:
    with pytest.raises(ConfigurationError, match="put it into another folder"):
        letters("r.jsonl", log)
    assert letters("/elsewhere/r.jsonl", log) is not None


def test_two_models_do_not_share_a_file() -> None:
    with pytest.raises(ConfigurationError, match='the model "a" keeps its rejected records there'):
        configuration(a=("p.jsonl", "r.jsonl"), b=("q.jsonl", "/there/r.jsonl"))
