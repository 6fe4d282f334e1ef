"""The commands as functions of their arguments; ``serve`` is tested in tests/end_to_end."""

from __future__ import annotations

import io
import json
import platform
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import exporter
from exporter import configuration
from exporter.cli import main
from exporter.command_line import parse
from exporter.commands.manual import DOCUMENTATION, PAGES, PROGRAM
from tests.conftest import ROOT
from tests.end_to_end.world import Page, World, labelled_world, page_of, stamp, total
from tests.exporter.reference_parsers import openmetrics_families


@pytest.fixture
def world(tmp_path: Path) -> World:
    return labelled_world(tmp_path / "w")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def run(*arguments: object, stderr: io.StringIO | None = None) -> tuple[int, str, str]:
    stdout, stderr = io.StringIO(), stderr or io.StringIO()
    code = main([str(argument) for argument in arguments], stdout, stderr)
    return code, stdout.getvalue(), stderr.getvalue()


def evaluated(world: World, *more: str) -> Page:
    code, stdout, stderr = run("evaluate", f"--config.file={world.config}", *more)
    assert (code, stderr) == (0, "")
    # All but when it was read.
    return {key: value for key, value in page_of(stdout).items() if "last_success" not in key[0]}


def test_evaluate_prints_the_exposition(world: World) -> None:
    page = evaluated(world)
    assert total(page, "ml_requests_total") == 300
    assert total(page, "ml_labels_total", outcome="joined") == 200
    assert total(page, "ml_exporter_build_info", version=exporter.__version__) == 1


def test_evaluate_prints_openmetrics_too(world: World) -> None:
    code, stdout, _ = run("evaluate", f"--config.file={world.config}", "--format=openmetrics")
    assert code == 0
    found = {
        (s.name, tuple(sorted(s.labels.items()))): s.value for f in openmetrics_families(stdout) for s in f.samples
    }
    assert {key: value for key, value in found.items() if "last_success" not in key[0]} == evaluated(world)


def test_evaluate_as_of_a_moment_sees_what_lies_before_it(world: World) -> None:
    page = evaluated(world, f"--at={stamp(world.start + 0.0995)}", "--labels=all")
    assert total(page, "ml_requests_total") == 100


def test_evaluate_counts_what_comes_before_the_damage_and_fails(world: World) -> None:
    import gzip

    log = world.folder / "predictions.jsonl"
    whole = gzip.compress(log.read_bytes())
    log.write_bytes(whole[: len(whole) // 2])
    code, stdout, stderr = run("evaluate", f"--config.file={world.config}")
    assert code == 1
    assert str(log) in stderr
    rows = total(page_of(stdout), "ml_requests_total")
    assert rows is not None
    assert 0 < rows < 300


def test_evaluate_without_a_log_says_which(world: World) -> None:
    log = world.folder / "labels.jsonl"
    log.unlink()
    code, stdout, stderr = run("evaluate", f"--config.file={world.config}")
    assert code == 1
    assert str(log) in stderr
    assert total(page_of(stdout), "ml_requests_total") == 300


def test_evaluate_shows_what_it_reads_on_a_terminal(world: World) -> None:
    code, stdout, stderr = run("evaluate", f"--config.file={world.config}", stderr=Terminal())
    assert code == 0
    assert "reading the logs of churn" in stderr
    assert "rows" in stderr
    assert "reading" not in stdout


@pytest.mark.parametrize("moment", ["yesterday", "2026-13-01T00:00:00Z", ""])
def test_a_moment_that_is_none_is_refused(world: World, moment: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, stdout, _ = run("evaluate", f"--config.file={world.config}", f"--at={moment}")
    assert (code, stdout) == (2, "")
    assert "argument --at" in capsys.readouterr().err


@pytest.mark.parametrize("address", ["9911", "localhost:99999", "http://localhost:1"])
def test_an_address_that_is_none_is_refused(world: World, address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("serve", f"--config.file={world.config}", f"--web.listen-address={address}")[0] == 2
    assert "--web.listen-address: listen address must be host:port" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["serve", "evaluate", "check-config", "profile"])
def test_every_error_of_a_configuration_is_printed(tmp_path: Path, command: str) -> None:
    file = tmp_path / "d.yml"
    file.write_text("models:\n  a: {task: binray, predictions: p.jsonl}\nevaluation_interval: soon\n")
    code, stdout, stderr = run(command, f"--config.file={file}")
    assert (code, stdout) == (2, "")
    assert [line.rpartition("d.yml:")[2][0] for line in stderr.splitlines()] == ["2", "3"]


@pytest.mark.parametrize("command", ["serve", "evaluate", "check-config", "profile"])
def test_a_configuration_that_is_not_there_is_named(tmp_path: Path, command: str) -> None:
    code, _, stderr = run(command, f"--config.file={tmp_path / 'none.yml'}")
    assert code == 2
    assert "none.yml" in stderr


@pytest.mark.parametrize("command", ["serve", "evaluate", "check-config", "profile"])
def test_a_reference_that_cannot_be_used_is_named(world: World, command: str) -> None:
    (world.folder / "reference.csv").unlink()
    state = [f"--storage.path={world.folder / 'state'}", "--web.listen-address=127.0.0.1:0"]
    code, _, stderr = run(command, f"--config.file={world.config}", *(state if command == "serve" else []))
    assert code == 2
    assert "reference.csv" in stderr


def test_check_config_says_what_a_model_costs(world: World) -> None:
    code, stdout, stderr = run("check-config", f"--config.file={world.config}")
    assert (code, stderr) == (0, "")
    assert stdout.startswith("churn: about ")


def test_check_config_warns_about_logs_without_failing(world: World) -> None:
    (world.folder / "labels.jsonl").unlink()
    code, stdout, stderr = run("check-config", f"--config.file={world.config}")
    assert code == 0
    assert "warning: models.churn.labels: " in stderr
    assert stdout


def test_evaluate_says_when_most_of_a_log_is_of_no_use(world: World) -> None:
    log = world.folder / "predictions.jsonl"
    log.write_text(log.read_text().replace('"timestamp"', '"time"'))
    (world.folder / "labels.jsonl").write_text("")
    code, _, stderr = run("evaluate", f"--config.file={world.config}")
    assert (code, stderr.splitlines()) == (
        0,
        [
            "driftbell: churn predictions: 300 of 300 records rejected, most often: missing_timestamp",
            "driftbell: churn labels: no record was read; run check-config",
        ],
    )


def test_evaluate_says_when_most_labels_are_dated_after_the_newest_prediction(world: World) -> None:
    labels = [json.loads(line) for line in (world.folder / "labels.jsonl").read_text().splitlines()]
    later = [line | {"timestamp": stamp(world.start + 10)} for line in labels[:180]]
    useless = [{key: value for key, value in line.items() if key != "label"} for line in labels[180:]]
    (world.folder / "labels.jsonl").write_text("".join(json.dumps(line) + "\n" for line in (*later, *useless)))
    _, stdout, stderr = run("evaluate", f"--config.file={world.config}")
    assert total(page_of(stdout), "ml_exporter_rows_total", source="labels") == 20
    assert stderr == (
        "driftbell: churn labels: 180 of 200 records left out: dated after the newest prediction; "
        "--labels=all counts them. 20 of 200 records rejected, most often: missing_label\n"
    )
    assert run("evaluate", f"--config.file={world.config}", "--labels=all")[2] == ""


def test_evaluate_says_when_all_of_a_log_lies_beyond_the_moment(world: World) -> None:
    assert run("evaluate", f"--config.file={world.config}", f"--at={stamp(world.start + 0.01)}")[2] == ""
    _, _, stderr = run("evaluate", f"--config.file={world.config}", f"--at={stamp(world.start - 60)}")
    assert stderr.splitlines() == [
        f"driftbell: churn {source} records left out: dated after --at"
        for source in ("predictions: 300 of 300", "labels: 200 of 200")
    ]


def test_check_config_names_every_reference_that_cannot_be_used(tmp_path: Path) -> None:
    file = tmp_path / "driftbell.yml"
    model = "{task: regression, predictions: p.jsonl, reference: %s}"
    file.write_text(f"models:\n  a: {model % 'a.csv'}\n  b: {model % 'b.csv'}\n")
    code, _, stderr = run("check-config", f"--config.file={file}")
    assert code == 2
    for name in ("a", "b"):
        assert f"{file}: models.{name}.reference: {tmp_path / name}.csv: cannot be read" in stderr


def test_a_profile_can_stand_in_for_the_training_data(world: World) -> None:
    whole = evaluated(world)
    output = world.folder / "churn.profile.json"
    code, stdout, stderr = run("profile", f"--config.file={world.config}", "--model=churn", f"--output={output}")
    assert (code, stderr) == (0, "")
    assert "200 rows, 2 features" in stdout
    world.config.write_text(world.config.read_text().replace("reference.csv", output.name))
    other = evaluated(world)
    # The configuration itself is another one.
    assert {key[0] for key in other.keys() ^ whole.keys()} == {"ml_model_config_info"}
    assert all(other[key] == whole[key] for key in other.keys() & whole.keys())


def test_training_data_without_a_configuration_make_the_same_profile(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(world.folder)
    assert run("profile", f"--config.file={world.config}")[0] == 0
    code, stdout, stderr = run("profile", "reference.csv", "--task=binary")
    assert (code, stderr) == (0, "")
    assert stdout.startswith("reference.profile.json: ")
    configured, plain = (world.folder / f"{name}.profile.json" for name in ("churn", "reference"))
    assert plain.read_bytes() == configured.read_bytes()


def test_columns_can_have_other_names(world: World) -> None:
    data = world.folder / "train.csv"
    text = (world.folder / "reference.csv").read_text()
    data.write_text(text.replace("tenure,plan,score,prediction,label", "tenure,plan,p,guess,truth", 1))
    arguments = ["--task=binary", "--score=p", "--prediction=guess", "--label=truth", "--ignore=plan"]
    code, stdout, _ = run("profile", data, *arguments, f"--output={world.folder / 'p.json'}")
    assert code == 0
    assert "1 features" in stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "either training data or --config.file"),
        (["reference.csv"], "--task=binary|multiclass|regression"),
        (["reference.csv", "--config.file=driftbell.yml"], "either training data or --config.file"),
        (["reference.csv", "--task=binary", "--model=churn"], "--model: not without --config.file"),
        (["--config.file=driftbell.yml", "--task=binary"], "--task: not with --config.file"),
        (["--config.file=driftbell.yml", "--model=chrun"], "must be one of churn, not chrun"),
        (["reference.csv", "--task=regression", "--score=score"], "a regression model has no --score"),
        (["reference.csv", "--task=binary", "--label=lable"], "did you mean 'label'"),
        (["none.csv", "--task=binary"], "none.csv"),
    ],
)
def test_a_profile_that_cannot_be_made_says_why(
    world: World, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(world.folder)
    code, stdout, stderr = run("profile", *arguments)
    assert (code, stdout) == (2, "")
    assert message in stderr


def test_a_profile_that_cannot_be_written_says_why(world: World) -> None:
    output = world.folder / "nowhere" / "p.json"
    code, _, stderr = run("profile", f"--config.file={world.config}", f"--output={output}")
    assert code == 1
    assert f"{output}: cannot be written" in stderr


def test_profiling_shows_a_bar_on_a_terminal(world: World) -> None:
    arguments = ("profile", world.folder / "reference.csv", "--task=binary", f"--output={world.folder / 'p.json'}")
    _, _, stderr = run(*arguments, stderr=Terminal())
    assert "profiling" in stderr
    assert "100%" in stderr


@pytest.mark.parametrize("arguments", [[], ["serv"], ["evaluate", "--config=x"], ["--nonsense"], ["serve", "x"]])
def test_wrong_arguments_are_refused_with_the_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*arguments)[0] == 2
    assert "usage: driftbell" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["serv"], "did you mean serve?"),
        (["check-conf"], "did you mean check-config?"),
        (["fly"], "commands: serve, evaluate, check-config, profile"),
        (["--vesion"], "did you mean --version?"),
        (["--config.file=x.yml"], "did you mean: driftbell serve --config.file=x.yml"),
        (["serve", "--confg.file=x.yml"], "did you mean --config.file?"),
        (["evaluate", "--label=all"], "did you mean --labels?"),
        (["serve", "--storage.path"], "expected one argument"),
    ],
)
def test_what_was_probably_meant_is_suggested(
    arguments: list[str], hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments)[0] == 2
    assert hint in capsys.readouterr().err


def test_version_is_told_as_prometheus_tells_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version")[0] == 0
    first, python, _ = capsys.readouterr().out.splitlines()
    assert first == f"driftbell, version {exporter.__version__}"
    assert python.split() == ["python", "version:", platform.python_version()]


@pytest.mark.parametrize("asked", [["help"], ["--help"], ["help", "serve"], ["serve", "--help"]])
def test_help_teaches(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*asked)[0] == 0
    told = capsys.readouterr().out
    assert "examples:\n  driftbell " in told
    assert "documentation: " in told
    assert ("--web.listen-address" in told) == ("exit codes:" in told) == ("serve" in asked)


def test_what_help_says_is_true(capsys: pytest.CaptureFixture[str]) -> None:
    """The pages it sends people to are there, and its examples are understood."""
    for page in DOCUMENTATION.split(", "):
        assert (ROOT / page).is_file()
    for example in (example for page in [PROGRAM, *PAGES.values()] for example in page.examples):
        assert parse(shlex.split(example)[1:]).action
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("command", ["serve", "evaluate", "check-config"])
def test_who_has_no_configuration_is_shown_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.chdir(tmp_path)
    code, stdout, stderr = run(command)
    assert (code, stdout) == (2, "")
    told, _, example = stderr.partition("\n\n")
    assert "there is no driftbell.yml in the current folder" in told
    assert list(configuration.parse(example, file="d.yml", folder=tmp_path).configuration.models) == ["fraud"]


def test_the_configuration_of_the_current_folder_needs_no_name(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(world.folder)
    code, stdout, stderr = run("check-config")
    assert (code, stderr) == (0, "")
    assert stdout.startswith("churn: ")


def test_a_reader_who_has_seen_enough_is_no_reason_to_complain(world: World) -> None:
    command = [sys.executable, "-m", "exporter", "evaluate", f"--config.file={world.config}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 1


def test_an_output_that_is_closed_is_no_reason_to_complain(world: World) -> None:
    """Nor may what is printed end up in a file that was opened in its place."""
    program = f"{sys.executable} -m exporter check-config --config.file={world.config} <&- >&- 2>&-"
    before = {path: path.read_bytes() for path in world.folder.iterdir()}
    assert subprocess.run(["sh", "-c", program], check=False).returncode == 0
    assert {path: path.read_bytes() for path in world.folder.iterdir()} == before


def test_an_output_that_cannot_be_written_is_a_failure(world: World) -> None:
    command = [sys.executable, "-m", "exporter", "evaluate", f"--config.file={world.config}"]
    with Path("/dev/full").open("w") as full:
        found = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (found.returncode, found.stderr) == (1, "driftbell: the output cannot be written: No space left on device\n")
