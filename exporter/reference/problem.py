"""What is wrong with a reference."""

from __future__ import annotations

import re

_LINE_END = re.compile(r"\s*[\r\n]\s*")


class ReferenceProblem(Exception):  # noqa: N818 (a problem of the data, which the user can solve)
    """Training data or a profile that cannot be used; the text says where, why and what to do."""

    def __init__(self, text: str) -> None:
        # Arrow's own messages have several lines.
        super().__init__(_LINE_END.sub(" ", text.rstrip()))
