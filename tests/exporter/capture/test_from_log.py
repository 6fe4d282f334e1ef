"""A profile of a log's rows is the profile of a table that holds the same rows."""

from __future__ import annotations

import gzip
import io
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pyarrow import csv, parquet

from exporter.capture.from_log import Capture, LogReader
from exporter.capture.log_selection import Span
from exporter.capture.profiles import profile_of
from exporter.cli import main
from exporter.configuration import load
from exporter.configuration.schema import Model
from exporter.durations import format_timestamp, parse_duration, parse_timestamp
from exporter.reference.problem import ReferenceProblem
from exporter.reference.profile import Profile

ROOT = Path(__file__).parents[3]
NOW = parse_timestamp("2030-01-01T00:00:00Z")
DAY, WEEK = parse_duration("1d"), parse_duration("7d")
Record = dict[str, Any]


def model_of(folder: Path, said: str) -> Model:
    (folder / "driftbell.yml").write_text(f"models:\n  m:\n{said}")
    return load(folder / "driftbell.yml").configuration.models["m"]


def write(path: Path, records: Iterable[Record | str]) -> None:
    lines = (record if isinstance(record, str) else json.dumps(record) for record in records)
    path.write_text("".join(f"{line}\n" for line in lines))


def captured(model: Model, start: str | None = None, end: str | None = None, version: str | None = None) -> Capture:
    first, last = (None if text is None else parse_timestamp(text) for text in (start, end))
    return LogReader(model, Span(first, last, WEEK), version, NOW).capture()


def run(*arguments: str | Path) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    return main([str(argument) for argument in arguments], out, err), out.getvalue(), err.getvalue()


# Real logs: the rows are chosen and joined once more, from the files alone.

TASKS = {"elec2": "binary", "bike": "regression"}
MONTH = 30 * 86_400 * 1_000_000


@cache
def raw(name: str, log: str) -> list[Record]:
    """Return the records, those inside objects after a dot, and their ``time`` in microseconds."""
    with gzip.open(ROOT / "examples" / name / f"{log}.jsonl.gz", "rt") as file:
        records = [json.loads(line) for line in file]
    flat = [
        record | {f"features.{key}": value for key, value in record.pop("features", {}).items()} for record in records
    ]
    return [record | {"time": round(datetime.fromisoformat(record["timestamp"]).timestamp() * 1e6)} for record in flat]


def chosen(name: str, start: int | None, version: str | None) -> list[Record]:
    """Return the successful requests of a week with their labels."""
    log = [record for record in raw(name, "predictions") if version in (None, record["version"])]
    begin = min(record["time"] for record in log) if start is None else start
    first = {(record["request_id"], record["version"]): record for record in reversed(log)}
    rows = [row for row in first.values() if begin <= row["time"] < begin + WEEK and row["status"] < 400]
    lines: dict[str, list[tuple[int, Any]]] = {}
    for line in raw(name, "labels"):
        if line.get("request_id") and line.get("label") is not None:
            lines.setdefault(line["request_id"], []).append((line["time"], line["label"]))
    return [row | {"label": label_of(row, lines.get(row["request_id"], []))} for row in rows]


def label_of(row: Record, lines: list[tuple[int, Any]]) -> Any:
    near = [line for line in lines if abs(line[0] - row["time"]) <= MONTH]
    return max(near)[1] if near else None


def profile_of_table(folder: Path, name: str, rows: list[Record]) -> Profile:
    parquet.write_table(pa.Table.from_pylist(rows).drop_columns(["time"]), folder / "table.parquet")
    said = f"    task: {TASKS[name]}\n    predictions: x.jsonl\n    labels: y.jsonl\n    segments: [segment]\n"
    profile = profile_of(model_of(folder, said + "    reference: table.parquet\n"), None)
    assert profile is not None
    return profile


def real(name: str, folder: Path, where: Path | None = None, suffix: str = ".jsonl.gz") -> Model:
    place = where or ROOT / "examples" / name
    said = (
        f"    task: {TASKS[name]}\n    predictions: {place}/predictions{suffix}\n    labels: {place}/labels{suffix}\n"
    )
    return model_of(folder, said + "    segments: [segment]\n")


@pytest.mark.parametrize("name", TASKS)
def test_the_first_week_of_a_real_log(name: str, tmp_path: Path) -> None:
    rows = chosen(name, None, None)
    capture = captured(real(name, tmp_path))
    assert capture.profile.hash == profile_of_table(tmp_path, name, rows).hash
    assert capture.profile.rows == len(rows) > 150
    assert capture.labelled == sum(row["label"] is not None for row in rows)
    assert capture.versions == Counter(row["version"] for row in rows)
    assert capture.warnings == ()
    assert capture.profile.baselines


def test_a_span_and_a_version_of_a_real_log(tmp_path: Path) -> None:
    last = max(raw("elec2", "predictions"), key=lambda record: record["time"])
    start = last["time"] // DAY * DAY - 9 * DAY
    rows = chosen("elec2", start, last["version"])
    capture = captured(real("elec2", tmp_path), format_timestamp(start), version=last["version"])
    assert capture.profile.hash == profile_of_table(tmp_path, "elec2", rows).hash
    assert capture.versions == {last["version"]: len(rows)}


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("name", TASKS)
def test_logs_of_other_formats_give_the_same(name: str, suffix: str, tmp_path: Path) -> None:
    """Two files: what looks like whole numbers in one of them is none in the other."""
    for log in ("predictions", "labels"):
        records = raw(name, log)[:2000]
        for part, piece in enumerate((records[:600], records[600:])):
            table = pa.Table.from_pylist(piece)
            write_table: Any = csv.write_csv if suffix == ".csv" else parquet.write_table
            write_table(table, tmp_path / f"{log}{part}{suffix}")
    found, expected = (captured(real(name, tmp_path, *where)) for where in ((tmp_path, f"*{suffix}"), ()))
    assert found.profile.hash == expected.profile.hash
    assert found.labelled == expected.labelled


def test_a_reference_from_the_log_is_evaluated(tmp_path: Path) -> None:
    """From a model without reference to drift: the first week has none against itself, a later one has."""
    config, profile = tmp_path / "driftbell.yml", tmp_path / "elec2.profile.json"
    real("elec2", tmp_path)
    code, out, err = run("profile", f"--config.file={config}", "--from-log", "--for=14d", f"--output={profile}")
    assert code == 0
    assert out.startswith(f"{profile}: 668 rows, 7 features, hash ")
    assert "668 successful requests from 1996-11-02T14:00:13.535Z until 1996-11-16T14:00:13.535Z" in err
    assert "version 1.0.0: 668 rows" in err
    text = config.read_text() + "    reference: elec2.profile.json\n    windows: [14d]\n"
    config.write_text(text)
    scores = [scores_at(config, moment) for moment in ("1996-11-16T18:00:00Z", "1997-06-01T00:00:00Z")]
    assert scores[0]
    assert scores[0].keys() == scores[1].keys()
    assert max(scores[0].values()) < 0.02
    assert max(scores[1].values()) > 0.5


def scores_at(config: Path, moment: str) -> dict[str, float]:
    """Return each feature's PSI."""
    code, page, _ = run("evaluate", f"--config.file={config}", f"--at={moment}")
    assert code == 0
    return {
        sample.labels["feature_name"]: sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name == "ml_drift_score"
        and sample.labels.get("method") == "psi"
        and sample.labels["kind"] == "data"
        and "model_version" not in sample.labels
    }


# Small logs.

SMALL = "    task: binary\n    predictions: p*.jsonl\n"
LABELLED = SMALL + "    labels: {path: l.jsonl, horizon: 2h}\n"


def record(minute: int, x: float, **more: Any) -> Record:
    hour, minute = divmod(minute, 60)
    moment = f"2026-02-0{1 + hour // 24}T{hour % 24:02}:{minute:02}:00Z"
    return {"timestamp": moment, "request_id": f"id{x:g}", "features": {"x": x}, "prediction": 1, **more}


def label(minute: int, x: float, value: Any) -> Record:
    return {"timestamp": record(minute, 0)["timestamp"], "request_id": f"id{x:g}", "label": value}


def values_of(capture: Capture, feature: str = "x") -> dict[float, int]:
    column: Any = capture.profile.features[feature]
    counted = zip(column.edges.tolist(), column.counts[1::2].tolist(), strict=True)
    return {value: rows for value, rows in counted if rows}


def test_what_does_not_count_is_not_in_it(tmp_path: Path) -> None:
    repeated = record(5, 1)
    write(
        tmp_path / "p.jsonl",
        [
            record(0, 1),
            record(1, 2, status=503),
            record(2, 3, status=200),
            record(3, 4, status="many"),
            repeated,
            record(200, 1),  # beyond the horizon the id is a new request's
            record(4, 5, version="shadow"),
            {"features": {"x": 6}, "prediction": 0},
            record(0, 7) | {"timestamp": "yesterday"},
            record(0, 8) | {"timestamp": "2031-01-01T00:00:00Z"},
            "no record at all",
            "[1]",
            record(10, 9, prediction=0),
            record(8 * 24 * 60, 10),
        ],
    )
    write(tmp_path / "l.jsonl", [label(9, 1, 1)])
    capture = captured(model_of(tmp_path, LABELLED))
    assert values_of(capture) == {1: 2, 3: 1, 5: 1, 9: 1}
    assert capture.rejected == {
        "bad_status": 1,
        "duplicate_id": 1,
        "missing_timestamp": 1,
        "bad_timestamp": 1,
        "future": 1,
        "malformed": 1,
        "not_an_object": 1,
    }
    assert capture.versions == {"unknown": 4, "shadow": 1}


def test_the_label_that_counts(tmp_path: Path) -> None:
    write(tmp_path / "p.jsonl", [record(0, x, prediction=0, label="from the log itself") for x in range(6)])
    lines = [
        *(label(5, 0, 1), label(9, 0, 0), label(7, 0, 1)),  # the latest, not the last
        *(label(5, 1, 0), label(5, 1, 1)),  # of equals the greatest
        label(121, 2, 1),  # beyond the horizon
        *(label(5, 3, None), label(6, 3, {"a": 1})),
        label(5, 4, 1) | {"timestamp": "no time"},
        label(5, 99, 1),
    ]
    write(tmp_path / "l.jsonl", lines)
    capture = captured(model_of(tmp_path, LABELLED))
    found: Any = capture.profile.label
    assert dict(zip(found.categories, found.counts.tolist(), strict=True)) == {"0": 1, "1": 1}
    assert (found.missing, capture.labelled) == (4, 2)
    assert capture.profile.baselines["", ""].rows == 2


def test_labels_without_times_correct_each_other_in_their_order(tmp_path: Path) -> None:
    write(tmp_path / "p.jsonl", [record(0, 0), record(0, 1, prediction=0)])
    write(tmp_path / "l.jsonl", [{"request_id": "id0", "label": 1}, {"request_id": "id0", "label": 0}])
    model = model_of(tmp_path, SMALL + "    labels: {path: l.jsonl, fields: {timestamp: null}}\n")
    found: Any = captured(model).profile.label
    assert found.categories == ("0",)


def test_without_a_label_there_is_none_to_compare_with(tmp_path: Path) -> None:
    write(tmp_path / "p.jsonl", [record(0, 0), record(0, 1, prediction=0)])
    write(tmp_path / "l.jsonl", [label(5, 99, 1)])
    capture = captured(model_of(tmp_path, LABELLED))
    assert (capture.profile.label, capture.labelled, capture.profile.baselines) == (None, 0, {})


def test_the_first_record_may_come_last(tmp_path: Path) -> None:
    week = 7 * 24 * 60
    rows = [record(minute, x, prediction=x % 2) for x, minute in enumerate((week + 5, week - 1, 9, week + 4, 10))]
    write(tmp_path / "p1.jsonl", rows)
    write(tmp_path / "p0.jsonl", [record(5, 100)])
    assert values_of(captured(model_of(tmp_path, SMALL))) == {1: 1, 2: 1, 3: 1, 4: 1, 100: 1}


def test_of_a_shared_log_only_the_models_own_records(tmp_path: Path) -> None:
    rows = [record(i, i, prediction=i % 2, model=name) for i, name in enumerate(("m", "other", "m", None))]
    write(tmp_path / "p.jsonl", rows)
    capture = captured(model_of(tmp_path, SMALL.replace("binary", "regression") + "    fields: {model: model}\n"))
    assert values_of(capture) == {0: 1, 2: 1}
    assert list(capture.profile.features) == ["x"]


@pytest.mark.parametrize(
    ("said", "features"),
    [
        ("", {"x", "y"}),
        ("    ignore_features: [y]\n", {"x"}),
        ("    features: {deep: {path: extra.deep}}\n", {"x", "y", "deep"}),
        ('    fields: {features: "", prediction: out}\n', {"top", "features.x", "features.y", "extra.deep"}),
        ("    fields: {features: null}\n    features: {deep: {path: extra.deep}}\n", {"deep"}),
        ("    fields: {features: nowhere}\n", set()),
        ("    features: {x: categorical}\n", {"x", "y"}),
    ],
)
def test_where_features_are(tmp_path: Path, said: str, features: set[str]) -> None:
    rows = [record(i, i, out=i % 2, prediction=i % 2) | {"top": i, "extra": {"deep": i}} for i in range(4)]
    for row in rows:
        row["features"]["y"] = 1.5
        if "out" in said:
            del row["prediction"]
    write(tmp_path / "p.jsonl", rows)
    capture = captured(model_of(tmp_path, SMALL + said))
    assert set(capture.profile.features) == features
    assert capture.profile.prediction is not None


@pytest.mark.parametrize(
    ("time_format", "times"),
    [
        ("epoch_s", (1_770_000_000, 1_770_000_000.5)),
        ("epoch_ns", (1_770_000_000_000_000_000, 1_770_000_000_500_000_000)),
    ],
)
def test_times_in_any_unit(tmp_path: Path, time_format: str, times: Sequence[float]) -> None:
    write(tmp_path / "p.jsonl", [record(0, x, prediction=x) | {"timestamp": time} for x, time in enumerate(times)])
    capture = captured(model_of(tmp_path, SMALL + f"    time_format: {time_format}\n"))
    assert (capture.start, capture.profile.rows) == (1_770_000_000_000_000, 2)


def test_times_and_numbers_that_csv_spells(tmp_path: Path) -> None:
    lines = ["timestamp,status,features.x,prediction,request_id", "1770000000,200.0,1,0,a", "1770000001.5,500,2,1,b",
             "1770000002,,3,1,c", "soon,200,4,1,d", "1770000003,200,5"]  # fmt: skip
    write(tmp_path / "p.csv", lines)
    write(tmp_path / "l.csv", ["request_id,label", "a,2.5", "c,much"])
    said = "    task: regression\n    predictions: p.csv\n    labels: {path: l.csv, fields: {timestamp: null}}\n"
    capture = captured(model_of(tmp_path, said + "    time_format: epoch_s\n"))
    assert values_of(capture) == {1: 1, 3: 1}
    assert capture.rejected == {"bad_timestamp": 1, "wrong_column_count": 1}
    assert capture.labelled == 1


def test_doubts_about_the_span(tmp_path: Path) -> None:
    write(tmp_path / "p.jsonl", [record(60 * i, i, prediction=i % 2) for i in range(30)])
    model = model_of(tmp_path, SMALL)
    assert captured(model, "2026-02-01T00:00:00Z", "2026-02-02T05:00:00Z").warnings == ()
    begins, ends = captured(model, "2026-01-31T00:00:00Z").warnings
    assert begins == "the log begins at 2026-02-01T00:00:00Z, after the span's start"
    assert ends == "the log ends at 2026-02-02T05:00:00Z, before the span does"


@pytest.mark.parametrize(
    ("records", "start", "words"),
    [
        ([], None, "no usable record of model m among 0; run check-config"),
        (["?", "?", {}], None, "among 3; most often: malformed"),
        ([record(0, 1)], "2027-01-01T00:00:00Z", "the log holds 2026-02-01T00:00:00Z to 2026-02-01T00:00:00Z"),
        ([record(0, 1, status=500)], None, "no successful request of model m from 2026-02-01T00:00:00Z until"),
    ],
)
def test_nothing_to_profile(tmp_path: Path, records: list[Record | str], start: str | None, words: str) -> None:
    write(tmp_path / "p.jsonl", records)
    with pytest.raises(ReferenceProblem, match=r"no (usable|successful)") as raised:
        captured(model_of(tmp_path, SMALL), start)
    assert words in str(raised.value)


def test_a_version_that_is_not_there(tmp_path: Path) -> None:
    write(tmp_path / "p.jsonl", [record(0, 1)])
    with pytest.raises(ReferenceProblem, match="of model m, version 7 among 1"):
        captured(model_of(tmp_path, SMALL), version="7")


def test_a_log_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "p.jsonl.gz").write_bytes(gzip.compress(b'{"a": 1}\n')[:-4])
    model = model_of(tmp_path, SMALL.replace("p*.jsonl", "p.jsonl.gz"))
    with pytest.raises(ReferenceProblem, match=r"the log cannot be read: .*breaks off"):
        captured(model)


# The command.


def small(folder: Path) -> Path:
    rows = [record(i, i, prediction=i % 2, version="1" if i < 3 else "2") for i in range(4)]
    write(folder / "p.jsonl", [*rows, "?"])
    write(folder / "l.jsonl", [label(9, 1, 1)])
    model_of(folder, LABELLED)
    return folder / "driftbell.yml"


def test_the_command_says_what_the_profile_rests_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small(tmp_path)
    monkeypatch.chdir(tmp_path)
    code, out, err = run("profile", "--from-log")
    assert code == 0
    assert out.startswith("m.profile.json: 4 rows, 1 features, hash ")
    said = [line for line in err.splitlines() if line.startswith("driftbell: m: ")]
    assert said == [
        "driftbell: m: warning: the log ends at 2026-02-01T00:03:00Z, before the span does",
        "driftbell: m: warning: the rows are of 2 versions; a reference should be of one: choose it with --version",
        "driftbell: m: 4 successful requests from 2026-02-01T00:00:00Z until 2026-02-08T00:00:00Z",
        "driftbell: m: version 1: 3 rows",
        "driftbell: m: version 2: 1 rows",
        "driftbell: m: 1 of 4 rows have a label (25.0%)",
        "driftbell: m: 1 records rejected: malformed",
    ]


def test_the_command_takes_a_span_and_a_version(tmp_path: Path) -> None:
    span = ("--from=2026-02-01T00:00:00Z", "--until=2026-02-01T00:03:00Z", "--version=1")
    output = tmp_path / "x.profile.json"
    code, out, err = run("profile", f"--config.file={small(tmp_path)}", "--from-log", *span, f"--output={output}")
    assert (code, out.partition(" rows")[0]) == (0, f"{output}: 3")
    assert "warning: the" not in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--for=2h",), "--for: not without --from-log"),
        (("--from=2026-02-01T00:00:00Z", "--version=1"), "--from, --version: not without --from-log"),
        (("--from-log", "--for=1d", "--until=2026-02-01T00:00:00Z"), "--until and --for"),
        (("--from-log", "--for=0s"), "the span is empty"),
        (("--from-log", "--from=2026-02-01T00:00:00Z", "--until=2026-02-01T00:00:00Z"), "the span is empty"),
        (("--from-log", "--for=soon"), '"soon" is not a duration'),
        (("--from-log", "--from=soon"), '"soon" is not an RFC 3339 time'),
        (("--from-log", "--task=binary"), "--task: not with --config.file"),
        (("--from-log", "--model=n"), "--model must be one of m, not n"),
        ((), "has no reference to profile; its log can be, with --from-log"),
    ],
)
def test_arguments_that_do_not_fit(
    tmp_path: Path, arguments: tuple[str, ...], words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run("profile", f"--config.file={small(tmp_path)}", *arguments)
    assert code == 2
    assert words in err + capfd.readouterr().err
