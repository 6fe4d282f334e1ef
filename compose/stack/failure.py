"""Why the stack cannot go on."""

from __future__ import annotations

FAILED, NOT_STARTED = 1, 2


class StackError(Exception):
    """``code`` is the exit code: FAILED when a part of it failed, NOT_STARTED when it could not be begun as asked."""

    def __init__(self, message: str, code: int = FAILED) -> None:
        super().__init__(message)
        self.code = code
