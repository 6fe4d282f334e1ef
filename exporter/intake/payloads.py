"""The records of a payload, whatever its format: how many there are, some of them, and one as text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from exporter.sources.framing import CsvRecords


def count(payload: Any) -> int:
    """Return the number of records of lines, CSV records or an Arrow record batch."""
    if isinstance(payload, CsvRecords):
        return len(payload.records)
    return len(payload) if isinstance(payload, Sequence) else int(payload.num_rows)


def halves(payload: Any) -> tuple[Any, Any]:
    """Return the first and the second half of at least two records."""
    middle = count(payload) // 2
    if isinstance(payload, CsvRecords):
        records = payload.records
        return replace(payload, records=records[:middle]), replace(payload, records=records[middle:])
    if isinstance(payload, Sequence):
        return payload[:middle], payload[middle:]
    return payload.slice(0, middle), payload.slice(middle)


def text_of(payload: Any, longest: int) -> tuple[str, bool]:
    """Return the only record of a payload as text of at most ``longest`` characters, and whether it was cut.

    Text files give what stands in them, with ``\\xff`` for bytes that are no UTF-8; a row of Arrow becomes JSON.
    """
    if isinstance(payload, CsvRecords | Sequence):
        record = payload.records[0] if isinstance(payload, CsvRecords) else payload[0]
        # No character takes more than four bytes.
        text = bytes(record[: 4 * longest + 4]).decode("utf-8", "backslashreplace")
    else:
        columns = zip(payload.schema.names, payload.columns, strict=True)
        text = json.dumps({name: _shown(column[0]) for name, column in columns}, default=str)
    return text[:longest], len(text) > longest


def _shown(value: Any) -> Any:
    """Return an Arrow scalar as Python has it, or its kind where Python has nothing of the sort."""
    try:
        return value.as_py()
    except (ValueError, OverflowError, ArithmeticError):
        # Texts that are no UTF-8, times before the year 1; Arrow's own errors are among them.
        return f"<{value.type}>"
