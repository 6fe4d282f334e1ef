"""What of a dashboard is its content, and what a server only adds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

Document = dict[str, Any]
ASSIGNED = frozenset({"id", "uid", "version", "iteration"})


def canonical(document: Mapping[str, Any]) -> Document:
    """Return a dashboard without what a server assigns, nulls left out and whole numbers written as such.

    >>> canonical({"id": 5, "version": 3, "title": "A", "panels": [{"id": 1, "max": 1.0, "min": None}]})
    {'title': 'A', 'panels': [{'id': 1, 'max': 1}]}
    """
    return {key: _plain(value) for key, value in document.items() if key not in ASSIGNED and value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def text_of(document: Mapping[str, Any]) -> str:
    """Return the content as lines that can be compared."""
    return json.dumps(canonical(document), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def sum_of(document: Mapping[str, Any]) -> str:
    return sha256(text_of(document).encode()).hexdigest()[:12]


def essence(document: Mapping[str, Any]) -> Document:
    """Return what nobody may change on the way: the title, and each panel with its queries."""
    panels = {str(each.get("id")): [each.get("type"), _queries(each)] for each in _panels(document)}
    return {"title": document.get("title"), "panels": panels}


def _panels(holder: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for panel in holder.get("panels") or ():
        yield panel
        yield from _panels(panel)


def _queries(panel: Mapping[str, Any]) -> list[Any]:
    return [target.get("expr") for target in panel.get("targets") or ()]


def differences(sent: Any, served: Any, path: str = "") -> Iterator[str]:
    """Yield the places where two documents differ.

    >>> list(differences({"a": [1, {"b": 2}], "c": 3}, {"a": [1, {"b": 4}], "d": 3}))
    ['a/1/b', 'c', 'd']
    """
    pairs: Mapping[Any, tuple[Any, Any]] = {}
    if isinstance(sent, dict) and isinstance(served, dict):
        pairs = {key: (sent.get(key), served.get(key)) for key in sorted(sent.keys() | served.keys())}
    elif isinstance(sent, list) and isinstance(served, list) and len(sent) == len(served):
        pairs = dict(enumerate(zip(sent, served, strict=True)))
    elif sent != served:
        yield path
    for key, (one, other) in pairs.items():
        yield from differences(one, other, f"{path}/{key}".lstrip("/"))
