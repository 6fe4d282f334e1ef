"""Files that are made from code: what is not as it should be is said, and mended unless it is only checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.generated_files import settle, stale

WANTED = {"same.yml": "ä\n", "other.yml": "new\n", "absent.yml": "x\n"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {"same.yml": "ä\n", "other.yml": "old\n", "stray.yml": "?\n", "beside.txt": "ours\n"}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def found(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def test_what_differs_is_absent_or_does_not_belong_there_is_stale(folder: Path) -> None:
    assert stale(folder, "*.yml", WANTED) == [
        (folder / "stray.yml", None),
        (folder / "other.yml", "new\n"),
        (folder / "absent.yml", "x\n"),
    ]


def test_a_check_says_so_and_changes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = found(folder)
    assert settle(stale(folder, "*.yml", WANTED), check=True) == 1
    assert found(folder) == before
    assert capsys.readouterr().out.splitlines() == [
        f"{folder / name}: out of date" for name in ("stray.yml", "other.yml", "absent.yml")
    ]


def test_writing_makes_them_so_and_leaves_others_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert settle(stale(folder, "*.yml", WANTED), check=False) == 0
    assert found(folder) == {**WANTED, "beside.txt": "ours\n"}
    assert f"{folder / 'stray.yml'}: removed\n" in capsys.readouterr().out
    assert (stale(folder, "*.yml", WANTED), settle([], check=True)) == ([], 0)


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    settle(stale(tmp_path / "generated", "*.json", {"a.json": "{}\n"}), check=False)
    assert found(tmp_path / "generated") == {"a.json": "{}\n"}
