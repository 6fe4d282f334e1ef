from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from exporter.reference import cache
from exporter.reference.cache import load_or_build
from exporter.reference.options import ProfileOptions
from exporter.reference.problem import ReferenceProblem
from exporter.reference.serialisation import to_bytes
from exporter.reference.table import read_table
from tests.exporter.pipes import pipe

OPTIONS = ProfileOptions("regression", "p", label="y")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "training data.csv"
    path.write_text("x,day,p,y\n1,2024-01-01,1,2\n2,2024-01-02,3,4\n")
    return path


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The paths that were really profiled."""
    seen: list[Path] = []

    def counting(path: Path, *rest: object) -> object:
        seen.append(path)
        return read_table(path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(cache, "read_table", counting)
    return seen


def test_the_second_load_builds_nothing_and_warns_alike(data: Path, tmp_path: Path, builds: list[Path]) -> None:
    first = load_or_build(data, OPTIONS, tmp_path / "cache")
    second = load_or_build(data, OPTIONS, tmp_path / "cache")
    assert len(builds) == 1
    assert to_bytes(first[0]) == to_bytes(second[0])
    assert first[1] == second[1]
    assert "'day' is ignored" in first[1][0]
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_other_content_or_options_build_anew(data: Path, tmp_path: Path, builds: list[Path]) -> None:
    load_or_build(data, OPTIONS, tmp_path / "cache")
    load_or_build(data, ProfileOptions("regression", "p", label="y", psi_bins=5), tmp_path / "cache")
    data.write_text(data.read_text() + "3,2024-01-03,3,4\n")
    profile, _ = load_or_build(data, OPTIONS, tmp_path / "cache")
    assert len(builds) == 3
    assert profile.rows == 3


def test_without_a_cache_nothing_is_written(data: Path, tmp_path: Path, builds: list[Path]) -> None:
    load_or_build(data, OPTIONS, None)
    load_or_build(data, OPTIONS, None)
    assert len(builds) == 2
    assert list(tmp_path.iterdir()) == [data]


@pytest.mark.parametrize("damage", [b"", b"garbage", b"[]\n{}", b'{"a": 1}\n'])
def test_a_damaged_entry_is_built_again_with_a_warning(
    data: Path, tmp_path: Path, builds: list[Path], damage: bytes
) -> None:
    expected, _ = load_or_build(data, OPTIONS, tmp_path / "cache")
    entry = next((tmp_path / "cache").iterdir())
    entry.write_bytes(damage)
    profile, warnings = load_or_build(data, OPTIONS, tmp_path / "cache")
    assert profile.hash == expected.hash
    assert f"{entry}: the cached profile" in warnings[0]
    assert len(builds) == 2
    assert not any("cached" in warning for warning in load_or_build(data, OPTIONS, tmp_path / "cache")[1])
    assert len(builds) == 2


def test_a_cache_that_cannot_be_written_is_a_warning(data: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file, not a folder")
    profile, warnings = load_or_build(data, OPTIONS, tmp_path / "cache")
    assert profile.rows == 2
    assert any("cannot be kept" in warning for warning in warnings)


def test_a_failed_write_leaves_nothing_behind(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    _, warnings = load_or_build(data, OPTIONS, tmp_path / "cache")
    assert any("No space left" in warning for warning in warnings)
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_ready_profile_is_loaded_as_it_is(data: Path, tmp_path: Path, builds: list[Path]) -> None:
    expected, _ = load_or_build(data, OPTIONS, None)
    ready = tmp_path / "reference.json"
    ready.write_bytes(to_bytes(expected))
    profile, warnings = load_or_build(ready, ProfileOptions("regression"), tmp_path / "cache")
    assert profile.hash == expected.hash
    assert warnings == ()
    assert builds == [data]


def test_a_ready_profile_of_another_task_is_refused(data: Path, tmp_path: Path) -> None:
    ready = tmp_path / "reference.json"
    ready.write_bytes(to_bytes(load_or_build(data, OPTIONS, None)[0]))
    with pytest.raises(ReferenceProblem, match=r"reference\.json: the profile was built with task 'regression'"):
        load_or_build(ready, ProfileOptions("binary"), None)


def test_a_ready_profile_that_was_changed_is_refused_by_name(data: Path, tmp_path: Path) -> None:
    document = json.loads(to_bytes(load_or_build(data, OPTIONS, None)[0])) | {"rows": 3}
    ready = tmp_path / "reference.json"
    ready.write_text(json.dumps(document))
    with pytest.raises(ReferenceProblem, match=r"reference\.json: the profile was changed"):
        load_or_build(ready, OPTIONS, None)


def test_problems_name_the_file_once(data: Path, tmp_path: Path) -> None:
    with pytest.raises(ReferenceProblem) as caught:
        load_or_build(data, ProfileOptions("regression", "q"), tmp_path / "cache")
    assert str(caught.value).count(str(data)) == 1
    with pytest.raises(ReferenceProblem, match="No such file or directory; check the reference's path"):
        load_or_build(tmp_path / "gone.csv", OPTIONS, tmp_path / "cache")
    data.write_text("")
    with pytest.raises(ReferenceProblem) as caught:
        load_or_build(data, OPTIONS, tmp_path / "cache")
    assert str(caught.value).count(str(data)) == 1


@pytest.mark.parametrize("has_cache", [False, True])
def test_what_is_no_regular_file_is_refused_and_not_waited_for(tmp_path: Path, *, has_cache: bool) -> None:
    with pipe(tmp_path / "pipe.csv") as path, pytest.raises(ReferenceProblem) as caught:
        load_or_build(path, OPTIONS, tmp_path / "cache" if has_cache else None)
    assert str(caught.value) == f"{path}: cannot be read: is no regular file; check the reference's path"


def test_an_entry_that_is_no_regular_file_is_built_again(data: Path, tmp_path: Path, builds: list[Path]) -> None:
    load_or_build(data, OPTIONS, tmp_path / "cache")
    (entry,) = (tmp_path / "cache").iterdir()
    entry.unlink()
    with pipe(entry):
        _, warnings = load_or_build(data, OPTIONS, tmp_path / "cache")
    assert "is no regular file" in warnings[0]
    assert len(builds) == 2
    assert entry.is_file()


def test_a_problem_is_told_in_one_line(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    path = tmp_path / "torn.parquet"
    parquet.write_table(pa.table({"x": range(1000)}), path, use_dictionary=False)
    content = bytearray(path.read_bytes())
    content[4:200] = b"\xff" * 196
    path.write_bytes(content)
    with pytest.raises(OSError, match="\n"):
        parquet.read_table(path)
    with pytest.raises(ReferenceProblem) as caught:
        load_or_build(path, OPTIONS, None)
    assert str(caught.value).startswith(f"{path}: ")
    assert str(caught.value).splitlines() == [str(caught.value)]
