"""Matchers: written in the one form that every Alertmanager reads the same way, a quoted value behind a plain operator;
and read in every form that it takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

# A backslash and what it stands before, as both parsers of Alertmanager read it.
_ESCAPED = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
_PLAIN = re.compile(r"[\w-]+", re.ASCII)
PORTABLE = re.compile(r'(?P<label>[A-Za-z_]\w*)(?P<operator>=~|!~|!=|=)"(?P<value>(?:[^"\\\n]|\\["\\n])*)"', re.ASCII)
_ANY_FORM = re.compile(
    r"""\s*(?P<label>[A-Za-z_]\w*)\s*(?P<operator>=~|!~|!=|=)\s*(?:"(?P<value>(?:[^"\\]|\\.)*)"|(?P<bare>[^"]*?))\s*""",
    re.ASCII | re.DOTALL,
)
# A backslash before anything else stands for itself.
_UNESCAPED = {"n": "\n", '"': '"', "\\": "\\"}


def equal(label: str, value: str) -> str:
    """Return a matcher for a value.

    >>> equal("severity", "critical")
    'severity="critical"'
    """
    return f'{label}="{value.translate(_ESCAPED)}"'


def unequal(label: str, value: str) -> str:
    return f'{label}!="{value.translate(_ESCAPED)}"'


def among(label: str, values: Iterable[str]) -> str:
    """Return a matcher for any of some values, which must be plain words.

    >>> among("severity", ["info", "warning"])
    'severity=~"info|warning"'
    >>> among("severity", ["info"])
    'severity="info"'
    """
    values = list(values)
    if strange := [value for value in values if not _PLAIN.fullmatch(value)]:
        raise ValueError(f"{strange} would be read as regular expressions")
    return f'{label}=~"{"|".join(values)}"' if len(values) > 1 else equal(label, values[0])


class MatcherError(ValueError):
    """A matcher that cannot be read."""


@dataclass(frozen=True)
class Matcher:
    """``operator`` is =, !=, =~ or !~. A label that is not there is an empty one; expressions match the whole value."""

    label: str
    operator: str
    value: str

    @property
    def positive(self) -> bool:
        return self.operator in ("=", "=~")

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(self.value)

    def takes(self, value: str) -> bool:
        """Say whether a label of this value is matched."""
        is_it = self._pattern.fullmatch(value) is not None if "~" in self.operator else value == self.value
        return is_it == self.positive

    def matches(self, labels: Mapping[str, str]) -> bool:
        return self.takes(labels.get(self.label, ""))

    def __str__(self) -> str:
        return f'{self.label}{self.operator}"{self.value.translate(_ESCAPED)}"'


def parsed(text: str) -> Matcher:
    """Read a matcher. Raises MatcherError.

    >>> parsed('severity=~"info|warning"')
    Matcher(label='severity', operator='=~', value='info|warning')
    """
    found = _ANY_FORM.fullmatch(text)
    if found is None:
        raise MatcherError(f'{text!r} is no matcher such as severity="critical"')
    quoted = found["value"]
    value = found["bare"] if quoted is None else re.sub(r"\\(.)", lambda each: _UNESCAPED.get(each[1], each[0]), quoted)
    matcher = Matcher(found["label"], found["operator"], value)
    if "~" in matcher.operator:
        try:
            re.compile(value)
        except re.error as error:
            raise MatcherError(f"{text!r}: {error}") from error
    return matcher


def all_match(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    for each in matchers:  # noqa: SIM110 - a simulated week asks this a million times, and `all` takes twice as long
        if not each.matches(labels):
            return False
    return True
