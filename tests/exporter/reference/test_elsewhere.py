from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from exporter.reference.cache import built
from exporter.reference.elsewhere import _Order, built_elsewhere, serve
from exporter.reference.options import ProfileOptions
from exporter.reference.problem import ReferenceProblem
from exporter.reference.serialisation import to_bytes

OPTIONS = ProfileOptions(
    "binary",
    "p",
    score="s",
    label="y",
    segments={"shop": "c"},
    kinds={"x": "numeric"},
    ignored=frozenset({"z"}),
    classes=("no", "yes"),
    positive_class="yes",
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "training data.csv"
    path.write_text("x,c,day,z,p,s,y\n1,a,2024-01-01,1,yes,0.9,no\n2,b,2024-01-02,1,no,0.2,no\n")
    return path


def test_the_profile_and_its_warnings_are_those_built_here(data: Path) -> None:
    there, here = built_elsewhere(data, OPTIONS, None), built(data, OPTIONS, None)
    assert to_bytes(there[0]) == to_bytes(here[0])
    assert there[1] == here[1]
    assert len(here[1]) > 0


def test_progress_is_heard_of(data: Path) -> None:
    steps: list[tuple[int, int]] = []
    built_elsewhere(data, OPTIONS, lambda done, total: steps.append((done, total)))
    size = data.stat().st_size
    assert (size, size) in steps


def test_a_problem_there_is_a_problem_here(tmp_path: Path) -> None:
    with pytest.raises(ReferenceProblem, match=r"gone.csv: cannot be read: No such file"):
        built_elsewhere(tmp_path / "gone.csv", OPTIONS, None)


def test_a_process_that_dies_is_a_problem(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start = subprocess.Popen

    def dying(command: Sequence[str], **rest: object) -> object:
        return start([command[0], "-c", "import sys; sys.stdin.read(); sys.exit(3)"], **rest)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", dying)
    with pytest.raises(ReferenceProblem, match=r"training data.csv: the process that profiles it ended .* memory"):
        built_elsewhere(data, OPTIONS, None)


def test_pyarrow_stays_out_of_the_process_that_asks(data: Path, tmp_path: Path) -> None:
    program = f"""
import sys
from pathlib import Path
from exporter.configuration.loading import parse
from exporter.capture.profiles import profile_of
text = "models: {{m: {{task: binary, predictions: p.jsonl, reference: {{path: {data.name!r}, fields: {{prediction: p, score: s, label: y}}}}, classes: ['no', 'yes'], positive_class: 'yes'}}}}"
model = parse(text, file="d.yml", folder=Path({str(tmp_path)!r})).configuration.models["m"]
assert profile_of(model, Path({str(tmp_path)!r}) / "cache").rows == 2
print(sorted(set(sys.modules) & {{"pyarrow", "pandas"}}))
"""
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (0, "[]\n"), found.stderr


def test_the_other_side_answers_with_lines_and_the_profile(data: Path) -> None:
    answers = io.BytesIO()
    order = {"path": str(data), "options": json.loads(OPTIONS.canonical()), "progress": False}
    serve(io.BytesIO(json.dumps(order).encode()), answers)
    line, _, profile = answers.getvalue().partition(b"\n")
    assert json.loads(line)["type"] == "found"
    assert profile == to_bytes(built(data, OPTIONS, None)[0])


def test_when_the_asker_is_gone_it_ends_without_a_word(data: Path) -> None:
    """Whoever was killed does not read the answer."""
    order = msgspec.json.encode(_Order(str(data), OPTIONS, progress=True))
    command = [sys.executable, "-m", "exporter.reference.elsewhere"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.write(order)
        process.stdin.close()
        assert process.stderr.read() == b""
        assert process.wait(20) == 1


def test_without_an_order_there_is_nothing_to_do() -> None:
    """Whoever would have given it was killed in between."""
    answers = io.BytesIO()
    serve(io.BytesIO(b""), answers)
    assert answers.getvalue() == b""
