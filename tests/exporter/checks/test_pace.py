from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from exporter.checks.pace import pace_of
from exporter.counting.layout import Layout
from tests.exporter.small_models import layout_of

NOW = 1_800_000_000_000_000


def layout(folder: Path, more: str = "") -> Layout:
    return layout_of(folder, "binary", f"time_format: epoch_s{more}")


def lines_at(times: list[float], **more: object) -> bytes:
    return b"".join(json.dumps({"timestamp": time, "request_id": "x" * 20} | more).encode() + b"\n" for time in times)


def test_of_a_whole_file_although_only_its_ends_are_read(tmp_path: Path) -> None:
    """Two rows a second at first, four times as many later: 5,000 records in 1,000 seconds."""
    times = [1e9 + i / 2 for i in range(1000)] + [1e9 + 500 + i / 8 for i in range(4000)]
    (tmp_path / "none.jsonl").write_bytes(lines_at(times))
    # A record is reckoned to be as long as the first ones, which have fewer digits here.
    assert pace_of(layout(tmp_path), NOW) == pytest.approx(5.0, rel=0.03)


def test_a_line_that_is_being_written_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "none.jsonl").write_bytes(lines_at([1e9 + i for i in range(100)]) + b'{"timestamp": 9')
    assert pace_of(layout(tmp_path), NOW) == pytest.approx(1.0, rel=0.02)


def test_of_a_compressed_file_by_its_first_records(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "none.jsonl", "wb") as file:
        file.write(lines_at([1e9 + i / 4 for i in range(400)]))
    assert pace_of(layout(tmp_path), NOW) == pytest.approx(4.0)


def test_other_models_of_the_same_log_are_left_out(tmp_path: Path) -> None:
    both = [lines_at([1e9 + i], model=("small", "large")[i % 2]) for i in range(1000)]
    (tmp_path / "none.jsonl").write_bytes(b"".join(both))
    assert pace_of(layout(tmp_path, "\nfields: {model: model}"), NOW) == pytest.approx(0.5, rel=0.02)


@pytest.mark.parametrize("content", [b"", lines_at([1e9]), lines_at([1e9] * 50), b"not JSON\n" * 50])
def test_too_little_to_tell(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "none.jsonl").write_bytes(content)
    assert pace_of(layout(tmp_path), NOW) is None


def test_no_log_yet(tmp_path: Path) -> None:
    assert pace_of(layout(tmp_path), NOW) is None
