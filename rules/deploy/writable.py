"""Whether files can be replaced at once, found out before anything is changed."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from rules.deploy.failure import DeployError, Exit


def need(files: Iterable[Path], folders: Iterable[Path], state: Path) -> None:
    """Raise DeployError if a file is a link, or a folder is not there, not ours to write in, or on another file system."""
    for path in files:
        if path.is_symlink():
            message = f"{path} is a link: deploy to where it points, whoever made it would not notice"
            raise DeployError(Exit.UNWRITABLE, message)
    # Nothing is made in a dry run, so the folder that is to be there is asked.
    there = state if state.exists() else state.parent
    for folder in (*folders, there):
        if not os.access(folder, os.W_OK | os.X_OK, effective_ids=True):
            raise DeployError(Exit.UNWRITABLE, f"{folder}: it is not there, or files cannot be written in it")
        if folder.stat().st_dev != (there if there.exists() else folder).stat().st_dev:
            message = f"{folder} and {there} have to be on one file system: only there files are replaced at once"
            raise DeployError(Exit.UNWRITABLE, message)
