"""A strict reader of YAML that remembers where everything stands.

PyYAML's parser is used for its events only. Aliases, anchors, tags, duplicate keys, keys that are
not text, several documents and deep nesting are refused: a configuration needs none of them, and each
has been an attack or a silent mistake elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.scanner import Scanner

from exporter.configuration.problem import Keys, shown
from exporter.configuration.scalars import Scalar, plain_scalar

DEEPEST = 32
LARGEST = 1024 * 1024
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_QUOTE = "put a text that starts with {} in quotes"
_NOT_CLOSED = "a quote or a bracket is not closed"
_SYNTAX_HINTS = (
    ("scanning an alias", _QUOTE.format("*")),
    ("scanning an anchor", _QUOTE.format("&")),
    ("scanning a tag", _QUOTE.format("!")),
    (r"'\t'", "indent with spaces, not with tabs"),
    ("that cannot start any token", "put the text in quotes"),
    ("mapping values are not allowed", "check the indentation, and put a text that holds ': ' in quotes"),
    ("could not find expected ':'", "check the indentation, and that a colon and a blank follow the key"),
    ("expected <block end>", "check the indentation: keys of one mapping start in one column"),
    ("end of stream", _NOT_CLOSED),
    ("<stream end>", _NOT_CLOSED),
)


class Mark(NamedTuple):
    """A place in the text, both counted from 1."""

    line: int
    column: int


class Flaw(NamedTuple):
    """Something that the document may not hold."""

    keys: Keys
    mark: Mark
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Document:
    """The plain value, where its keys and items stand, and what was refused.

    ``complete`` is false if reading had to stop, so that ``value`` says nothing.
    """

    value: object
    keys: Mapping[Keys, Mark]
    values: Mapping[Keys, Mark]
    flaws: tuple[Flaw, ...]
    complete: bool

    def written(self, *keys: str | int) -> bool:
        """Say whether the file itself holds something here."""
        return keys in self.values

    def nearest(self, keys: Keys) -> Keys:
        """Return the longest beginning of ``keys`` that the file holds."""
        while keys and keys not in self.values:
            keys = keys[:-1]
        return keys

    def mark(self, keys: Keys, *, of_key: bool = False) -> Mark:
        """Return where to point for ``keys``: at a scalar itself, at the key of a mapping or a list."""
        keys = self.nearest(keys)
        found = self.keys.get(keys) if of_key else None
        return found or self.values.get(keys) or Mark(1, 1)


def read_document(text: str) -> Document:
    """Read one YAML document; never raises for any text."""
    reading = _Reading(text)
    if len(text) > LARGEST:
        return reading.stopped(Flaw((), Mark(1, 1), "the file is larger than 1 MiB", ""))
    try:
        value = reading.document()
    except _StoppedError as stop:
        return reading.stopped(stop.flaw)
    except ReaderError as error:
        return reading.stopped(_character_flaw(text, error))
    except yaml.MarkedYAMLError as error:
        return reading.stopped(_syntax_flaw(error))
    except (ValueError, OverflowError) as error:
        # PyYAML lets these through for escapes such as "\UFFFFFFFF" and huge numbers in directives.
        return reading.stopped(Flaw((), reading.here(), f"not valid YAML: {error}", ""))
    return Document(value, reading.keys, reading.values, tuple(reading.flaws), complete=True)


class _Events(Reader, Scanner, Parser):
    """PyYAML's parser without the parts that build values."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)


class _StoppedError(Exception):
    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.message)
        self.flaw = flaw


class _Reading:
    """The state of one reading: what has been found so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.keys: dict[Keys, Mark] = {}
        self.values: dict[Keys, Mark] = {}
        self.flaws: list[Flaw] = []
        self.events: _Events | None = None

    def document(self) -> object:
        self.events = _Events(self.text)
        self.take()
        if isinstance(self.peek(), StreamEndEvent):
            self.values[()] = Mark(1, 1)
            return None
        self.take()
        value = self.node(())
        if isinstance(self.take(), DocumentEndEvent) and isinstance(self.peek(), DocumentStartEvent):
            self.flaw((), self.take(), "the file holds several documents", "keep one, without lines of ---")
        return value

    def node(self, keys: Keys) -> object:
        event = self.take()
        self.values[keys] = self.keys.get(keys, _mark(event))
        if isinstance(event, AliasEvent):
            self.flaw(keys, event, "aliases (*) are not allowed", _QUOTE.format("*"))
            return None
        self.refuse_decoration(keys, event)
        if isinstance(event, ScalarEvent):
            return self.scalar(keys, event)
        if len(keys) >= DEEPEST:
            raise _StoppedError(Flaw(keys[:3], _mark(event), f"nested deeper than {DEEPEST} levels", ""))
        return self.mapping(keys) if isinstance(event, MappingStartEvent) else self.sequence(keys)

    def scalar(self, keys: Keys, event: ScalarEvent) -> Scalar:
        if event.value:
            self.values[keys] = _mark(event)
        self.refuse_unprintable(keys, event)
        if not _is_plain(event):
            return event.value
        try:
            return plain_scalar(event.value)
        except ValueError as error:
            self.flaw(keys, event, str(error), "put it in quotes if it is a text")
            return None

    def sequence(self, keys: Keys) -> list[object]:
        items: list[object] = []
        while not isinstance(self.peek(), SequenceEndEvent):
            items.append(self.node((*keys, len(items))))
        self.take()
        return items

    def mapping(self, keys: Keys) -> dict[str, object]:
        entries: dict[str, object] = {}
        while not isinstance(self.peek(), MappingEndEvent):
            event = self.peek()
            key = self.key(keys)
            if key in entries:
                self.flaw((*keys, key), event, f"the key {shown(key)} is here twice", self.first_place((*keys, key)))
                self.node((*keys, key))
                continue
            self.keys[*keys, key] = _mark(event)
            entries[key] = self.node((*keys, key))
        self.take()
        return entries

    def key(self, keys: Keys) -> str:
        event = self.peek()
        if not isinstance(event, ScalarEvent):
            self.flaw((*keys, ""), event, "a key must be text", "mappings, lists and aliases cannot be keys")
            self.node((*keys, ""))
            return ""
        self.take()
        self.refuse_decoration(keys, event)
        self.refuse_unprintable(keys, event)
        if _is_plain(event) and not _is_text(event.value):
            place = (*keys, event.value)
            self.flaw(place, event, "a key must be text", f'put it in quotes: "{event.value}"')
        return event.value

    def refuse_decoration(self, keys: Keys, event: Event) -> None:
        if getattr(event, "anchor", None):
            self.flaw(keys, event, "anchors (&) are not allowed", _QUOTE.format("&"))
        if getattr(event, "tag", None):
            self.flaw(keys, event, "tags (!) are not allowed", _QUOTE.format("!"))

    def refuse_unprintable(self, keys: Keys, event: ScalarEvent) -> None:
        if _UNPRINTABLE.search(event.value):
            self.flaw(keys, event, "the text holds a character that is not allowed", "take it out")

    def first_place(self, keys: Keys) -> str:
        return f"the first is on line {self.keys[keys].line}"

    def flaw(self, keys: Keys, event: Event, message: str, hint: str) -> None:
        self.flaws.append(Flaw(keys, _mark(event), message, hint))

    def take(self) -> Event:
        assert self.events is not None
        event: Event = self.events.get_event()  # type: ignore[no-untyped-call]  # PyYAML's stubs leave it out
        return event

    def peek(self) -> Event:
        assert self.events is not None
        event: Event = self.events.peek_event()  # type: ignore[no-untyped-call]  # PyYAML's stubs leave it out
        return event

    def here(self) -> Mark:
        return Mark(self.events.line + 1, self.events.column + 1) if self.events else Mark(1, 1)

    def stopped(self, flaw: Flaw) -> Document:
        return Document(None, self.keys, self.values, (*self.flaws, flaw), complete=False)


def _mark(event: Event) -> Mark:
    assert event.start_mark is not None
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)


def _is_plain(event: ScalarEvent) -> bool:
    return not event.style


def _is_text(plain: str) -> bool:
    try:
        return isinstance(plain_scalar(plain), str)
    except ValueError:
        return False


def _character_flaw(text: str, error: ReaderError) -> Flaw:
    before = text[: error.position]
    mark = Mark(before.count("\n") + 1, len(before) - before.rfind("\n"))
    return Flaw((), mark, f"the character U+{ord(text[error.position]):04X} is not allowed", "take it out")


def _syntax_flaw(error: yaml.MarkedYAMLError) -> Flaw:
    what = " ".join(part for part in (error.context, error.problem) if part)
    hint = next((hint for sign, hint in _SYNTAX_HINTS if sign in what), "")
    places = (error.problem_mark, error.context_mark)
    # What is not closed is found at its beginning, not at the end of the file.
    place = next(filter(None, reversed(places) if hint == _NOT_CLOSED else places), None)
    mark = Mark(place.line + 1, place.column + 1) if place else Mark(1, 1)
    return Flaw((), mark, f"not valid YAML: {what}", hint)
