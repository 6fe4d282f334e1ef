"""Good configurations: what they become."""

from __future__ import annotations

import os
import pickle
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from exporter.configuration import ConfigurationError, FeatureOverride, Model, Problem, Window, load, parse
from exporter.state.lock import Lock
from exporter.state.problem import StateError
from tests.exporter.pipes import pipe

SMALLEST = "models: {fraud: {task: binary, predictions: log.jsonl}}"
FOLDER = Path("/etc/driftbell")
FULL = (Path(__file__).parent / "full.yaml").read_text(encoding="utf-8")
HOUR = 3_600_000_000


def model_of(text: str) -> Model:
    (model,) = parse(text, file="d.yaml", folder=FOLDER).configuration.models.values()
    return model


def with_entry(entry: str, task: str = "binary") -> Model:
    return model_of(f"models:\n  fraud:\n    task: {task}\n    predictions: log.jsonl\n    {entry}\n")


def test_the_smallest_file_has_all_defaults() -> None:
    model = model_of(SMALLEST)
    assert (model.name, model.model_id, model.task) == ("fraud", "fraud", "binary")
    assert model.predictions.paths == ("/etc/driftbell/log.jsonl",)
    assert (model.labels, model.reference, model.classes, model.positive_class) == (None, None, None, None)
    assert model.windows == (Window("1h", HOUR, HOUR // 60), Window("24h", 24 * HOUR, HOUR // 2))
    assert (model.fields.features, model.fields.model, model.fields.latency) == (("features",), None, ("latency_ms",))
    assert (model.drift.numeric, model.drift.categorical) == (
        ("ks", "psi", "wasserstein_normed", "tail"),
        ("psi", "chi2"),
    )
    assert (model.limits.line_bytes, model.limits.memory) == (2**20, 2**28)
    assert model.latency_buckets[-1] == 10
    assert (model.allowed_lateness, model.idle_timeout, model.version_ttl) == (60_000_000, 300_000_000, 8760 * HOUR)


def test_the_defaults_written_out_are_the_defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    written = parse(FULL, file="d.yaml", folder=tmp_path).configuration
    short = "models: {elec2-price-up: {task: binary, predictions: predictions.jsonl.gz, labels: labels.jsonl.gz,"
    short += " reference: reference.parquet, features: {weekday: categorical}}}"
    assert written == parse(short, file="d.yaml", folder=tmp_path).configuration
    assert written.storage.path == tmp_path / "driftbell-state"


def test_a_file_is_loaded_from_its_own_folder(tmp_path: Path) -> None:
    file = tmp_path / "driftbell.yaml"
    file.write_text(
        "models: {m: {task: binary, predictions: [logs/*.jsonl, /var/log/x.jsonl], reference: r.csv}}\n"
        "storage: {path: state}\n",
        encoding="utf-8-sig",
    )
    configuration = load(file).configuration
    model = configuration.models["m"]
    assert model.predictions.paths == (f"{tmp_path}/logs/*.jsonl", "/var/log/x.jsonl")
    assert model.reference is not None
    assert (model.reference.path, configuration.storage.path) == (tmp_path / "r.csv", tmp_path / "state")


def test_a_folder_with_brackets_is_no_pattern() -> None:
    model = parse(SMALLEST, file="d.yaml", folder=Path("/srv/[a]*")).configuration.models["fraud"]
    assert model.predictions.paths == ("/srv/[[]a][*]/log.jsonl",)


def test_a_relative_folder_becomes_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    model = parse(SMALLEST, file="d.yaml", folder=Path()).configuration.models["fraud"]
    assert model.predictions.paths == (f"{tmp_path}/log.jsonl",)


@pytest.mark.parametrize(
    ("content", "place"), [(b"a: \xff", ":1:4: not UTF-8"), ("a: 1\nb: é".encode() + b"\xc3", ":2:5: not UTF-8")]
)
def test_bytes_that_are_not_utf8_have_a_place(tmp_path: Path, content: bytes, place: str) -> None:
    file = tmp_path / "d.yaml"
    file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=re.escape(f"{file}{place}")):
        load(file)


def test_a_file_that_cannot_be_read_is_a_problem_without_a_place(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load(tmp_path / "missing.yaml")
    assert str(refused.value) == f"{tmp_path}/missing.yaml: cannot be read: No such file or directory"


@pytest.mark.parametrize("name", ["fraud v2: new", "a.b", "1", "é" * 200, "[0]", "__proto__"])
def test_a_name_can_be_any_line_of_text(name: str) -> None:
    configuration = parse(
        f'models: {{"{name}": {{task: binary, predictions: p}}}}', file="d", folder=FOLDER
    ).configuration
    assert configuration.models[name].name == configuration.models[name].model_id == name


@pytest.mark.parametrize(
    ("written", "found"), [("17", "17"), ("1.0", "1"), ("true", "true"), ("'x'", "x"), ("~", "fraud")]
)
def test_model_id_is_canonical_text(written: str, found: str) -> None:
    assert with_entry(f"model_id: {written}").model_id == found


def test_classes_are_canonical_texts() -> None:
    model = with_entry("classes: [0, 1.0]\n    positive_class: 1")
    assert (model.classes, model.positive_class) == (("0", "1"), "1")
    assert with_entry("classes: [no, true, 0.5, 012]", "multiclass").classes == ("no", "true", "0.5", "012")


@pytest.mark.parametrize(
    ("written", "found"),
    [("a", ("a",)), ("a.b", ("a", "b")), ("[a.b, c]", ("a.b", "c")), ("''", ()), ("[]", ()), ("~", None)],
)
def test_features_can_stand_anywhere(written: str, found: tuple[str, ...] | None) -> None:
    assert with_entry(f"fields: {{features: {written}}}").fields.features == found


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("probs", ("probs",)),
        ("[a, b]", ("a", "b")),
        ("{cat: p.cat, dog: [p, d.og]}", {"cat": ("p", "cat"), "dog": ("p", "d.og")}),
        ("~", None),
    ],
)
def test_scores_can_have_a_path_each(written: str, found: object) -> None:
    assert with_entry(f"fields: {{scores: {written}}}", "multiclass").fields.scores == found


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("[country, features.age]", {"country": ("country",), "age": ("features", "age")}),
        ("[[a, b.c]]", {"b.c": ("a", "b.c")}),
        ("{nation: country}", {"nation": ("country",)}),
        ("[]", {}),
    ],
)
def test_segments_have_a_name_each(written: str, found: object) -> None:
    assert with_entry(f"segments: {written}").segments == found


def test_features_can_be_said_short_or_long() -> None:
    model = with_entry("features: {a: numeric, b: {kind: categorical, path: x.b}, c: {path: [c.c]}}")
    assert model.features == {
        "a": FeatureOverride(kind="numeric", path=None),
        "b": FeatureOverride.model_validate({"kind": "categorical", "path": "x.b"}),
        "c": FeatureOverride.model_validate({"kind": None, "path": ["c.c"]}),
    }


def test_windows_keep_the_spelling_and_come_sorted() -> None:
    model = with_entry("windows: [all, 60m, {length: 1d, step: 15m}, 30s]")
    assert [(window.name, window.step) for window in model.windows] == [
        ("30s", 1_000_000),
        ("60m", 60_000_000),
        ("1d", 900_000_000),
        ("all", 0),
    ]


@pytest.mark.parametrize(
    ("written", "settle"), [("l", 24 * HOUR), ("{path: l, horizon: 1h}", HOUR), ("{path: l, settle: 2h}", 2 * HOUR)]
)
def test_settle_is_a_day_or_the_horizon_if_that_is_shorter(written: str, settle: int) -> None:
    labels = with_entry(f"labels: {written}").labels
    assert labels is not None
    assert labels.settle == settle


def test_labels_are_timed_like_the_predictions_unless_they_say_otherwise() -> None:
    head = "time_format: epoch_ms\n    time_zone: UTC\n    labels: "
    labels = with_entry(head + "l").labels
    assert labels is not None
    assert (labels.time_format, labels.time_zone) == ("epoch_ms", "UTC")
    labels = with_entry(head + "{path: l, time_format: rfc3339, time_zone: null}").labels
    assert labels is not None
    assert (labels.time_format, labels.time_zone) == ("rfc3339", None)


def test_a_reference_is_laid_out_like_the_logs_unless_it_says_otherwise() -> None:
    model = with_entry(
        "fields: {score: p, version: null, model: m}\n    labels: {path: l, fields: {label: y}}\n"
        "    reference: {path: r.csv, fields: {features: [], prediction: null, status: code}}"
    )
    assert model.reference is not None
    fields = model.reference.fields
    assert (fields.score, fields.version, fields.label, fields.timestamp) == (("p",), None, ("y",), ("timestamp",))
    assert (fields.features, fields.prediction, fields.status, fields.model) == ((), None, ("code",), None)
    assert fields.model_fields_set == {"features", "prediction", "status"}


def test_a_reference_without_a_label_log_still_has_labels() -> None:
    model = with_entry("reference: r.csv")
    assert model.reference is not None
    assert (model.reference.fields.label, model.reference.name) == (("label",), "training")


def test_the_configuration_cannot_be_changed() -> None:
    model = model_of(SMALLEST)
    with pytest.raises(ValidationError, match="frozen"):
        model.threshold = 0.9


def test_equal_texts_give_equal_configurations_that_can_be_stored() -> None:
    configuration = parse(FULL, file="d.yaml", folder=FOLDER).configuration
    assert configuration == parse(FULL, file="d.yaml", folder=FOLDER).configuration
    assert configuration == pickle.loads(pickle.dumps(configuration))  # noqa: S301 - our own bytes
    assert '"windows":[{"name":"1h"' in configuration.model_dump_json()


LINES = FULL.splitlines(keepends=True)
WORDS = ["\n", "  ", "\t", ": ", "- ", "1e9", *sorted(set(re.findall(r"[\w.]+|[^\w\s]", FULL)))]


@given(
    st.lists(st.sampled_from(LINES) | st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join), max_size=25).map(
        "".join
    )
)
def test_random_text_never_raises_anything_else(text: str) -> None:
    assert_loads_or_refuses(text)


@given(st.integers(0, len(FULL)), st.integers(0, 30), st.sampled_from(WORDS) | st.text(max_size=5))
def test_a_damaged_file_never_raises_anything_else(start: int, length: int, patch: str) -> None:
    assert_loads_or_refuses(FULL[:start] + patch + FULL[start + length :])


def assert_loads_or_refuses(text: str) -> None:
    problems: tuple[Problem, ...] = ()
    try:
        assert parse(text, file="d.yaml", folder=FOLDER).configuration.models
    except ConfigurationError as error:
        problems = error.problems
        if not problems:
            raise
    assert all(problem.line >= 1 and problem.column >= 1 for problem in problems)


def test_a_model_s_hash_is_that_of_what_is_said_about_it(tmp_path: Path) -> None:
    def hashes(text: str) -> dict[str, str]:
        return {
            name: model.hash for name, model in parse(text, file="d.yml", folder=tmp_path).configuration.models.items()
        }

    one = "  a: {task: regression, predictions: a.jsonl}\n"
    other = "  b: {task: regression, predictions: b.jsonl%s}\n"
    first = hashes(f"models:\n{one}{other % ''}")
    assert first == hashes(f"# the same\nevaluation_interval: 1s\nmodels:\n{one}{other % ', windows: [1h, 24h]'}")
    later = hashes(f"models:\n{one}{other % ', windows: [1h]'}")
    assert later["a"] == first["a"]
    assert later["b"] != first["b"]


def test_what_is_no_regular_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    with pipe(tmp_path / "pipe.yml") as path, pytest.raises(ConfigurationError) as refused:
        load(path)
    assert str(refused.value) == f"{path}: cannot be read: is no regular file"
    with pytest.raises(ConfigurationError, match="/dev/null: cannot be read: is no regular file"):
        load(Path("/dev/null"))


def test_a_file_without_end_is_not_read_to_it(tmp_path: Path) -> None:
    path = tmp_path / "large.yml"
    path.touch()
    os.truncate(path, 2**40)
    with pytest.raises(ConfigurationError, match=r"large\.yml: cannot be read: is larger than 1 MiB"):
        load(path)


def test_a_link_to_a_file_is_as_good_as_the_file(tmp_path: Path) -> None:
    (tmp_path / "data.yml").write_text(SMALLEST)
    (tmp_path / "link.yml").symlink_to("data.yml")
    assert load(tmp_path / "link.yml").configuration.models.keys() == {"fraud"}


def test_a_working_folder_that_was_deleted_is_no_matter_until_it_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    stated = parse(SMALLEST + "\nstorage: {path: /state}", file="d.yaml", folder=FOLDER).configuration
    assert stated.storage.path == Path("/state")
    path = parse(SMALLEST, file="d.yaml", folder=FOLDER).configuration.storage.path
    assert path.is_absolute()
    with pytest.raises(StateError, match="driftbell-state: the state cannot be kept here: No such file"):
        Lock(path)
