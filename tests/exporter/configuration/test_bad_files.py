"""A table of bad configurations: each is refused at its line, with its path and words that help."""

from __future__ import annotations

from pathlib import Path

import pytest

from exporter.configuration import ConfigurationError, Problem, Severity, explanation, parse

HEAD = "models:\n  m:\n    task: {task}\n    predictions: p.jsonl\n"
BINARY = HEAD.format(task="binary")
MANY = HEAD.format(task="multiclass")
NUMBER = HEAD.format(task="regression")
TOO_MANY = ", ".join(map(str, range(101)))


def problems_of(text: str) -> tuple[Problem, ...]:
    with pytest.raises(ConfigurationError) as refused:
        parse(text, file="d.yaml", folder=Path("/etc/driftbell"))
    return refused.value.problems


# Whole files: text, line, path, words of the message and the hint.
FILES = [
    ("", 1, "", "the file is empty; the smallest"),
    ("# nothing\n\n", 1, "", "the file is empty"),
    ("- a", 1, "", "must be a mapping, not a list"),
    ("just text", 1, "", 'not the text "just text"'),
    ("storage: {}", 1, "", '"models" is missing'),
    ("models: {}", 1, "models", "must not be empty"),
    ("models:\n", 1, "models", "must be a mapping, not nothing"),
    ("models: [a]", 1, "models", "must be a mapping, not a list"),
    ("models:\n  a:\n", 2, "models.a", "must be a mapping, not nothing"),
    ("models:\n  a:\n    task: binary\n", 2, "models.a", '"predictions" is missing'),
    ("models:\n  a:\n    predictions: p\n", 2, "models.a", '"task" is missing'),
    ("models:\n  '': {task: binary, predictions: p}", 2, 'models.""', "must not be empty"),
    ('models:\n  "a\\tb": {task: binary, predictions: p}', 2, 'models."a\\tb"', "control characters"),
    (f"models:\n  {'x' * 201}: {{task: binary, predictions: p}}", 2, f"models.{'x' * 201}", "at most 200 characters"),
    ("models:\n  1: {task: binary, predictions: p}", 2, "models.1", 'a key must be text; put it in quotes: "1"'),
    ("models:\n  true: {task: binary, predictions: p}", 2, "models.true", 'put it in quotes: "true"'),
    ("models:\n  ~: {task: binary, predictions: p}", 2, 'models."~"', "a key must be text"),
    ("models:\n  ? [a, b]\n  : {task: binary, predictions: p}", 2, 'models.""', "lists and aliases cannot be keys"),
    ("model:\n  a: {}\nmodels: {a: {task: binary, predictions: p}}", 1, "model", "unknown key; did you mean models?"),
    (BINARY + "  m:\n    task: binary\n", 5, "models.m", 'the key "m" is here twice; the first is on line 2'),
    (BINARY + "    task: binary\n", 5, "models.m.task", "here twice; the first is on line 3"),
    (BINARY + "---\nmodels: {}\n", 5, "", "several documents"),
    (BINARY + "    info: &x {}\n", 5, "models.m.info", "anchors (&) are not allowed"),
    (BINARY + "    info: *x\n", 5, "models.m.info", "aliases (*) are not allowed"),
    (BINARY + "    info: {<<: *x}\n", 5, 'models.m.info."<<"', "aliases (*)"),
    (BINARY + "    info: !!python/object/apply:os.system [x]\n", 5, "models.m.info", "tags (!) are not allowed"),
    (BINARY + "    info: !x {}\n", 5, "models.m.info", "tags (!) are not allowed"),
    (BINARY + "    labels: *.jsonl\n", 5, "", "put a text that starts with * in quotes"),
    (BINARY + "\tinfo: {}\n", 5, "", "indent with spaces"),
    (BINARY + "    labels: a: b\n", 5, "", "check the indentation, and put a text that holds ': ' in quotes"),
    (BINARY + "   info: {}\n", 5, "", "keys of one mapping start in one column"),
    (BINARY + "    labels: 'l\n", 5, "", "a quote or a bracket is not closed"),
    (BINARY + "    windows: [1h\n", 5, "", "a quote or a bracket is not closed"),
    (BINARY + "    labels: @x\n", 5, "", "put the text in quotes"),
    (BINARY + "    labels: a\x00b\n", 5, "", "the character U+0000 is not allowed"),
    (BINARY + '    labels: "a\\ud800"\n', 5, "models.m.labels", "a character that is not allowed"),
    (BINARY + '    labels: "a\\UFFFFFFFF"\n', 5, "", "not valid YAML"),
    (BINARY + "    threshold: 1e999\n", 5, "models.m.threshold", "the number is too large"),
    (BINARY + f"    info: {'[' * 40}\n", 5, "models.m.info", "nested deeper than 32 levels"),
    (BINARY + "storage:\n", 5, "storage", "must be a mapping, not nothing; give it a value"),
    (BINARY + "storage: here\n", 5, "storage", "must be a mapping"),
    (BINARY + "storage:\n  path: ''\n", 6, "storage.path", "must not be empty"),
    (BINARY + "storage:\n  path: [a]\n", 6, "storage.path", "must be a path, not a list"),
    (BINARY + "storage:\n  commit_interval: 1ms\n", 6, "storage.commit_interval", "at least 100ms, not 1ms"),
    (BINARY + "evaluation_interval: 0s\n", 5, "evaluation_interval", "at least 1s"),
    (BINARY + "evaluation_interval: 15\n", 5, "evaluation_interval", "needs a unit, such as 15s"),
    (BINARY + "windows: [1h]\n", 5, "windows", "unknown key; it belongs to a model"),
]  # fmt: skip

# One line more in the smallest model: it is line 5.
ENTRIES = [
    ("windwos: [1h]", "windwos", "unknown key; did you mean windows?"),
    ("name: x", "name", "unknown key"),
    ("horizon: 30d", "horizon", "it belongs to labels"),
    ("evaluation_interval: 1m", "evaluation_interval", "it belongs to the top level"),
    ("xyzzy: 1", "xyzzy", "known here: task,"),
    ("windows: 1h", "windows", "must be a list"),
    ("windows:", "windows", "must be a list, not nothing"),
    ("windows: []", "windows", "must not be empty"),
    ("windows: [1h, 1x]", "windows[1]", '"1x" is not a duration'),
    ("windows: [60]", "windows[0]", "it needs a unit, such as 60s"),
    ("windows: [true]", "windows[0]", "must be a duration, not true"),
    ("windows: [0rows]", "windows[0]", "a window of 0 rows is not possible; at least 1row"),
    ("windows: [100001rows]", "windows[0]", "kept in memory: at most 100000rows"),
    ("windows: [1000 rows]", "windows[0]", "write 1000rows"),
    ("windows: [0100rows]", "windows[0]", "write 100rows"),
    ("windows: [1rows]", "windows[0]", "write 1row"),
    ("windows: [2row]", "windows[0]", "write 2rows"),
    ("windows: [1h, -5rows]", "windows[1]", "is not a duration"),
    ("windows: [{length: 10rows, step: 1m}]", "windows[0].step", "the window 10rows has no step"),
    ("windows: [{length: all, previous: true}]", "windows[0].previous", "the window all has no previous one"),
    ("windows: [{length: 1h, previous: 1}]", "windows[0].previous", ""),
    ("windows: [1h, 60m]", "windows[1]", "as long as 1h"),
    ("windows: [all, all]", "windows[1]", "twice"),
    ("windows: [500ms]", "windows[0]", "at least 1s"),
    ("windows: [{length: 1h, step: 7m}]", "windows[0].step", "does not divide the window of 1h; 1m would do"),
    ("windows: [{length: 1h, step: 20m}, 24h]", "windows[0].step", "the step 30m of the longer window 24h"),
    ("windows: [{length: all, step: 1m}]", "windows[0].step", "no step"),
    ("windows: [{length: 1h, stp: 1m}]", "windows[0].stp", "did you mean step?"),
    ("windows: [{step: 1m}]", "windows[0]", '"length" is missing'),
    ("windows: [1y]", "windows[0]", "write 365d"),
    ("labels: 5", "labels", "must be a path, a list of paths, or a mapping"),
    ("labels: []", "labels", "must name at least one file"),
    ("labels: [a, 5]", "labels[1]", "must be a path, not the number 5"),
    ("labels: [a, a]", "labels[1]", '"a" is there twice'),
    ("labels: {horizon: 1h}", "labels", '"path" is missing'),
    ("labels: {path: l, format: xml}", "labels.format", "must be one of jsonl, csv, parquet, not the text"),
    ("labels: [a.csv, b.jsonl]", "labels", "the paths look like different formats: csv and jsonl"),
    ("labels: [a.csv, b.tsv]", "labels", "csv.delimiter must say what separates cells"),
    ("labels: {path: a.csv, csv: {delimiter: ab}}", "labels.csv.delimiter", "must be one character"),
    ("labels: {path: a.csv, csv: {delimiter: '\"'}}", "labels.csv.delimiter", "cannot separate cells"),
    ("labels: {path: l, horizon: 1h, settle: 2h}", "labels.settle", "not be longer than the horizon (1h), not 2h"),
    ("labels: {path: l, horizon: 0s}", "labels.horizon", "at least 1s"),
    ("labels: {path: l, fields: {request_id: null}}", "labels.fields.request_id", "must be a dotted path"),
    ("labels: {path: l, fields: {lable: y}}", "labels.fields.lable", "did you mean label?"),
    ("labels: {path: l, time_format: iso}", "labels.time_format", "must be one of rfc3339, epoch_s"),
    ("labels: {path: http://host/l}", "labels.path", "must be a file, not an address"),
    ("labels: {path: ~/l}", "labels.path", "~ is not expanded"),
    ("reference: [a, b]", "reference", "a reference is one file"),
    ("reference: {path: [a]}", "reference.path", "must be a path, not a list"),
    ("reference: {path: r, name: ''}", "reference.name", "must not be empty"),
    ("reference: {path: r, fields: {scores: {a: ''}}}", "reference.fields.scores.a", "must name a key"),
    ("fields: []", "fields", "must be a mapping, not a list"),
    ("fields: {timestamp: null}", "fields.timestamp", "must be a dotted path"),
    ("fields: {score: a..b}", "fields.score", "empty key between its dots"),
    ("fields: {score: []}", "fields.score", "must name a key"),
    ("fields: {score: [a, '']}", "fields.score[1]", "text that is not empty"),
    ("fields: {features: a.}", "fields.features", "empty key"),
    ("fields: {scores: {}}", "fields.scores", "a path for each class"),
    ("fields: {scores: {a: 5}}", "fields.scores.a", "must be a dotted path"),
    ("fields: {laytency: x}", "fields.laytency", "did you mean latency?"),
    ("model_id: []", "model_id", "must be text, a number, true or false"),
    ("time_format: epoch", "time_format", "did you mean epoch"),
    ("time_zone: Europe/Berln", "time_zone", "did you mean Europe/Berlin?"),
    ("time_zone: ../etc/passwd", "time_zone", "there is no time zone"),
    ("time_zone: America", "time_zone", "there is no time zone"),
    ("latency_unit: min", "latency_unit", "must be one of s, ms, us, ns"),
    ("classes: a", "classes", "must be a list"),
    ("classes: [a]", "classes", "exactly 2 classes, not 1"),
    ("classes: [a, b, c]", "classes", "or is the task multiclass?"),
    ("classes: [1, 1.0]", "classes[1]", "twice"),
    ("classes: [a, null]", "classes[1]", "not nothing"),
    ("positive_class: {}", "positive_class", "must be text, a number"),
    ("threshold: 1", "threshold", "between 0 and 1, not 1; both ends are excluded"),
    ('threshold: "0.5"', "threshold", "must be a number, not the text"),
    ("threshold: true", "threshold", "must be a number, not true"),
    ("low_confidence: 0.0", "low_confidence", "between 0 and 1"),
    ("features: [a]", "features", "must be a mapping"),
    ("features: {a: numberic}", "features.a", "did you mean numeric?"),
    ("features: {a: {kind: x}}", "features.a.kind", "must be one of numeric, categorical"),
    ("features: {a: 5}", "features.a", "must be numeric, categorical or a mapping"),
    ("features: {a: {pth: b}}", "features.a.pth", "did you mean path?"),
    ("ignore_features: [a, 1]", "ignore_features[1]", 'put it in quotes: "1"'),
    ("ignore_features: [a, a]", "ignore_features[1]", "twice"),
    ("segments: a", "segments", "must be a list of paths, or a mapping from names to paths"),
    ("segments: [a, b.a]", "segments[1]", "names that differ"),
    ("segments: [5]", "segments[0]", "must be a dotted path"),
    ("segments: {x: [a, 1]}", "segments.x[1]", "a key must be text"),
    ("segments: {'': a}", 'segments.""', "must not be empty"),
    ("allowed_lateness: -1m", "allowed_lateness", "is not a duration"),
    ("idle_timeout: 0s", "idle_timeout", "at least 1s"),
    ("max_future_skew: 1.5h", "max_future_skew", "write 1h30m"),
    ("version_ttl: 99999d", "version_ttl", "too long"),
    ("drift: {numeric: [kss]}", "drift.numeric[0]", "did you mean ks?"),
    ("drift: {numeric: [ks, ks]}", "drift.numeric[1]", "twice"),
    ("drift: {categorical: [ks]}", "drift.categorical[0]", "must be one of psi, js, chi2, linf"),
    ("drift: {min_rows: 0}", "drift.min_rows", "must be at least 1, not 0"),
    ("drift: {min_rows: 1.5}", "drift.min_rows", "must be a whole number"),
    ('drift: {min_rows: "5"}', "drift.min_rows", "take the quotes away"),
    ("drift: {psi: {bins: 1}}", "drift.psi.bins", "at least 2"),
    ("drift: {psi: {bins: 5, floor: 0.2}}", "drift.psi.floor", "less than 1 / bins (0.2)"),
    ("drift: {psi: {floor: 0}}", "drift.psi.floor", "greater than 0"),
    ("latency_buckets: []", "latency_buckets", "must not be empty"),
    ("latency_buckets: [1, 1]", "latency_buckets[1]", "greater than the one before it (1"),
    ("latency_buckets: [0, 1]", "latency_buckets[0]", "greater than 0"),
    ("latency_buckets: [1, .inf]", "latency_buckets[1]", "must be a number"),
    (f"latency_buckets: [{TOO_MANY}]", "latency_buckets", "at most 100 entries"),
    ("limits: {line_bytes: 1M}", "limits.line_bytes", "such as 1MiB"),
    ("limits: {line_bytes: 0}", "limits.line_bytes", "at least 1B"),
    ("limits: {memory: 1kB}", "limits.memory", "at least line_bytes (1MiB), not 1000B"),
    ("limits: {categories: 0}", "limits.categories", "at least 1"),
    ("limits: {segment: 5}", "limits.segment", "did you mean segments?"),
    ("info: {owner: 5}", "info.owner", 'put it in quotes: "5"'),
]  # fmt: skip

# Several lines more: text, line, path, words.
TOGETHER = [
    (BINARY + "    classes: [a, b]\n    positive_class: c\n", 6, "positive_class", "not one of the classes; classes holds a, b"),
    (MANY + f"    classes: [{TOO_MANY}]\n", 5, "classes", "more than limits.classes (100); raise the limit"),
    (MANY + "    classes: [a, b]\n    fields: {scores: {a: x, c: y}}\n", 5, "classes", '"b" is not in both'),
    (BINARY + "    fields: {request_id: null}\n    labels: l\n", 6, "labels", "fields.request_id is null"),
    (NUMBER + "    classes: [a]\n", 5, "classes", "at least 2 classes"),
    (BINARY + "    limits:\n      line_bytes: 1GiB\n", 5, "limits", "memory must be at least line_bytes (1GiB), not 256MiB"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "path", "words"), FILES)
def test_a_bad_file_is_refused_where_it_is_bad(text: str, line: int, path: str, words: str) -> None:
    assert_found(problems_of(text), line, path, words)


@pytest.mark.parametrize(("entry", "path", "words"), ENTRIES)
def test_a_bad_entry_of_a_model_is_refused(entry: str, path: str, words: str) -> None:
    problems = problems_of(BINARY + f"    {entry}\n")
    assert_found(problems, 5, f"models.m.{path}", words)
    assert len(problems) == 1, "one mistake gave several problems"


@pytest.mark.parametrize(("text", "line", "path", "words"), TOGETHER)
def test_entries_that_contradict_each_other_are_refused(text: str, line: int, path: str, words: str) -> None:
    assert_found(problems_of(text), line, f"models.m.{path}", words)


def test_two_classes_need_a_positive_one_unless_it_goes_without_saying() -> None:
    assert_found(
        problems_of(BINARY + "    classes: [a, b]\n"), 2, "models.m", "positive_class must say which of a and b"
    )
    loaded = parse(BINARY + "    classes: [false, true]\n", file="d.yaml", folder=Path("/"))
    assert loaded.configuration.models["m"].classes == ("false", "true")


def assert_found(problems: tuple[Problem, ...], line: int, path: str, words: str) -> None:
    found = [problem for problem in problems if (problem.line, problem.path) == (line, path)]
    assert any(words in str(problem) for problem in found), "\n".join(map(str, problems))
    for problem in problems:
        assert str(problem).startswith(f"d.yaml:{problem.line}:{problem.column}: ")
        assert "\n" not in str(problem)
        assert problem.severity is Severity.ERROR


def test_all_problems_come_at_once_in_the_order_of_the_file() -> None:
    text = """\
models:
  a:
    task: binray
    predictions: &p a.jsonl
    windows: [1x, 1h, 2y]
    classes: [x, y, z]
    classes: [x]
    labels: {path: l, horizon: 1h, settle: 2h, fields: {lable: y}}
    drift: {psi: {bins: 1}}
  b: {task: regression}
storge: {}
"""
    assert [(problem.line, problem.path) for problem in problems_of(text)] == [
        (3, "models.a.task"),
        (4, "models.a.predictions"),
        (5, "models.a.windows[0]"),
        (5, "models.a.windows[2]"),
        (7, "models.a.classes"),
        (8, "models.a.labels.settle"),
        (8, "models.a.labels.fields.lable"),
        (9, "models.a.drift.psi.bins"),
        (10, "models.b"),
        (11, "storge"),
    ]


def test_the_column_is_where_the_value_starts() -> None:
    (problem,) = problems_of(BINARY + "    windows: [1h, 1x]\n")
    assert problem.column == len("    windows: [1h, ") + 1


def test_the_text_of_an_error_is_one_line_per_problem() -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse("models: {fraud: {task: x, predictions: p, windows: [1x]}}", file="d.yaml", folder=Path("/"))
    assert str(refused.value).splitlines() == [
        'd.yaml:1:24: models.fraud.task: must be one of binary, multiclass, regression, not the text "x"',
        (
            'd.yaml:1:53: models.fraud.windows[0]: "1x" is not a duration; write numbers with the units w, d, h, m, s, ms,'
            " from large to small, each at most once, such as 30s or 1h30m"
        ),
    ]


@pytest.mark.parametrize(
    "text",
    [
        BINARY + "".join(f"k{number}: 1\n" for number in range(20_000)),
        BINARY + "".join(f"    predictionz{number}: 1\n" for number in range(20_000)),
        # Each is unknown, too, which goes without saying.
        BINARY + "".join(f"k{number // 2}: 1\n" for number in range(40_000)),
    ],
    ids=["unknown keys", "misspelt keys", "keys that are there twice"],
)
def test_of_very_many_problems_the_first_are_told_and_only_those_explained(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def none(key: str, *_others: object, **_more: object) -> list[str]:
        asked.append(key)
        return []

    monkeypatch.setattr(explanation, "get_close_matches", none)
    *first, last = problems_of(text)
    assert len(first) == 100
    assert [problem.line for problem in first] == sorted(problem.line for problem in first)
    assert str(last) == "d.yaml: 19900 more problems are not shown; correct these first"
    assert len(asked) <= 100


def test_a_hundred_problems_are_told_one_by_one() -> None:
    problems = problems_of(BINARY + "".join(f"k{number}: 1\n" for number in range(100)))
    assert [problem.line for problem in problems] == list(range(5, 105))


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("010", "write 10, without a zero in front"),
        ("-007", "write -7, without a zero in front"),
        ("00", ""),
        ('"10"', "take the quotes away"),
        ("ten", ""),
        ("1_000", ""),
        ("0x10", ""),
    ],
)
def test_a_text_in_place_of_a_number_has_the_hint_that_helps(written: str, hint: str) -> None:
    (problem,) = problems_of(BINARY + f"    limits: {{categories: {written}}}\n")
    assert problem.hint == hint


def test_a_size_of_nothing_is_told_in_bytes() -> None:
    (problem,) = problems_of(BINARY + "    limits: {line_bytes: 0}\n")
    assert problem.message == "must be at least 1B, not 0B"


def test_very_many_files_are_compared_in_no_time() -> None:
    names = [*(f"p{number}" for number in range(40_000)), "p7"]
    (problem,) = problems_of(f"models: {{m: {{task: binary, predictions: [{', '.join(names)}]}}}}")
    assert (problem.path, problem.message) == ("models.m.predictions[40000]", '"p7" is there twice')
