"""Files that are made from code: which are not as they should be, and making them so."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

Stale = tuple[Path, str | None]
"""A file, and what it should hold; None: nothing, it should go."""


def stale(folder: Path, pattern: str, wanted: Mapping[str, str]) -> list[Stale]:
    """Return the files that are not as they should be; of those that match ``pattern``, none but ``wanted`` may be there."""
    strange: list[Stale] = [(path, None) for path in sorted(folder.glob(pattern)) if path.name not in wanted]
    paths = ((folder / name, text) for name, text in wanted.items())
    return [*strange, *((path, text) for path, text in paths if not path.exists() or path.read_text("utf-8") != text)]


def settle(files: Sequence[Stale], *, check: bool) -> int:
    """Say which files are stale and, unless they are only checked, write them; return the exit status."""
    for path, text in files:
        done = "out of date" if check else "removed" if text is None else "written"
        sys.stdout.write(f"{path}: {done}\n")
        if not check:
            _replace(path, text)
    return int(check and bool(files))


def _replace(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink()
    else:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
