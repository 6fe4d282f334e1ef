from __future__ import annotations

import contextlib
import errno
import glob
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.sources.globbing import is_glob, matches

NO_TEXT = os.fsdecode(b"\xff.jsonl")
FILES = ("a", "b", ".h", "x.jsonl", "y.jsonl", "[q]", "[", NO_TEXT)
FOLDERS = ("a", "b", "a-b", ".h", "..data", "d.jsonl", NO_TEXT)
PARTS = (
    "*",
    "**",
    "a*",
    "?",
    "[ab]",
    "[!a]",
    ".*",
    "*.jsonl",
    "*h",
    "[[]q]",
    "[",
    "a",
    "b",
    "x.jsonl",
    ".h",
    "..",
    ".",
)


@st.composite
def paths(draw: st.DrawFn) -> list[str]:
    folders = st.lists(st.sampled_from(FOLDERS), max_size=3)
    found = draw(st.lists(st.tuples(folders, st.sampled_from(FILES)), min_size=1, max_size=8))
    return ["/".join([*into, name]) for into, name in found]


@st.composite
def patterns(draw: st.DrawFn) -> str:
    parts = st.lists(st.sampled_from(PARTS), min_size=1, max_size=4).map("/".join)
    return draw(parts.filter(is_glob)) + draw(st.sampled_from(["", "", "", "/"]))


def make(path: str) -> None:
    with contextlib.suppress(FileExistsError, NotADirectoryError, IsADirectoryError):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).touch()


@contextlib.contextmanager
def tree(files: Iterable[str], linked: Iterable[str], links: Iterable[str]) -> Iterator[None]:
    """Files, and links into a folder that has none, so that there is no way round, as seen from the current folder."""
    with tempfile.TemporaryDirectory() as place:
        # Patterns with dots must not lead out.
        top = Path(place) / "1" / "2" / "3" / "4"
        top.mkdir(parents=True)
        with contextlib.chdir(top):
            for path in (*files, *(f"b/{path}" for path in linked)):
                make(path)
            targets = [top / folder for folder, _, _ in os.walk("b")]
            for number, link in enumerate(links):
                if not f"{link}/".startswith("b/"):
                    with contextlib.suppress(OSError):
                        Path(link).symlink_to(([*targets, Path("nowhere")])[number % (len(targets) + 1)])
            yield


def first_paths(found: Iterable[str]) -> dict[tuple[int, int], str]:
    first: dict[tuple[int, int], str] = {}
    for path in sorted(found):
        if os.path.isfile(path):  # noqa: PTH113 - Path forgets a slash at the end
            status = Path(path).stat()
            first.setdefault((status.st_dev, status.st_ino), path)
    return first


@settings(max_examples=80, deadline=None)
@given(paths(), paths(), paths(), st.lists(patterns(), min_size=1, max_size=8), st.booleans())
def test_matches_what_the_standard_library_matches(
    files: list[str], linked: list[str], links: list[str], asked: list[str], absolute: bool
) -> None:
    with tree(files, linked, links):
        for pattern in asked:
            whole = f"{glob.escape(str(Path.cwd()))}/{pattern}" if absolute else pattern
            errors: list[str] = []
            found, expected = list(matches(whole, errors)), glob.glob(whole, recursive=True)  # noqa: PTH207 - the oracle
            assert first_paths(found) == first_paths(expected), whole
            assert errors == []
            if "**" not in pattern:
                assert sorted(found) == sorted(expected), whole


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders that were looked into."""
    seen: list[str] = []
    real = os.scandir

    def counted(path: str) -> Any:
        seen.append(path)
        assert len(seen) < 100, "goes round in circles"
        return real(path)

    monkeypatch.setattr("exporter.sources.globbing.os.scandir", counted)
    return seen


def found(top: Path, pattern: str) -> list[str]:
    errors: list[str] = []
    paths = [os.path.relpath(path, top) for path in matches(f"{top}/{pattern}", errors)]
    assert errors == []
    return sorted(paths)


@pytest.mark.parametrize("pattern", ["n/**/*.jsonl", "**/*.jsonl", "n/**/**/*.jsonl", "**/n/**/*.jsonl"])
def test_links_that_lead_back_are_not_followed_for_ever(tmp_path: Path, looks: list[str], pattern: str) -> None:
    for path in ("n/a.jsonl", "n/x/b.jsonl"):
        make(f"{tmp_path}/{path}")
    for link, target in (("n/current", "."), ("n/latest", "."), ("n/x/up", ".."), ("n/x/top", "../../n")):
        (tmp_path / link).symlink_to(target)
    assert found(tmp_path, pattern) == ["n/a.jsonl", "n/x/b.jsonl"]
    assert len(looks) <= 8


def test_a_folder_with_two_names_is_looked_into_under_the_first(tmp_path: Path, looks: list[str]) -> None:
    make(f"{tmp_path}/m/k/a.jsonl")
    (tmp_path / "b").symlink_to("m")
    (tmp_path / "z").symlink_to("m")
    assert found(tmp_path, "**/*.jsonl") == ["b/k/a.jsonl"]
    assert len(looks) == 3


def test_the_first_name_is_the_first_in_the_order_of_paths(tmp_path: Path) -> None:
    make(f"{tmp_path}/z/x.jsonl")
    for link in ("a", "a-b"):
        (tmp_path / link).symlink_to("z")
    assert found(tmp_path, "**/*.jsonl") == [min("a/x.jsonl", "a-b/x.jsonl")] == ["a-b/x.jsonl"]


def test_patterns_at_the_root_of_everything() -> None:
    assert list(matches("/[p]roc", [])) == ["/proc"]
    assert list(matches("/[p]roc/self/stat", [])) == ["/proc/self/stat"]


def test_each_part_of_the_pattern_has_its_look_at_a_folder(tmp_path: Path) -> None:
    """Who comes to a folder with less of the pattern still to match than before finds more."""
    make(f"{tmp_path}/b/x/a.jsonl")
    (tmp_path / "a").symlink_to("b")
    assert found(tmp_path, "**/b/*/*.jsonl") == ["b/x/a.jsonl"]


def test_a_volume_of_kubernetes(tmp_path: Path) -> None:
    make(f"{tmp_path}/..2026_02_01/app.jsonl")
    make(f"{tmp_path}/..2026_02_01/d/app.jsonl")
    (tmp_path / "..data").symlink_to("..2026_02_01")
    (tmp_path / "app.jsonl").symlink_to("..data/app.jsonl")
    (tmp_path / "d").symlink_to("..data/d")
    assert found(tmp_path, "**/*.jsonl") == ["app.jsonl", "d/app.jsonl"]
    assert found(tmp_path, "..da*/*.jsonl") == ["..data/app.jsonl"]
    assert found(tmp_path, "..data/**/*.jsonl") == ["..data/app.jsonl", "..data/d/app.jsonl"]


def test_what_is_passed_over_does_not_stand_in_the_way_of_another_name(tmp_path: Path) -> None:
    make(f"{tmp_path}/ready/a.parquet")
    (tmp_path / "_current").symlink_to("ready")
    top = str(tmp_path)
    assert list(matches(f"{top}/**/*", [], lambda name: name.startswith("_"))) == [
        f"{top}/ready",
        f"{top}/ready/a.parquet",
    ]


@pytest.mark.parametrize("pattern", ["*", "*.jsonl", "**", "**/*", "a/*/x", "*/x", "x/**/y/*"])
def test_what_is_not_there_is_no_error(tmp_path: Path, pattern: str) -> None:
    make(f"{tmp_path}/file")
    for folder in ("nowhere", "file", "file/in"):
        assert found(tmp_path, f"{folder}/{pattern}") == []


@pytest.mark.parametrize("pattern", ["d/*.jsonl", "d/*", "*/*", "**/*.jsonl", "d/**", "**/d/*"])
def test_a_folder_that_cannot_be_listed_is_named_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    make(f"{tmp_path}/d/a.jsonl")
    real = os.scandir

    def guarded(path: str) -> Any:
        if path == f"{tmp_path}/d":
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real(path)

    monkeypatch.setattr("exporter.sources.globbing.os.scandir", guarded)
    errors: list[str] = []
    assert not [path for path in matches(f"{tmp_path}/{pattern}", errors) if path.endswith(".jsonl")]
    assert errors == [f"{tmp_path}/d: Input/output error"]


@pytest.mark.parametrize("call", ["stat", "lstat"])
def test_a_folder_that_cannot_be_entered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    make(f"{tmp_path}/d/a.jsonl")
    real = getattr(os, call)

    def guarded(path: str, **options: Any) -> Any:
        if str(path).startswith(f"{tmp_path}/d"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return real(path, **options)

    monkeypatch.setattr(f"exporter.sources.globbing.os.{call}", guarded)
    errors: list[str] = []
    pattern = "**/*.jsonl" if call == "stat" else "*/a.jsonl"
    assert list(matches(f"{tmp_path}/{pattern}", errors)) == []
    assert errors == [
        f"{tmp_path}/d: Permission denied" if call == "stat" else f"{tmp_path}/d/a.jsonl: Permission denied"
    ]


def test_a_listing_that_breaks_off_keeps_what_came_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(f"{tmp_path}/a.jsonl")
    real = os.scandir

    @contextlib.contextmanager
    def broken(path: str) -> Iterator[Iterator[os.DirEntry[str]]]:
        def entries() -> Iterator[os.DirEntry[str]]:
            with real(path) as inside:
                yield from inside
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))

        yield entries()

    monkeypatch.setattr("exporter.sources.globbing.os.scandir", broken)
    errors: list[str] = []
    assert list(matches(f"{tmp_path}/*.jsonl", errors)) == [f"{tmp_path}/a.jsonl"]
    assert errors == [f"{tmp_path}: {os.strerror(errno.ESTALE)}"]


def test_a_link_to_itself_is_named_where_a_folder_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "self").symlink_to("self")
    errors: list[str] = []
    assert list(matches(f"{tmp_path}/*/a", errors)) == []
    assert errors == [f"{tmp_path}/self: {os.strerror(errno.ELOOP)}"]
