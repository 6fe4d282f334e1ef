from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from exporter.regular_file import IrregularFileError, content_of, descriptor_of, opened
from tests.exporter.pipes import pipe

MIB = 2**20


def descriptors() -> list[str]:
    return sorted(path.name for path in Path("/proc/self/fd").iterdir())


def test_a_regular_file_is_read_also_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"text")
    (tmp_path / "link").symlink_to("file")
    assert content_of(tmp_path / "file", MIB) == b"text"
    assert content_of(tmp_path / "link", MIB) == b"text"
    with opened(tmp_path / "link") as file:
        assert file.read(2) == b"te"


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    with pipe(tmp_path / "pipe") as path, pytest.raises(IrregularFileError, match=r"is no regular file.*pipe"):
        descriptor_of(path)


@pytest.mark.parametrize("flags", [os.O_RDONLY, os.O_RDWR, os.O_RDWR | os.O_CREAT])
def test_so_is_a_device_and_a_link_to_it(tmp_path: Path, flags: int) -> None:
    (tmp_path / "link").symlink_to("/dev/null")
    for path in (Path("/dev/null"), tmp_path / "link"):
        with pytest.raises(IrregularFileError, match="is no regular file"):
            descriptor_of(path, flags)


def test_so_is_a_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The name of a socket must be short.
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as channel:
        channel.bind("socket")
        with pytest.raises(IrregularFileError, match="is no regular file"):
            descriptor_of(Path("socket"))


def test_what_took_the_place_of_a_file_before_it_was_opened_is_refused_and_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    regular, before = Path(__file__).stat(), descriptors()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "stat", lambda _: regular)
        with pytest.raises(IrregularFileError):
            descriptor_of(Path("/dev/null"))
    assert descriptors() == before


def test_a_folder_and_what_is_not_there_are_called_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        content_of(tmp_path, MIB)
    with pytest.raises(FileNotFoundError):
        content_of(tmp_path / "none", MIB)


def test_no_more_is_read_than_allowed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(MIB))
    assert len(content_of(path, MIB)) == MIB
    # Sparse: it would not fit into any memory.
    os.truncate(path, 2**40)
    with pytest.raises(OSError, match="is larger than 1 MiB"):
        content_of(path, MIB)


def test_what_is_made_is_its_owners_alone_and_not_inherited(tmp_path: Path) -> None:
    descriptor = descriptor_of(tmp_path / "file", os.O_RDWR | os.O_CREAT)
    try:
        assert stat.S_IMODE(os.fstat(descriptor).st_mode) == 0o600
        assert not os.get_inheritable(descriptor)
    finally:
        os.close(descriptor)
