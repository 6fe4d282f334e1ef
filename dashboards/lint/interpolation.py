"""What Grafana puts in place of variables before it sends a query, as far as it matters for reading the query."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dashboards.lint.board_file import Variable
from exporter.catalogue import LABEL_VALUES

# Of a day on a screen of usual width, with scrapes every 15 s.
MACROS = {
    "__rate_interval": "1m",
    "__interval": "30s",
    "__interval_ms": "30000",
    "__range": "1d",
    "__range_s": "86400",
    "__range_ms": "86400000",
}
# Of links alone.
IN_LINKS = frozenset(
    {"__all", "__url_time_range", "__all_variables", "__field", "__data", "__value", "__series", "__from", "__to"}
)
_NAME = re.compile(r"\$\{([A-Za-z_]\w*)(?:[.:][^}]*)?\}|\$([A-Za-z_]\w*)|\[\[(\w+)(?::\w+)?\]\]")
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'')
_ANY = ("any", "other")


def names(text: str) -> Iterator[str]:
    """Yield the variables that a text names, Grafana's own among them.

    >>> list(names('x{a="$b",c=~"${d:regex}"}[$__interval]'))
    ['b', 'd', '__interval']
    """
    for match in _NAME.finditer(text):
        yield match[1] or match[2] or match[3]


def filled(text: str, variables: Mapping[str, Variable]) -> str:
    """Return a query with a value for each variable: one that a label of its name can have, where that is known."""
    return _NAME.sub(lambda match: _value(match, variables, inside=True), text)


def parseable(text: str, variables: Mapping[str, Variable]) -> str:
    """Return a query in which variables are left where they stand within quotes, so that it can be seen who carries them."""
    found, end = [], 0
    for quoted in _TEXT.finditer(text):
        found += [_outside(text[end : quoted.start()], variables), quoted[0]]
        end = quoted.end()
    return "".join([*found, _outside(text[end:], variables)])


def _outside(text: str, variables: Mapping[str, Variable]) -> str:
    return _NAME.sub(lambda match: _value(match, variables, inside=False), text)


def _value(match: re.Match[str], variables: Mapping[str, Variable], *, inside: bool) -> str:
    name = match[1] or match[2] or match[3]
    if name in MACROS:
        return MACROS[name]
    variable = variables.get(name)
    if variable is None:
        return match[0] if inside else "1"
    return value(variable)


def value(variable: Variable) -> str:
    """Return what may stand for a variable."""
    if variable.data.get("includeAll") and variable.data.get("allValue"):
        return str(variable.data["allValue"])
    if variable.type == "custom" and isinstance(variable.data.get("query"), str):
        values = [each.rpartition(":")[2].strip() for each in variable.data["query"].split(",")]
    elif variable.type in ("constant", "textbox", "interval"):
        values = [str(variable.data.get("query") or "1").partition(",")[0]]
    else:
        values = list(LABEL_VALUES.get(variable.name, _ANY))
    return "|".join(values[:2]) if variable.several else values[0]
