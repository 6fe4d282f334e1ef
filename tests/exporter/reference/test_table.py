from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from exporter.reference.problem import ReferenceProblem
from exporter.reference.table import read_table


def written(path: Path, text: str) -> Path:
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def columns(table: pa.Table) -> dict[str, list[object]]:
    found: dict[str, list[object]] = table.to_pydict()
    return found


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_an_empty_cell_of_csv_is_null(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / name, 'x,first name,on\n1.5,Ann,True\n,,False\n2,"a ""b"",\nc",\n')
    found = columns(read_table(path))
    assert found == {"x": [1.5, None, 2.0], "first name": ["Ann", None, 'a "b",\nc'], "on": [True, False, None]}


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.jsonl.gz", "a.json"])
def test_nested_objects_become_dotted_columns(tmp_path: Path, name: str) -> None:
    lines = [
        '{"id": "a", "features": {"room type": "x", "geo": {"lat-itude": 1}}}',
        "",
        '{"features": {"geo": {}}, "y": 2.5}',
    ]
    found = columns(read_table(written(tmp_path / name, "\n".join(lines))))
    assert found == {
        "id": ["a", None],
        "features.room type": ["x", None],
        "features.geo.lat-itude": [1, None],
        "y": [None, 2.5],
    }


def test_a_struct_of_parquet_becomes_dotted_columns(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"scores": [{"a": 0.25, "b": {"c": 1}}]}), tmp_path / "a.parquet")
    assert columns(read_table(tmp_path / "a.parquet")) == {"scores.a": [0.25], "scores.b.c": [1]}


def test_a_json_column_of_several_types_is_text_and_remembers_them(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", '{"x": 1}\n{"x": "one"}\n{"x": null}\n{"x": 2.0}\n')
    table = read_table(path)
    assert columns(table) == {"x": ["1", "one", None, "2"]}
    assert table.schema.field("x").metadata == {b"driftbell.domain": b"number,text"}


def test_types_that_differ_between_chunks_are_joined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exporter.reference.json_lines.ROWS_AT_ONCE", 2)
    records = [
        {"x": 1, "late": None},
        {"x": 2},
        {"x": 0.5},
        {"m": True},
        {"x": None, "late": "z"},
        {"m": "q", "l": [1]},
    ]
    table = read_table(written(tmp_path / "a.jsonl", "\n".join(map(json.dumps, records))))
    assert columns(table) == {
        "x": [1.0, 2.0, 0.5, None, None, None],
        "late": [None, None, None, None, "z", None],
        "m": [None, None, None, "true", None, "q"],
        "l": [None, None, None, None, None, [1.0]],
    }


def test_json_numbers_beyond_64_bits_and_nan_are_read(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", '{"x": 36893488147419103232, "y": NaN}\n{"x": 1, "y": 1}\n')
    found = columns(read_table(path))
    assert found["x"] == [2.0**65, 1.0]
    assert str(found["y"]) == "[nan, 1.0]"


def test_categories_keep_their_spelling_in_csv(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "zip,number,flag,day\n007,1,True,2024-01-01\n123,2,False,2024-01-02\n")
    table = read_table(path, text_columns=["zip", "number", "flag", "day", "not there"])
    assert columns(table) == {
        "zip": ["007", "123"],
        "number": [1, 2],
        "flag": [True, False],
        "day": ["2024-01-01", "2024-01-02"],
    }


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.jsonl.gz", "a.parquet"])
def test_progress_ends_with_all_of_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name.endswith("parquet"):
        parquet.write_table(pa.table({"x": list(range(100))}), path, row_group_size=30)
    else:
        written(path, "x\n1\n2\n" if "csv" in name else '{"x": 1}\n{"x": 2}\n')
    heard: list[tuple[int, int]] = []
    read_table(path, lambda done, total: heard.append((done, total)))
    assert heard == sorted(heard)
    assert heard[-1][0] == heard[-1][1] > 0


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.parquet", b"not parquet", "damaged"),
        ("a.csv", b"", "damaged"),
        ("a.csv", b"x,y\n1\n", "damaged"),
        ("a.csv", b"x,y\n", "no rows"),
        ("a.csv", b"x,x\n1,2\n", "column 'x' is there 2 times"),
        ("a.jsonl", b'{"x": 1}\n{"x": \n', "line 2 is no JSON"),
        ("a.jsonl", b'{"x": 1}\n[1]\n', "line 2 is no JSON object"),
        ("a.jsonl", b"\n", "no rows"),
        ("a.jsonl", b'{"x": "\xff"}\n', "line 1 is no JSON"),
        ("a.jsonl.gz", gzip.compress(b'{"x": 1}\n' * 5000)[:-20], "damaged"),
        ("a.jsonl.gz", b"plain", "cannot be read"),
        ("a.feather", b"", "unknown format; name it .parquet"),
    ],
)
def test_a_problem_names_the_file_and_what_is_wrong(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ReferenceProblem) as caught:
        read_table(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert said in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ReferenceProblem, match=r"a\.csv: no such file; check the reference's path"):
        read_table(tmp_path / "a.csv")
