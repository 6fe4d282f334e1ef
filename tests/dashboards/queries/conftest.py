from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.dashboards.queries.answers import Asked
from tests.dashboards.queries.database import Database
from tests.dashboards.queries.database import database as served


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Database]:
    """A server on the history of all models; the history is made once, whichever of pytest's workers asks first."""
    own = tmp_path_factory.mktemp("queries")
    top = tmp_path_factory.getbasetemp()
    # Of several workers each has a folder in one that they share.
    shared = (top if worker_id == "master" else top.parent) / "history-of-dashboards"
    with served(shared, own) as found:
        yield found


@pytest.fixture(scope="session")
def answers(database: Database) -> Asked:
    return Asked(database)
