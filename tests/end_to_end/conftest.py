from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what starts processes last: the fast tests say first, and more precisely, what is broken."""
    items.sort(key=lambda item: HERE in item.path.parents)
