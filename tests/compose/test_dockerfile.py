"""The Dockerfile, read; what its commands do is tried where there is no Docker, in an environment of its own."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from tests.compose.samples import ROOT

TEXT = (ROOT / "compose" / "Dockerfile").read_text("utf-8")


def instructions() -> list[tuple[str, str]]:
    """Return each instruction with its arguments, in order, lines joined and comments left out."""
    lines = [line for line in TEXT.splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in joined.splitlines())]


def stages() -> list[list[tuple[str, str]]]:
    found: list[list[tuple[str, str]]] = []
    for word, rest in instructions():
        if word == "FROM":
            found.append([])
        if found:
            found[-1].append((word, rest))
    return found


def last(word: str) -> str:
    return [rest for each, rest in stages()[-1] if each == word][-1]


def test_both_stages_are_of_the_one_python_that_is_pinned() -> None:
    (python,) = (rest for word, rest in instructions() if word == "ARG" and rest.startswith("PYTHON="))
    assert re.fullmatch(r"PYTHON=3\.\d+\.\d+-slim-[a-z]+(@sha256:[0-9a-f]{64})?", python)
    assert [stage[0][1] for stage in stages()] == ["python:${PYTHON} AS build", "python:${PYTHON}"]


def test_its_python_is_one_that_the_project_takes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    found = re.search(r"PYTHON=(\d+)\.(\d+)", TEXT)
    assert found
    assert project["requires-python"] == ">=3.11"
    assert (int(found[1]), int(found[2])) >= (3, 11)


def test_it_runs_as_a_number_that_is_not_root() -> None:
    user, _, group = last("USER").partition(":")
    assert user.isdecimal()
    assert group.isdecimal()
    assert int(user) > 0
    words = [word for word, _ in stages()[-1]]
    assert "RUN" not in words[words.index("USER") :]
    assert f"--owner {user} --group {group}" in " ".join(rest for word, rest in stages()[-1] if word == "RUN")


def test_nothing_is_fetched_but_packages_and_they_are_the_tested_ones() -> None:
    assert not [rest for word, rest in instructions() if word == "ADD"]
    assert not re.search(r"\b(curl|wget|git)\b", TEXT)
    compiler, build = (rest for word, rest in stages()[0] if word == "RUN")
    assert re.search(r"apt-get install --yes --no-install-recommends gcc libc6-dev\b", compiler)
    assert TEXT.count("apt-get install") == 1
    assert "--constraint constraints.txt" in build
    assert "--only-binary :all:" in build


def test_what_builds_is_not_in_the_image() -> None:
    copied = [shlex.split(rest) for word, rest in stages()[-1] if word == "COPY"]
    assert copied == [["--from=build", "/opt/driftbell", "/opt/driftbell"]]
    removed = next(rest for word, rest in stages()[-1] if word == "RUN")
    assert re.search(r"pip uninstall .*setuptools wheel pip", removed)


def test_what_is_copied_is_there_and_not_ignored() -> None:
    sources = [name for word, rest in stages()[0] if word == "COPY" for name in rest.split()[:-1]]
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    rules = [line for line in ignored if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert {line.removeprefix("!") for line in rules if line.startswith("!")} == set(sources)
    assert all((ROOT / name).exists() for name in sources)


def test_it_says_how_it_is_and_what_it_is() -> None:
    check = last("HEALTHCHECK")
    assert 'CMD ["python", "-c"' in check
    assert "http://127.0.0.1:9911/-/healthy" in check
    assert last("ENTRYPOINT") == '["driftbell"]'
    labels = last("LABEL")
    for name in ("title", "description", "licenses", "version", "revision", "base.name"):
        assert f"org.opencontainers.image.{name}=" in labels


def test_state_is_on_a_volume_and_the_arguments_say_so() -> None:
    assert last("VOLUME") == '["/state"]'
    assert "--storage.path=/state" in last("CMD")


@pytest.mark.parametrize(
    "name", ["compose.yml", "kubernetes/sidecar/deployment.yaml", "kubernetes/central/statefulset.yaml"]
)
def test_whoever_runs_it_gives_it_the_same_arguments(name: str) -> None:
    text = Path(ROOT / "compose" / name).read_text("utf-8")
    command = ", ".join(re.findall(r'"([^"]+)"', last("CMD")))
    assert f"[{command}]" in text
