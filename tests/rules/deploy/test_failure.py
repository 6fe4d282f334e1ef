from __future__ import annotations

from pathlib import Path

import pytest

from rules.command_line import main
from rules.deploy.failure import MEANINGS, Exit

PAGE = Path(__file__).parents[3] / "docs" / "deploy.md"


def test_every_exit_code_is_on_the_page() -> None:
    rows = [
        line
        for line in PAGE.read_text(encoding="utf-8").split("## Exit codes")[1].splitlines()
        if line.startswith("| ")
    ]
    assert rows[2:] == [f"| {int(code)} | {meaning} |" for code, meaning in MEANINGS.items()]
    assert set(MEANINGS) == set(Exit)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--url", "http://user:word@127.0.0.1"], Exit.USAGE),
        (["--url", "https://127.0.0.1:1", "--token-file", "/no/such/file"], Exit.USAGE),
        (["--url", "https://127.0.0.1:1", "--client-cert", "/no/such/file"], Exit.USAGE),
        (["--url", "http://127.0.0.1:1", "--rules", "/no/such/folder"], Exit.LINT),
        (["--url", "http://127.0.0.1:1", "--timeout", "0.1"], Exit.UNREACHABLE),
        (["--url", "http://127.0.0.1:1", "--rollback"], Exit.USAGE),
    ],
)
def test_failures_have_a_message_and_their_code(
    arguments: list[str], code: Exit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["deploy", "files", "--folder", str(tmp_path), "--dry-run", *arguments]) == code
    said = capsys.readouterr().err
    assert said
    assert "word" not in said.replace("password", "")


def test_manifests_are_printed_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    import yaml

    assert main(["deploy", "kubernetes", "--namespace", "prod", "--label", "release=p"]) == 0
    objects = list(yaml.safe_load_all(capsys.readouterr().out))
    assert {each["kind"] for each in objects} == {"PrometheusRule"}
    assert {each["metadata"]["namespace"] for each in objects} == {"prod"}
