"""Exit codes, the same for all commands."""

from __future__ import annotations

OK = 0
FAILED = 1
"""Something failed while working."""
WRONG = 2
"""The configuration, the reference or the arguments are wrong."""
INTERRUPTED = 130
"""Ended with Ctrl-C, as a shell would say it."""
