"""Go templates as Alertmanager fills them in: which others they call, what they ask of a notification, what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_ACTION = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|`[^`]*`')
_WORD = re.compile(r"(?<![.$\w\"])[A-Za-z_]\w*")
_CHAIN = re.compile(r"(?:\$[A-Za-z_]\w*|\$)?((?:\.[A-Za-z_]\w*)+)")
_CALL = re.compile(r'(?:template|define|block)\s+"([^"]+)"')
_INDEXED = re.compile(r'index\s+(\S*)\.(\w+)\s+"([^"]+)"')
_OPENING = ("if", "range", "with", "define", "block")

_GO = "and or not len index slice print printf println html js urlquery eq ne lt le gt ge call true false nil"
_OF_0_25 = "toUpper toLower title join match safeHtml reReplaceAll stringSlice"
FUNCTIONS = frozenset([*_GO.split(), *_OF_0_25.split()])
_WORDS = frozenset({*_OPENING, "template", "end", "else", "break", "continue"})

_NOTIFICATION = "Receiver Status Alerts GroupLabels CommonLabels CommonAnnotations ExternalURL"
_ALERT = "Labels Annotations StartsAt EndsAt GeneratorURL Fingerprint Firing Resolved"
_PAIRS = frozenset({"SortedPairs", "Remove", "Names", "Values"})
# Of a pair of SortedPairs, and of Go's times and durations.
_OTHERS = (
    "Name Value UTC Local Format Unix Year Month Day Hour Minute Sub Seconds Minutes Hours String Before After IsZero"
)
FIELDS = frozenset([*_NOTIFICATION.split(), *_ALERT.split(), *_OTHERS.split(), *_PAIRS])
_LABELS = frozenset({"Labels", "GroupLabels", "CommonLabels"})
_ANNOTATIONS = frozenset({"Annotations", "CommonAnnotations"})


@dataclass(slots=True)
class Template:
    """``faults`` are its own; ``labels`` and ``annotations`` are what it shows."""

    defined: list[str] = field(default_factory=list)
    called: list[str] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)
    annotations: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


def read(text: str) -> Template:
    """Take a template apart.

    >>> read('{{ with .Labels.owner }}{{ . }}')
    Template(defined=[], called=[], labels={'owner'}, annotations=set(), faults=['with without end'])
    """
    found = Template()
    bare = _ACTION.sub("", text)
    if "{{" in bare or "}}" in bare:
        found.faults.append("braces that are opened and closed differently often")
        return found
    blocks: list[str] = []
    for match in _ACTION.finditer(text):
        action = match[1]
        if action.startswith("/*"):
            if not action.endswith("*/"):
                found.faults.append("a comment without end")
            continue
        _blocks(action, blocks, found)
        _names(action, found)
    if blocks:
        found.faults.append(f"{blocks[-1]} without end")
    return found


def definitions(text: str) -> dict[str, str]:
    """Return the bodies of the templates that a text defines.

    >>> definitions('{{ define "a" }}x{{ if .Status }}y{{ end }}{{ end }}z')
    {'a': 'x{{ if .Status }}y{{ end }}'}
    """
    found: dict[str, str] = {}
    stack: list[tuple[str, str, int]] = []
    for match in _ACTION.finditer(text):
        word = match[1].split(maxsplit=1)[0] if match[1] else ""
        if word in _OPENING:
            name = next(iter(_CALL.findall(match[1])), "") if word in ("define", "block") else ""
            stack.append((word, name, match.end()))
        elif word == "end" and stack:
            _, name, start = stack.pop()
            if name:
                found[name] = text[start : match.start()]
    return found


def _blocks(action: str, blocks: list[str], found: Template) -> None:
    word = action.split(maxsplit=1)[0] if action else ""
    if not action:
        found.faults.append("an empty action")
    elif word in ("end", "else"):
        if not blocks:
            found.faults.append(f"{word} without a beginning")
        elif word == "end":
            blocks.pop()
    elif word in _OPENING:
        blocks.append(word)


def _names(action: str, found: Template) -> None:
    for name in _CALL.findall(action):
        (found.called if action.startswith("template") else found.defined).append(name)
    plain = _STRING.sub('""', action)
    found.faults += [
        f"there is no function {word}" for word in _WORD.findall(plain) if word not in FUNCTIONS and word not in _WORDS
    ]
    for chain in _CHAIN.findall(plain):
        found.faults += _chain(chain[1:].split("."), found)
    for _, holder, name in _INDEXED.findall(action):
        (found.labels if holder in _LABELS else found.annotations).add(name)


def _chain(names: list[str], found: Template) -> Iterator[str]:
    before = ""
    for name in names:
        if before in _LABELS and name not in _PAIRS:
            found.labels.add(name)
        elif before in _ANNOTATIONS and name not in _PAIRS:
            found.annotations.add(name)
        elif name not in FIELDS:
            yield f"a notification has no {'.'.join(names)}"
        before = name
