"""The mark of a dashboard that we deployed: the last line of its description, by which a change by hand is noticed.

A description outlives everything that happens to a dashboard: both APIs keep it, and so does Grafana when it converts a
dashboard to another schema; annotations of an object and messages of a version are kept by some versions, by others not.
There are two sums in it: of what was sent, and of what the server made of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboards.deploy.content import Document, sum_of

_LINE = "Deployed by Driftbell as {sent}/{served}: the next deployment notices what is changed here."
_PATTERN = re.compile(r"\s*Deployed by Driftbell as ([0-9a-f]{12})/([0-9a-f]{12}): [^\n]*\s*$")


@dataclass(frozen=True, slots=True)
class Seal:
    sent: str
    served: str


def sealed(document: Mapping[str, Any], served: str = "") -> Document:
    """Return a dashboard with a seal instead of the one that it may have; ``served`` is the sum of what became of it.

    >>> sealed({"title": "A", "description": "All."})["description"].splitlines()[0]
    'All.'
    """
    bare = without(document)
    sent = sum_of(bare)
    line = _LINE.format(sent=sent, served=served or sent)
    return {**bare, "description": f"{bare.get('description', '')}\n\n{line}".lstrip()}


def without(document: Mapping[str, Any]) -> Document:
    bare = dict(document)
    description = _PATTERN.sub("", str(bare.pop("description", None) or ""))
    return {**bare, **({"description": description} if description else {})}


def seal_of(document: Mapping[str, Any]) -> Seal | None:
    """Return the seal, None if nobody deployed the dashboard, or somebody wrote another description."""
    found = _PATTERN.search(str(document.get("description") or ""))
    return Seal(found[1], found[2]) if found else None


def is_genuine(document: Mapping[str, Any]) -> bool:
    """Say whether a dashboard is as we left it.

    >>> is_genuine(sealed({"title": "A"})), is_genuine(sealed({"title": "A"}) | {"title": "B"}), is_genuine({"title": "A"})
    (True, False, False)
    """
    seal = seal_of(document)
    return seal is not None and seal.served == sum_of(without(document))
