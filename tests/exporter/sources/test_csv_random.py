"""Random lives of CSV logs: whatever happens between polls, every record arrives once, with its header."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.sources import CsvSource
from exporter.sources.framing import CsvRecords
from tests.exporter.sources.logs import append, csv_source, member

LIMIT = 300
TEXTS = st.sampled_from(
    [b"x", b'"a\nb"', b'"say ""hi"""', b'5" pipe', b'"\r\n,"', b'"' + b"z\n" * 60 + b'"', b"y" * 200]
)
WRITE = st.tuples(st.just("write"), st.integers(0, 2), st.lists(TEXTS, max_size=5), st.integers(0, 80))
ACTIONS: st.SearchStrategy[tuple[str, int, list[bytes], int]] = st.one_of(
    WRITE,
    WRITE,
    st.tuples(st.just("poll"), st.integers(1, 4), st.just([]), st.just(0)),
    st.tuples(st.just("rotate"), st.integers(0, 1), st.just([]), st.just(0)),
    st.tuples(st.sampled_from(["restart", "older"]), st.just(0), st.just([]), st.just(0)),
)


class World:
    """Two plain logs and a gzip log (0, 1, 2); a write may end in the middle of a record, or of the header."""

    def __init__(self, folder: Path, batch_bytes: int) -> None:
        self.folder = folder
        self.batch_bytes = batch_bytes
        self.unwritten: dict[Path, bytes] = {}
        self.records: dict[Path, list[bytes]] = {}
        self.count = 0
        self.source = self.make()
        self.committed: list[tuple[dict[str, object], int]] = [({}, 0)]
        self.got: list[tuple[tuple[str, ...], bytes]] = []

    def make(self) -> CsvSource:
        return csv_source(self.folder / "*.csv*", line_bytes=LIMIT, batch_bytes=self.batch_bytes)

    def write(self, number: int, texts: list[bytes], held_back: int) -> None:
        path = self.folder / f"{number}.csv"
        # The header, too, is long enough to be written in pieces; every record is another.
        data = self.unwritten.get(path, b'id,"te\nxt"\n')
        for text in texts:
            self.count += 1
            record = b"%d,%s" % (self.count, text)
            self.records.setdefault(path, []).append(record)
            data += record + b"\n"
        # A gzip member that ends in the middle of a record may be the end of a finished file.
        cut = len(data) if number == 2 else max(len(data) - held_back, 0)
        self.unwritten[path] = data[cut:]
        append(path, member(data[:cut]) if number == 2 else data[:cut])

    def rotate(self, number: int) -> None:
        path = self.folder / f"{number}.csv"
        if path.exists() and not self.unwritten[path]:
            self.count += 1
            old = self.folder / f"{number}.csv.{self.count}"
            path.rename(old)
            self.records[old] = self.records.pop(path, [])
            del self.unwritten[path]

    def poll(self, times: int) -> None:
        for _ in range(times):
            batch = self.source.poll(self.committed[-1][0])
            if batch is None:
                return
            assert isinstance(batch.payload, CsvRecords)
            self.got += [(batch.payload.names, record) for record in batch.payload.records]
            self.committed.append((dict(batch.cursor), len(self.got)))

    def older(self) -> None:
        """The last transactions failed: their records are forgotten with their cursors."""
        del self.committed[max(1, len(self.committed) - 2) :]
        del self.got[self.committed[-1][1] :]

    def restart(self) -> None:
        self.source.close()
        self.source = self.make()

    def wanted(self) -> list[tuple[tuple[str, ...], bytes]]:
        return sorted((("id", "te\nxt"), record) for records in self.records.values() for record in records)


@settings(max_examples=200, deadline=None)
@given(st.lists(ACTIONS, max_size=30), st.sampled_from([1, 64, 500, 1 << 20]))
def test_every_record_arrives_once(actions: list[tuple[str, int, list[bytes], int]], batch_bytes: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), batch_bytes)
        world.write(0, [], 0)
        for action, number, texts, held_back in [*actions, *(("write", log, [b"end"], 0) for log in range(3))]:
            match action:
                case "write":
                    world.write(number, texts, held_back)
                case "rotate":
                    world.rotate(number)
                case "poll":
                    world.poll(number)
                case "restart":
                    world.restart()
                case "older":
                    world.older()
        world.poll(1_000_000)
        world.source.close()
        assert sorted(world.got) == world.wanted()
