"""Random lives of logs: whatever happens between polls, every line arrives once."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.sources import JsonLinesSource
from tests.exporter.sources.logs import Reader, append, member, source

PIECES = st.sampled_from([b"\n", b"\r\n", b"\n\n", b"x", b"\xc3", b"\xa9", b"y" * 60, b"z" * 400])
WRITE = st.tuples(st.just("write"), st.integers(0, 2), st.lists(PIECES, min_size=1, max_size=6))
ACTIONS: st.SearchStrategy[tuple[str, int, list[bytes]]] = st.one_of(
    WRITE,
    WRITE,
    st.tuples(st.just("poll"), st.integers(1, 4), st.just([])),
    st.tuples(st.just("rotate"), st.integers(0, 1), st.just([])),
    st.tuples(st.sampled_from(["restart", "older"]), st.just(0), st.just([])),
)
LIMIT = 300


class World:
    """Two plain logs and a gzip log (0, 1, 2), what was written to each file, and a reader that commits or not."""

    def __init__(self, folder: Path, batch_bytes: int) -> None:
        self.folder = folder
        self.batch_bytes = batch_bytes
        self.written: dict[Path, bytes] = {}
        self.rotations = 0
        self.reader = Reader(self.make())
        self.committed: list[tuple[dict[str, object], int]] = [({}, 0)]
        self.lines: list[bytes] = []

    def make(self) -> JsonLinesSource:
        return source(self.folder / "*.log*", line_bytes=LIMIT, batch_bytes=self.batch_bytes)

    def write(self, number: int, pieces: list[bytes]) -> None:
        path = self.folder / f"{number}.log"
        # Every line names its place, so that no two lines of the world are alike.
        begin = len(self.written.get(path, b""))
        data = b"".join(
            b"%d/%d/%d/%d" % (self.rotations, number, begin, index) + piece for index, piece in enumerate(pieces)
        )
        self.written[path] = self.written.get(path, b"") + data
        append(path, member(data) if number == 2 else data)

    def rotate(self, number: int) -> None:
        path = self.folder / f"{number}.log"
        if path in self.written:
            self.rotations += 1
            old = self.folder / f"{number}.log.{self.rotations}"
            path.rename(old)
            self.written[old] = self.written.pop(path)

    def poll(self, times: int) -> None:
        for _ in range(times):
            batch = self.reader.source.poll(self.committed[-1][0])
            if batch is None:
                return
            self.lines += batch.payload
            self.committed.append((dict(batch.cursor), len(self.lines)))

    def older(self) -> None:
        """The last transactions failed: their lines are forgotten with their cursors."""
        del self.committed[max(1, len(self.committed) - 2) :]
        del self.lines[self.committed[-1][1] :]

    def wanted(self) -> list[bytes]:
        lines = [
            line.removesuffix(b"\r")
            for path, data in self.written.items()
            for line in (data if path.name.startswith("2.") else data[: data.rfind(b"\n") + 1]).split(b"\n")
        ]
        return sorted(line for line in lines if line.strip() and len(line) <= LIMIT)


@settings(max_examples=250, deadline=None)
@given(st.lists(ACTIONS, max_size=30), st.sampled_from([1, 64, 500, 1 << 20]))
def test_every_line_arrives_once(actions: list[tuple[str, int, list[bytes]]], batch_bytes: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), batch_bytes)
        world.write(0, [b"\n"])
        for action, number, pieces in actions:
            match action:
                case "write":
                    # A gzip member in the middle of a line may be the end of a finished file.
                    world.write(number, [*pieces, b"\n"] if number == 2 else pieces)
                case "rotate":
                    world.rotate(number)
                case "poll":
                    world.poll(number)
                case "restart":
                    world.reader.restart(world.make())
                case "older":
                    world.older()
        world.poll(1_000_000)
        world.reader.source.close()
        assert sorted(world.lines) == world.wanted()
