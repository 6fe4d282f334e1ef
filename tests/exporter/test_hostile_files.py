"""Files that are not what their names say: what stands before the damage counts, and other files are read."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from exporter.pipeline import Pipeline
from exporter.snapshot import Sample
from exporter.sources import SOURCES, Cursor, SourceError
from tests.exporter.decoders.models import NOW, SEED, model_of

ROWS = 60
GROUP = 20
MOMENT = "2024-05-01T13:00:00Z"
SETTINGS: dict[str, Any] = {"features": {"x": "numeric", "c": "categorical"}, "labels": None, "windows": ["all"]}


def table(**changes: Any) -> pa.Table:
    columns: dict[str, Any] = {
        "timestamp": [MOMENT] * ROWS,
        "status": pa.array([200] * ROWS, pa.int16()),
        "score": [i / 64 for i in range(ROWS)],
        "features.x": [float(i) for i in range(ROWS)],
        "features.c": [f"c{i % 7}" for i in range(ROWS)],
    }
    return pa.table({name: column for name, column in {**columns, **changes}.items() if column is not None})


def written(content: pa.Table, **options: Any) -> bytes:
    stream = io.BytesIO()
    parquet.write_table(content, stream, **{"row_group_size": GROUP, "write_page_checksum": True, **options})
    return stream.getvalue()


def pipeline_of(folder: Path, pattern: str) -> Pipeline:
    return Pipeline(model_of(**{**SETTINGS, "predictions": str(folder / pattern)}), None, SEED)


def read(pipeline: Pipeline) -> list[Sample]:
    """Read on for some time."""
    for step in range(20):
        pipeline.step(NOW + step * 10_000_000)
    return list(pipeline.samples(pipeline.ledger.now))


def rows_of(folder: Path, content: bytes) -> list[tuple[Any, ...]]:
    """Return what comes out of a file, as it is handed to the decoder."""
    path = folder / "p.parquet"
    path.write_bytes(content)
    source = SOURCES["parquet"]("p", [str(path)], finish=True)
    cursor: Cursor = {}
    found: list[tuple[Any, ...]] = []
    try:
        while (batch := source.poll(cursor)) is not None:
            cursor = batch.cursor
            found += list(zip(*(column.to_pylist() for column in batch.payload.columns), strict=True))
            assert len(found) <= ROWS
    except (SourceError, UnicodeDecodeError):
        pass
    finally:
        source.close()
    return found


def flips(content: bytes, step: int) -> Iterator[bytes]:
    """Flip a bit of every ``step``-th byte of the pages, each time another one."""
    (footer,) = struct.unpack("<I", content[-8:-4])
    for place in range(4, len(content) - 8 - footer, step):
        yield content[:place] + bytes([content[place] ^ (1 << place % 8)]) + content[place + 1 :]


@pytest.mark.parametrize("compression", ["none", "zstd"])
def test_a_flipped_bit_of_a_page_changes_no_value(compression: str, tmp_path: Path) -> None:
    content = written(table(), compression=compression)
    whole = rows_of(tmp_path, content)
    assert len(whole) == ROWS
    stopped = 0
    for damaged in flips(content, 13):
        found = rows_of(tmp_path, damaged)
        assert found == whole[: len(found)]
        stopped += len(found) < ROWS
    assert stopped > 100


def test_rows_before_the_damage_count_and_other_files_are_read(tmp_path: Path) -> None:
    content = bytearray(written(table()))
    metadata = parquet.ParquetFile(io.BytesIO(content)).metadata
    content[metadata.row_group(1).column(2).dictionary_page_offset + 60] ^= 1
    (tmp_path / "1.parquet").write_bytes(content)
    (tmp_path / "2.parquet").write_bytes(written(table()))
    pipeline = pipeline_of(tmp_path, "*.parquet")
    read(pipeline)
    health = pipeline.predictions.health
    assert (health.rows, health.accepted, health.up) == (GROUP + ROWS, GROUP + ROWS, False)
    pipeline.close()


def with_codec(content: bytes, codec: str) -> bytes:
    """Let the footer say that a column is compressed in another way."""
    (footer,) = struct.unpack("<I", content[-8:-4])
    for place in range(len(content) - 8 - footer, len(content) - 8):
        # An enumeration of Thrift's compact protocol: the next field, 32 bits, twice the number; Snappy is 1, LZO 3.
        if content[place : place + 2] == b"\x15\x02":
            changed = content[: place + 1] + b"\x06" + content[place + 2 :]
            try:
                found = parquet.ParquetFile(io.BytesIO(changed)).metadata.row_group(0).column(0).compression
            except (pa.ArrowException, OSError):
                continue
            if found == codec:
                return changed
    raise AssertionError(codec)


UNREADABLE = {
    "another codec": with_codec(written(table(), compression="snappy"), "LZO"),
    "encrypted": written(table())[:-4] + b"PARE",
    "two columns of one name": written(table().append_column("score", pa.array([1.0] * ROWS))),
    "footer of another file": written(table())[:-1000] + written(table(status=None))[-1000:],
    "its end alone": b"PAR1" + written(table())[-500:],
    "its footer alone": b"PAR1" + written(table())[-(8 + struct.unpack("<I", written(table())[-8:-4])[0]) :],
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_a_file_that_is_complete_and_cannot_be_read_is_said_to_be(kind: str, tmp_path: Path) -> None:
    (tmp_path / "1.parquet").write_bytes(UNREADABLE[kind])
    (tmp_path / "2.parquet").write_bytes(written(table()))
    pipeline = pipeline_of(tmp_path, "*.parquet")
    read(pipeline)
    assert (pipeline.predictions.health.rows, pipeline.predictions.health.up) == (ROWS, False)
    pipeline.close()


def test_each_file_has_columns_of_its_own(tmp_path: Path) -> None:
    """A column that is gone, one that is new, another order and other types: each value is what its own type says."""
    texts = pa.array([str(i) for i in range(ROWS)])
    contents = [
        table(),
        table(score=None, more=texts),
        table().select(["features.c", "features.x", "score", "status", "timestamp"]),
        table(**{"features.x": pa.array(range(ROWS), pa.uint8()), "features.c": texts.dictionary_encode()}),
        table(**{"features.x": texts, "features.c": pa.array(range(ROWS), pa.int64())}),
        table(**{"features.x": None, "features.c": None, "features": [{"x": 1.0, "c": None}] * ROWS}),
        table(**{"features.x": pa.nulls(ROWS), "score": pa.array([0.5] * ROWS, pa.float32())}),
        table(timestamp=pa.array([NOW - 3_600_000_000] * ROWS, pa.timestamp("us", "UTC"))),
    ]
    for number, content in enumerate(contents):
        (tmp_path / f"{number}.parquet").write_bytes(written(content))
    pipeline = pipeline_of(tmp_path, "*.parquet")
    ratios = {
        sample.labels[-3:-1]: sample.value
        for sample in read(pipeline)
        if sample.metric.name == "ml_data_quality_ratio" and "unknown" in sample.labels
    }
    health, files = pipeline.predictions.health, len(contents)
    assert (health.rows, health.accepted, health.up) == (files * ROWS,) * 2 + (True,)
    assert ratios["invalid", "x"] == pytest.approx(1 / files)
    assert ratios["missing", "x"] == pytest.approx(1 / files)
    pipeline.close()


TEXTS = {
    "utf-16.csv": f"timestamp,score\n{MOMENT},0.5\n".encode("utf-16"),
    "empty header.csv": f"\n\n{MOMENT},0.5\n".encode(),
    "twice.csv": f"timestamp,score,score\n{MOMENT},0.5,0.5\n".encode(),
    "bytes.csv": b"timestamp,sc\xffre\n%s,0.5\n" % MOMENT.encode(),
    "zeros.csv": b"\0" * 1000 + b"\n" + b"\0" * 1000 + b"\n",
    "utf-16.jsonl": (json.dumps({"timestamp": MOMENT}) + "\n").encode("utf-16"),
    "parquet.jsonl": written(table()),
    "parquet.csv": written(table()),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_file_of_another_kind_gives_no_rows_and_is_not_silent(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(TEXTS[name])
    pipeline = pipeline_of(tmp_path, name)
    read(pipeline)
    health = pipeline.predictions.health
    assert health.accepted == 0
    assert health.rejected.total() > 0 or not health.up
    pipeline.close()
