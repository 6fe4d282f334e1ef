"""Go templates as Prometheus fills them in: their actions, what is wrong with them, what they ask the server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_ACTION = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
_LABEL = re.compile(r"(\$labels|\.Labels)\.([A-Za-z_]\w*)")
_INDEXED = re.compile(r'index\s+\$labels\s+"([^"]+)"')
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|`[^`]*`')
_WORD = re.compile(r"(?<![.$\w])[A-Za-z_]\w*")
_VARIABLE = re.compile(r"\$\w*")
_PLACE = re.compile(r"%[qsv]")

# What Prometheus gives to templates, and what Go does; both since before 2.42.
FUNCTIONS = frozenset(
    [
        "query",
        "first",
        "label",
        "value",
        "sortByLabel",
        "humanize",
        "humanize1024",
        "humanizeDuration",
        "humanizePercentage",
        "humanizeTimestamp",
        "toTime",
        "title",
        "toUpper",
        "toLower",
        "match",
        "reReplaceAll",
        "graphLink",
        "tableLink",
        "parseDuration",
        "stripPort",
        "stripDomain",
        "args",
        "tmpl",
        "safeHtml",
        "externalURL",
        "pathPrefix",
        "strvalue",
        "and",
        "or",
        "not",
        "len",
        "index",
        "slice",
        "print",
        "printf",
        "println",
        "html",
        "js",
        "urlquery",
        "eq",
        "ne",
        "lt",
        "le",
        "gt",
        "ge",
        "call",
        "true",
        "false",
        "nil",
    ]
)
_OPENING = ("if", "range", "with", "define", "block")
_PLAIN_VALUE = re.compile(r"(\$value|\.Value)")
_FORMATTING = re.compile(r"\b(humanize\w*|printf|toTime|eq|ne|lt|le|gt|ge)\b")


@dataclass(slots=True)
class Template:
    """``labels`` are those of the alert that the text shows, by name; ``guarded`` ones only where they are there."""

    labels: list[str] = field(default_factory=list)
    guarded: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    # Labels of the series that a query found, with the query.
    fetched: list[tuple[str, str]] = field(default_factory=list)
    unformatted: bool = False
    mentions_value: bool = False


def read(text: str) -> Template:
    """Take a template apart."""
    found = Template()
    if text.count("{{") != text.count("}}"):
        found.faults.append("braces that are opened and closed differently often")
        return found
    open_blocks: list[tuple[str, str]] = []
    for match in _ACTION.finditer(text):
        _action(match[1], open_blocks, found)
    if open_blocks:
        found.faults.append(f"{open_blocks[-1][0]} without end")
    return found


def _action(action: str, blocks: list[tuple[str, str]], found: Template) -> None:
    word = action.split(maxsplit=1)[0] if action else ""
    if not action:
        found.faults.append("an empty action")
    elif word == "end":
        if not blocks:
            found.faults.append("end without a beginning")
        else:
            blocks.pop()
    elif word == "else":
        if not blocks:
            found.faults.append("else without a beginning")
    elif not action.startswith("/*"):
        _expression(action, blocks, found)
        if word in _OPENING:
            asked = next(iter(queries("{{" + action + "}}")), "")
            blocks.append((word, asked))


def _expression(action: str, blocks: list[tuple[str, str]], found: Template) -> None:
    plain = _STRING.sub('""', action)
    unknown = [word for word in _WORD.findall(plain) if word not in FUNCTIONS and word not in _OPENING]
    found.faults += [f"there is no function {word}" for word in unknown]
    own = {"$labels", "$value", "$externalLabels", "$externalURL", "$"}
    for variable in _VARIABLE.findall(plain):
        if variable not in own and f"{variable} :=" not in plain and not any(word == "range" for word, _ in blocks):
            found.faults.append(f"there is no variable {variable}")
    asked = next((query for _, query in reversed(blocks) if query), "")
    for holder, label in _LABEL.findall(plain):
        if holder == ".Labels" and asked:
            found.fetched.append((label, asked))
        else:
            found.labels.append(label)
    found.labels += _INDEXED.findall(action)
    if plain.startswith(("with", "if")):
        found.guarded |= {label for _, label in _LABEL.findall(plain)}
    if not asked and _PLAIN_VALUE.search(plain):
        found.mentions_value = True
        found.unformatted |= not _FORMATTING.search(plain) and not plain.startswith(("if", "with"))


def queries(text: str) -> Iterator[str]:
    """Yield what the actions of a template ask the server; of ``printf`` with what it puts in as ``"value"``."""
    for match in _ACTION.finditer(text):
        action = match[1]
        if not re.search(r"\bquery\b", _STRING.sub("", action)):
            continue
        texts = [each[1:-1] for each in _STRING.findall(action)]
        if texts:
            yield _PLACE.sub('"value"', texts[0].replace('\\"', '"').replace("\\\\", "\\"))
