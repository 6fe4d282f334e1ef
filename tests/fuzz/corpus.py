"""Inputs that are kept: good ones to begin with, and each that a parser once stumbled over."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent / "corpus"


def kept(target: str) -> dict[str, bytes]:
    """Return the inputs of a target by name."""
    return {path.stem: path.read_bytes() for path in sorted((FOLDER / target).glob("*.bin"))}
