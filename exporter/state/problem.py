"""What can be wrong with a state."""

from __future__ import annotations


class StateError(Exception):
    """The state cannot be used; the message says why and what to do."""


class StateLostError(StateError):
    """The state has lost what was committed while it was in use: to go on would mix old figures with new ones."""


class DamagedStateError(Exception):
    """Bytes of the state are not what was written."""
