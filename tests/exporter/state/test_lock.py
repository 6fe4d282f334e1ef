from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from exporter.state.lock import Lock
from exporter.state.problem import StateError


def test_it_remembers_how_far_a_state_had_come(tmp_path: Path) -> None:
    first = Lock(tmp_path)
    assert (first.was_used, first.identity, first.commits) == (False, None, 0)
    first.remember(7, 3)
    first.remember(0xFFFF_FFFF_FFFF_FFFF, 12)
    first.close()
    again = Lock(tmp_path)
    assert (again.was_used, again.identity, again.commits) == (True, 0xFFFF_FFFF_FFFF_FFFF, 12)
    again.close()


@pytest.mark.parametrize("text", ["state", "state 00 commits x\n", "\x00\xff\n"])
def test_a_note_that_cannot_be_read_says_only_that_there_was_one(tmp_path: Path, text: str) -> None:
    (tmp_path / "lock").write_text(text, encoding="latin-1")
    lock = Lock(tmp_path)
    assert (lock.was_used, lock.identity, lock.commits) == (True, None, 0)
    lock.remember(1, 2)
    lock.close()
    again = Lock(tmp_path)
    assert again.commits == 2
    again.close()


def test_it_has_one_owner(tmp_path: Path) -> None:
    lock = Lock(tmp_path)
    with pytest.raises(StateError, match="another exporter uses this state"):
        Lock(tmp_path)
    lock.close()
    Lock(tmp_path).close()


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/null")])
def test_what_is_no_regular_file_is_no_lock(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "lock")
    before = list(Path("/proc/self/fd").iterdir())
    with pytest.raises(StateError, match=r"/lock: is no regular file; move it away"):
        Lock(tmp_path)
    assert list(Path("/proc/self/fd").iterdir()) == before


def test_a_note_is_not_read_beyond_what_was_ever_written(tmp_path: Path) -> None:
    (tmp_path / "lock").touch()
    os.truncate(tmp_path / "lock", 2**40)
    lock = Lock(tmp_path)
    assert (lock.was_used, lock.identity) == (True, None)
    lock.close()
