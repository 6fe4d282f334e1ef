from __future__ import annotations

from pathlib import Path

import pytest

from exporter import generate


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The one file that there is to generate."""
    path = tmp_path / "page.md"
    monkeypatch.setattr(generate, "GENERATED", {path: lambda: "figures: é\n"})
    return path


def test_what_is_committed_is_up_to_date() -> None:
    assert generate.main(["--check"]) == 0


@pytest.mark.parametrize("stale", [None, "", "figures: e\n"])
def test_a_stale_file_is_named_by_the_check_and_written_without_it(
    page: Path, stale: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if stale is not None:
        page.write_text(stale)
    assert generate.main(["--check"]) == 1
    assert str(page) in capsys.readouterr().err
    assert generate.main([]) == 0
    assert page.read_text(encoding="utf-8") == "figures: é\n"
    assert generate.main(["--check"]) == 0


def test_a_file_that_is_up_to_date_is_left_alone(page: Path) -> None:
    generate.main([])
    before = page.stat().st_mtime_ns
    generate.main([])
    assert page.stat().st_mtime_ns == before
