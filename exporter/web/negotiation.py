"""What a client may be answered with, from the headers that it sent: pure functions (RFC 9110, section 12).

Headers come from strangers. One that makes no sense is as good as none.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from exporter.exposition.page import Format

# No media type and parameters that we speak hold a comma or semicolon; within quotes they separate nothing.
_PARTS = re.compile(r'(?:[^,;"]|"(?:[^"\\]|\\.)*"?)*[,;]?')
_WEIGHT = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")
# A scraper sends the same few headers for ever; others must not fill the memory.
_REMEMBERED = 64

_VERSIONS = {Format.TEXT: "0.0.4", Format.OPENMETRICS: "1.0.0"}
_TYPES = {Format.TEXT: "text/plain", Format.OPENMETRICS: "application/openmetrics-text"}

# Prometheus' own default; a scraper that knows better says so.
_USUAL_TIMEOUT = 10.0
_LONGEST_TIMEOUT = 60.0
# What the answer needs to get to the client in time.
_MARGIN = 0.5


class _Choice(NamedTuple):
    """One element of a header: what it names, and how much it is liked."""

    name: str
    parameters: dict[str, str]
    weight: float


class _Rank(NamedTuple):
    """How well a format is liked; the order of the fields settles who wins."""

    weight: float
    is_named: bool
    earliness: int


@lru_cache(_REMEMBERED)
def format_of(accept: str) -> Format:
    """Return the format to answer in: the best liked that we speak, else text, which everybody reads.

    Of equally liked ones a format that is named beats one that a wildcard lets through, then the first one wins.

    >>> format_of("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4").name
    'OPENMETRICS'
    >>> format_of("*/*").name
    'TEXT'
    """
    choices = list(_choices(accept))
    ranks = {form: _rank(choices, form) for form in Format}
    if ranks[Format.OPENMETRICS].weight > 0 and ranks[Format.OPENMETRICS] > ranks[Format.TEXT]:
        return Format.OPENMETRICS
    return Format.TEXT


@lru_cache(_REMEMBERED)
def takes_gzip(accept_encoding: str) -> bool:
    """Say whether the answer may be, and had better be, compressed.

    >>> [takes_gzip(header) for header in ("gzip", "*", "gzip;q=0, *", "identity, gzip;q=0.5", "")]
    [True, True, False, False, False]
    """
    weights: dict[str, float] = {}
    for choice in _choices(accept_encoding):
        weights.setdefault("gzip" if choice.name == "x-gzip" else choice.name, choice.weight)
    weight = weights.get("gzip", weights.get("*", 0.0))
    return weight > 0 and weight >= weights.get("identity", 0.0)


def patience(scrape_timeout: str) -> float:
    """Return how many seconds may pass until the answer, from ``X-Prometheus-Scrape-Timeout-Seconds``.

    >>> [patience(header) for header in ("10", "0.6", "", "-1", "nan", "1e9")]
    [9.5, 0.3, 9.5, 9.5, 9.5, 59.5]
    """
    try:
        timeout = float(scrape_timeout)
    except ValueError:
        timeout = math.nan
    if not (math.isfinite(timeout) and timeout > 0):
        timeout = _USUAL_TIMEOUT
    timeout = min(timeout, _LONGEST_TIMEOUT)
    return max(timeout - _MARGIN, timeout / 2)


def _rank(choices: list[_Choice], form: Format) -> _Rank:
    """Return how well a format is liked: what names it most closely counts, whatever a wildcard says."""
    found = [
        (closeness, -place, choice.weight)
        for place, choice in enumerate(choices)
        if (closeness := _closeness(choice, form)) is not None
    ]
    if not found:
        return _Rank(0.0, is_named=False, earliness=0)
    closeness, earliness, weight = max(found)
    is_named = closeness > 1
    return _Rank(weight, is_named, earliness if is_named else 0)


def _closeness(choice: _Choice, form: Format) -> int | None:
    """Return how closely a media range describes a format, None when it does not."""
    ranges = ["*/*", _TYPES[form].partition("/")[0] + "/*", _TYPES[form]]
    version = choice.parameters.get("version")
    if choice.name not in ranges or version not in {None, _VERSIONS[form]}:
        return None
    return ranges.index(choice.name) + (version is not None)


def _choices(header: str) -> Iterator[_Choice]:
    """Yield the elements of a header; one whose weight is not to be understood is left out."""
    element: list[str] = []
    for match in _PARTS.finditer(header):
        part = match[0]
        element.append(part.rstrip(",;").strip())
        if not part.endswith(";"):
            choice = _choice(*element)
            element = []
            if choice:
                yield choice


def _choice(name: str, *parameters: str) -> _Choice | None:
    pairs = [parameter.partition("=") for parameter in parameters]
    values = {key.strip().lower(): value.strip().strip('"') for key, _, value in pairs}
    weight = values.pop("q", "1")
    if not name or not _WEIGHT.fullmatch(weight):
        return None
    return _Choice(name.lower(), values, float(weight))
