"""What is wrong with a reference."""

from __future__ import annotations


class ReferenceProblem(Exception):  # noqa: N818 (a problem of the data, which the user can solve)
    """Training data or a profile that cannot be used; the text says where, why and what to do."""
