"""What all tests share: golden files, the one flag that rewrites them, and how hypothesis searches."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).parents[1]


# No deadlines: machines are shared. Where CI is set, the same examples each time: a search for new ones is for people,
# who can look into what it finds.
hypothesis.settings.register_profile("people", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "people")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write the golden files instead of comparing with them"
    )


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, bytes], None]:
    """Compare bytes with the committed file at a path from the repository's root."""

    def compare(path: str, found: bytes) -> None:
        file = ROOT / path
        if request.config.getoption("--update-golden"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(found)
        expected = file.read_bytes() if file.exists() else b""
        hint = f"{path} is out of date: run pytest --update-golden and review the difference"
        # As text, for a readable difference; first, so that pytest shows it.
        assert found.decode().splitlines() == expected.decode().splitlines(), hint
        assert found == expected, hint

    return compare
