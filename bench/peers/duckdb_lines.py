"""JSON lines to a table in DuckDB: one thread, columns given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb

_FEATURES = [f"num_{i} DOUBLE" for i in range(12)] + [f"cat_{i} VARCHAR" for i in range(4)]
_COLUMNS = {
    "timestamp": "TIMESTAMP",
    "request_id": "VARCHAR",
    "version": "VARCHAR",
    "endpoint": "VARCHAR",
    "status": "SMALLINT",
    "latency_ms": "DOUBLE",
    "score": "DOUBLE",
    "prediction": "SMALLINT",
    "features": f"STRUCT({', '.join(_FEATURES)})",
}


def prepare(folder: Path) -> Callable[[], float]:
    connection = duckdb.connect(config={"threads": 1})
    source = f"read_json('{folder}/predictions.jsonl', format='newline_delimited', columns={_COLUMNS})"

    def work() -> float:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE log AS SELECT * FROM {source}")  # noqa: S608 - our own file
        return float(connection.execute("SELECT sum(features.num_0) FROM log").fetchall()[0][0])

    return work
