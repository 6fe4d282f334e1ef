from __future__ import annotations

from pathlib import Path

import pytest

from compose import generated
from compose.command_line import main


def test_the_committed_files_are_the_generated_ones() -> None:
    assert [path for path, _ in generated.found()] == [], "make generate writes them"


def test_what_is_wrong_missing_or_strange_is_said_and_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generated, "HERE", tmp_path)
    monkeypatch.setattr(generated, "wanted", lambda: {"b": {"b.yml": "b\n"}, "b/c": {"c.yml": "c\n"}})
    texts = {tmp_path / "b" / "b.yml": "b\n", tmp_path / "b" / "c" / "c.yml": "c\n"}
    strange = tmp_path / "b" / "c" / "real-key"
    strange.parent.mkdir(parents=True)
    strange.write_text("")
    assert main(["build", "--check"]) == 1
    said = set(capsys.readouterr().out.splitlines())
    assert said == {f"{path}: out of date" for path in (strange, *texts)}
    assert main(["build"]) == 0
    assert f"{strange}: removed" in capsys.readouterr().out
    assert {path: path.read_text() for path in tmp_path.rglob("*") if path.is_file()} == texts
    assert main(["build", "--check"]) == 0
