"""What may be read is confined to some folders: when a path is written, when it is listed and when it is opened."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from exporter.cli import main
from exporter.configuration import ConfigurationError, load
from exporter.sources import SOURCES, Source, SourceError, reach

LINE = b'{"timestamp": "2026-01-01T00:00:00Z"}\n'


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder with an `allowed` one, which is all that may be read, and one with a `secret` beside it."""
    for name in ("allowed", "allowed-not", "outside"):
        (tmp_path / name).mkdir()
    (tmp_path / "allowed" / "own.jsonl").write_bytes(LINE)
    for name in ("outside", "allowed-not"):
        (tmp_path / name / "secret.jsonl").write_bytes(LINE)
    reach.confine([tmp_path / "allowed"])
    yield tmp_path
    reach.confine([])


def escapes(place: Path) -> dict[str, str]:
    """Ways out: what is written, and what it is."""
    allowed, outside = place / "allowed", place / "outside"
    (allowed / "link.jsonl").symlink_to(outside / "secret.jsonl")
    (allowed / "relative.jsonl").symlink_to("../outside/secret.jsonl")
    (allowed / "folder").symlink_to(outside)
    (allowed / "chain").symlink_to("folder")
    (allowed / "real").mkdir()
    return {
        "absolute": str(outside / "secret.jsonl"),
        "dots": str(allowed / ".." / "outside" / "secret.jsonl"),
        "a neighbour of the same beginning": str(place / "allowed-not" / "secret.jsonl"),
        "a link": str(allowed / "link.jsonl"),
        "a relative link": str(allowed / "relative.jsonl"),
        "a linked folder": str(allowed / "folder"),
        "a link in the middle": str(allowed / "folder" / "secret.jsonl"),
        "a link to a link": str(allowed / "chain" / "secret.jsonl"),
        "a glob": str(allowed / "li*.jsonl"),
        "a glob for a linked folder": str(allowed / "fold*" / "*.jsonl"),
        "dots behind a glob": str(allowed / "re*l" / ".." / ".." / "outside" / "*.jsonl"),
    }


WAYS = (
    "absolute",
    "dots",
    "a neighbour of the same beginning",
    "a link",
    "a relative link",
    "a linked folder",
    "a link in the middle",
    "a link to a link",
    "a glob",
    "a glob for a linked folder",
    "dots behind a glob",
)


def source(*paths: str, format: str = "jsonl", **options: object) -> Source[object]:  # noqa: A002 - as it is called
    more = {} if format == "parquet" else {"line_bytes": 1000}
    return SOURCES[format]("log", paths, **more, **options)


@pytest.mark.parametrize("way", WAYS)
def test_there_is_no_way_out(place: Path, way: str) -> None:
    with pytest.raises(SourceError, match=r"lies outside of the folders that --files.root allows"):
        source(escapes(place)[way]).poll({})


def test_what_is_inside_is_read_beside_what_is_not(place: Path) -> None:
    escapes(place)
    reader = source(str(place / "allowed"))
    batch = reader.poll({})
    assert batch is not None
    assert batch.payload == [LINE.strip()]
    with pytest.raises(SourceError, match=r"link\.jsonl: lies outside"):
        reader.poll(batch.cursor)


def test_links_within_are_followed(place: Path) -> None:
    # As Kubernetes swaps the files of a volume.
    (place / "allowed" / "v1").mkdir()
    (place / "allowed" / "v1" / "a.jsonl").write_bytes(LINE * 2)
    (place / "allowed" / "data").symlink_to("v1")
    (place / "allowed" / "a.jsonl").symlink_to("data/a.jsonl")
    batch = source(str(place / "allowed" / "a.jsonl")).poll({})
    assert batch is not None
    assert batch.payload == [LINE.strip()] * 2


def test_a_root_may_be_a_link_itself_and_the_root_of_everything(place: Path) -> None:
    (place / "logs").symlink_to("allowed")
    for root in (place / "logs", Path("/")):
        reach.confine([root])
        assert source(str(place / "logs" / "own.jsonl")).poll({}) is not None


def test_several_roots(place: Path) -> None:
    reach.confine([place / "allowed", place / "outside"])
    assert source(str(place / "outside" / "secret.jsonl")).poll({}) is not None
    assert not reach.is_within(place / "allowed-not")


@pytest.mark.parametrize("format", ["jsonl", "parquet"])
def test_a_link_that_is_swapped_between_looking_and_opening_leads_nowhere(
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    format: str,  # noqa: A002 - as it is called
) -> None:
    """An attacker who owns the folder of logs: the name is in order when it is looked at."""
    target = place / "outside" / f"secret.{format}"
    if format == "parquet":
        parquet.write_table(pa.table({"timestamp": [1]}), target)
    path = place / "allowed" / f"own.{format}"
    path.unlink(missing_ok=True)
    # A hard link to it looks like it and is nowhere else.
    os.link(target, place / "allowed" / "hard")
    path.symlink_to("hard")
    within = reach.is_within

    def then_swap(looked_at: str | Path) -> bool:
        found = within(looked_at)
        path.unlink()
        path.symlink_to(target)
        return found

    monkeypatch.setattr(reach, "is_within", then_swap)
    with pytest.raises(SourceError, match="lies outside of the folders"):
        source(str(path), format=format).poll({})


def test_what_was_opened_is_closed_again(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "is_within", lambda _: True)
    before = list(Path("/proc/self/fd").iterdir())
    with pytest.raises(SourceError, match="lies outside"):
        source(str(place / "outside" / "secret.jsonl")).poll({})
    assert len(list(Path("/proc/self/fd").iterdir())) == len(before)


def test_a_log_that_was_begun_and_is_gone_is_still_read(place: Path) -> None:
    path = place / "allowed" / "own.jsonl"
    reader = source(str(path))
    first = reader.poll({})
    assert first is not None
    with path.open("ab") as log:
        path.unlink()
        log.write(LINE)
        log.flush()
        second = reader.poll(first.cursor)
    assert second is not None
    assert second.payload == [LINE.strip()]


CONFIGURATION = "models:\n  m:\n    task: binary\n    predictions: {predictions}\n{more}"


@pytest.mark.parametrize("way", [way for way in WAYS if "glob" not in way])
@pytest.mark.parametrize("key", ["predictions", "labels", "reference"])
def test_a_configuration_that_reaches_too_far_is_refused_at_its_line(place: Path, way: str, key: str) -> None:
    path = escapes(place)[way]
    more = "" if key == "predictions" else f"    {key}: {path}\n"
    own = path if key == "predictions" else "allowed/own.jsonl"
    (place / "d.yml").write_text(CONFIGURATION.format(predictions=own, more=more))
    with pytest.raises(ConfigurationError) as refused:
        load(place / "d.yml")
    (problem,) = refused.value.problems
    assert problem.line == (4 if key == "predictions" else 5)
    assert "lies outside of the folders that --files.root allows" in problem.message
    assert problem.hint == f"it allows {place / 'allowed'}"


def test_the_state_may_be_elsewhere(place: Path) -> None:
    text = CONFIGURATION.format(predictions="allowed/*.jsonl", more="storage: {path: outside/state}\n")
    (place / "d.yml").write_text(text)
    assert load(place / "d.yml").configuration.storage.path == place / "outside" / "state"


@pytest.mark.parametrize("command", ["check-config", "evaluate", "serve"])
def test_commands_take_roots(place: Path, command: str) -> None:
    (place / "d.yml").write_text(CONFIGURATION.format(predictions="outside/secret.jsonl", more=""))
    said = io.StringIO()
    arguments = [command, f"--config.file={place / 'd.yml'}", f"--files.root={place / 'allowed'}"]
    assert main(arguments, io.StringIO(), said) == 2
    assert "4:18: models.m.predictions" in said.getvalue()
    assert "lies outside of the folders" in said.getvalue()


def test_a_root_that_is_no_folder_is_refused(place: Path) -> None:
    said = io.StringIO()
    arguments = ["check-config", f"--config.file={place / 'd.yml'}", f"--files.root={place / 'nowhere'}"]
    assert main(arguments, io.StringIO(), said) == 2
    assert said.getvalue() == f"driftbell: --files.root: {place / 'nowhere'}: is not a folder\n"


def test_without_roots_everything_may_be_read(place: Path) -> None:
    reach.confine([])
    assert source(escapes(place)["dots"]).poll({}) is not None
