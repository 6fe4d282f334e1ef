"""From a YAML file to a checked configuration: all problems at once, as far as one can read, each with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple, TypeVar

from pydantic import ValidationError

from exporter.configuration.advice import advise
from exporter.configuration.document import LARGEST, Document, Mark, read_document
from exporter.configuration.explanation import faults_of_validation, placed
from exporter.configuration.problem import ConfigurationError, Keys, Problem, Severity, path_text
from exporter.configuration.refusal import Fault, described
from exporter.configuration.schema import Configuration
from exporter.configuration.sections import Section
from exporter.regular_file import content_of

_Root = TypeVar("_Root", bound=Section)
_BY_PLACE = attrgetter("line", "column", "path")
_SMALLEST = "the smallest has models: {NAME: {task: ..., predictions: ...}}"


# More than anybody reads at once; a file of another kind can have tens of thousands.
MOST = 100


class _Finding(NamedTuple):
    """Where something is wrong, and how to find out what."""

    mark: Mark
    keys: Keys
    explain: Callable[[], Fault]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A valid configuration, and what it says in vain."""

    configuration: Configuration
    warnings: tuple[Problem, ...]


def load(path: Path) -> Loaded:
    """Read a configuration file; raise ``ConfigurationError`` with what is wrong with it."""
    return parse(text_of(path), file=str(path), folder=path.parent)


def text_of(path: Path) -> str:
    """Return what a file holds; raise ``ConfigurationError`` when it cannot be read, is too large or is not UTF-8."""
    try:
        content = content_of(path, LARGEST)
    except OSError as error:
        raise ConfigurationError([_unplaced(path, f"cannot be read: {error.strerror or error}")]) from error
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        before = content[: error.start]
        mark = Mark(before.count(b"\n") + 1, len(before[before.rfind(b"\n") + 1 :].decode(errors="replace")) + 1)
        raise ConfigurationError([_problem(str(path), (), mark, Fault("not UTF-8", "save it as UTF-8"))]) from error


def parse(text: str, *, file: str, folder: Path) -> Loaded:
    """Read a configuration from its text: ``file`` is named in messages, relative paths start at ``folder``.

    >>> parse("models: {fraud: {task: binray, predictions: log.jsonl}}", file="d.yaml", folder=Path("/"))
    Traceback (most recent call last):
    ...
    exporter.configuration.problem.ConfigurationError: d.yaml:1:24: models.fraud.task: must be one of binary, \
multiclass, regression, not the text "binray"; did you mean binary?
    """
    configuration, document = validated(Configuration, text, file=file, folder=folder, smallest=_SMALLEST)
    return Loaded(configuration, tuple(sorted(_warnings(configuration, document, file), key=_BY_PLACE)))


def validated(root: type[_Root], text: str, *, file: str, folder: Path, smallest: str) -> tuple[_Root, Document]:
    """Read a file of any shape; ``smallest`` is what to write into an empty one, "" if it may be empty.

    Raises ``ConfigurationError``.
    """
    document = read_document(text)
    findings = [_Finding(flaw.mark, flaw.keys, partial(Fault, flaw.message, flaw.hint)) for flaw in document.flaws]
    configuration = None
    if document.complete:
        configuration, found = _validated(root, document, folder.absolute(), smallest)
        findings += found
    if findings or configuration is None:
        raise ConfigurationError(_problems(findings, file))
    return configuration, document


def _problems(findings: list[_Finding], file: str) -> Iterator[Problem]:
    """Yield as many problems as anybody reads, in the order of the file, and how many more there are."""
    findings = sorted(findings, key=lambda finding: (*finding.mark, path_text(finding.keys)))
    for mark, keys, explain in findings[:MOST]:
        yield _problem(file, keys, mark, explain())
    if len(findings) > MOST:
        yield Problem("", 0, 0, f"{len(findings) - MOST} more problems are not shown", "correct these first", file)


def _validated(
    root: type[_Root], document: Document, folder: Path, smallest: str
) -> tuple[_Root | None, list[_Finding]]:
    value = {} if document.value is None and not smallest else document.value
    if not isinstance(value, dict):
        message = (
            "the file is empty" if document.value is None else f"must be a mapping, not {described(document.value)}"
        )
        return None, [_Finding(document.mark(()), (), partial(Fault, message, smallest))]
    try:
        return root.model_validate(value, context={"folder": folder}), []
    except ValidationError as error:
        flawed = {flaw.keys for flaw in document.flaws}
        return None, [
            _Finding(document.mark(keys, of_key=of_key), keys, explain)
            for keys, explain, of_key in faults_of_validation(error, document, root)
            if not _explained_already(keys, flawed)
        ]


def _explained_already(keys: Keys, flawed: AbstractSet[Keys]) -> bool:
    """Say whether a flaw of the document lies here or above, so that what follows from it is noise."""
    return any(keys[:length] in flawed for length in range(1, len(keys) + 1))


def _warnings(configuration: Configuration, document: Document, file: str) -> list[Problem]:
    found = ((placed(keys, document), fault) for keys, fault in advise(configuration, document))
    return [_problem(file, keys, document.mark(keys, of_key=True), fault, Severity.WARNING) for keys, fault in found]


def _problem(file: str, keys: Keys, mark: Mark, fault: Fault, severity: Severity = Severity.ERROR) -> Problem:
    return Problem(path_text(keys), mark.line, mark.column, fault.message, fault.hint, file, severity)


def _unplaced(path: Path, message: str) -> Problem:
    return Problem("", 0, 0, message, file=str(path))
