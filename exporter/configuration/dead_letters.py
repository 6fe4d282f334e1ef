"""Whether a sample of the rejected records is kept, and where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from exporter.configuration.files import FilePath
from exporter.configuration.problem import shown
from exporter.configuration.refusal import described, refusal
from exporter.configuration.sections import Section
from exporter.configuration.sizes import format_size
from exporter.configuration.values import Size, written

# A record is cut at 2,000 characters, and a character takes up to twelve bytes.
_LEAST = 32 * 1024


def _large_enough(size: int) -> int:
    if size < _LEAST:
        raise refusal(f"must be at least {format_size(_LEAST)}, not {format_size(size)}", "one record must fit in")
    return size


def _path_first(value: object) -> object:
    if value is not None and not isinstance(value, str | dict):
        raise refusal(
            f"must be a path or a mapping, not {described(value)}", "such as /var/lib/driftbell/rejected.jsonl"
        )
    return {"path": value} if isinstance(value, str) else value


class DeadLetters(Section):
    """A sample of rejected records, as JSON lines with the reason of each; only the owner can read the file.

    The records stand there as they were logged, and may hold personal data.
    """

    path: FilePath
    """The file, relative to this file's folder; its folder must be there."""
    size: Annotated[Size, AfterValidator(_large_enough)] = written("1MiB")
    """A file that would become larger is renamed (`.1`, `.2` …), and a new one begun."""
    files: Annotated[int, Field(ge=1, le=100)] = written(2)
    """So many files are kept, the newest included."""
    per_minute: Annotated[int, Field(ge=1, le=1000)] = written(10)
    """So many records are kept of each reason and log in a minute."""


def refuse_part_of_log(letters: DeadLetters, patterns: Iterable[str]) -> None:
    """Refuse a file that a log's paths stand for: what is rejected would be read, and rejected, again and again."""
    path = str(letters.path)
    for pattern in patterns:
        if fnmatchcase(path, pattern) or path.startswith(pattern.rstrip("/") + "/"):
            raise refusal("the file would be read as a part of the log", "put it into another folder", ("path",))


def refuse_shared(letters: Mapping[str, DeadLetters | None]) -> None:
    """Refuse a file of two models: they would rename it under each other."""
    first: dict[Path, str] = {}
    for name, said in letters.items():
        if said is not None and (other := first.setdefault(said.path, name)) != name:
            what = f"the model {shown(other)} keeps its rejected records there"
            raise refusal(what, "give each model a file of its own", (name, "dead_letters", "path"))


OptionalDeadLetters = Annotated[
    DeadLetters | None, BeforeValidator(_path_first, json_schema_input_type=str | DeadLetters | None)
]
