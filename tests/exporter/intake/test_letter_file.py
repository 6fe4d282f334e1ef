from __future__ import annotations

import errno
import os
import resource
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.intake.letter_file import LetterFile

SIZE = 100


def lines_of(path: Path, files: int) -> list[bytes]:
    """Return all lines that are kept, the oldest first."""
    names = [path, *(Path(f"{path}.{number}") for number in range(1, files))]
    return [line for name in reversed(names) if name.exists() for line in name.read_bytes().splitlines()]


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """Let writing fail as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


@given(
    st.lists(st.lists(st.integers(1, SIZE - 1).map(lambda length: b"x" * length), max_size=5), max_size=8),
    st.integers(1, 3),
)
def test_the_newest_lines_are_kept_within_the_bounds(additions: list[list[bytes]], files: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "letters"
        file = LetterFile(path, SIZE, files)
        for number, lines in enumerate(additions):
            file.add([bytes([number % 10 + 48]) + line[1:] for line in lines])
        said = [bytes([n % 10 + 48]) + line[1:] for n, lines in enumerate(additions) for line in lines]
        kept = lines_of(path, files)
        assert kept == said[len(said) - len(kept) :]
        assert len(kept) == len(said) or sum(map(len, kept)) > (files - 1) * SIZE // 2
        assert all(found.stat().st_size <= SIZE for found in Path(folder).iterdir())
        assert len(list(Path(folder).iterdir())) <= files


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_only_the_owner_can_read_it(tmp_path: Path, umask: int) -> None:
    path = tmp_path / "letters"
    before = os.umask(umask)
    try:
        for _ in range(3):
            LetterFile(path, SIZE, 2).add([b"x" * 60])
    finally:
        os.umask(before)
    assert {stat.S_IMODE(found.stat().st_mode) for found in tmp_path.iterdir()} == {0o600}


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "letters"
    path.write_bytes(b"")
    path.chmod(0o644)
    LetterFile(path, SIZE, 2).add([b"one"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_line_that_a_crash_left_unfinished_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "letters"
    path.write_bytes(b"one\ntw")
    LetterFile(path, SIZE, 2).add([b"three"])
    assert path.read_bytes() == b"one\ntw\nthree\n"


def test_a_full_disk_leaves_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "letters"
    file = LetterFile(path, 10_000, 2)
    file.add([b"one"])
    with files_no_larger_than(10), pytest.raises(OSError) as caught:
        file.add([b"two", b"three"])
    assert caught.value.errno == errno.EFBIG
    file.add([b"four"])
    assert path.read_bytes() == b"one\nfour\n"


def test_what_is_no_file_is_not_written_to(tmp_path: Path) -> None:
    """A pipe without a reader would stop the exporter, and a link in a folder of others lead to any file."""
    pipe, link, target = tmp_path / "pipe", tmp_path / "link", tmp_path / "target"
    os.mkfifo(pipe)
    target.write_bytes(b"mine")
    link.symlink_to(target)
    for path in (pipe, link, tmp_path, tmp_path / "not there" / "letters", Path("/dev/full")):
        with pytest.raises(OSError):
            LetterFile(path, SIZE, 2).add([b"one"])
    assert target.read_bytes() == b"mine"
    assert sorted(found.name for found in tmp_path.iterdir()) == ["link", "pipe", "target"]


def test_it_may_be_taken_away_at_any_time(tmp_path: Path) -> None:
    path = tmp_path / "letters"
    file = LetterFile(path, SIZE, 2)
    file.add([b"one"])
    path.rename(tmp_path / "taken")
    file.add([b"two"])
    assert path.read_bytes() == b"two\n"
