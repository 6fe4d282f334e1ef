"""From what sources hand out to records and tables, as training data of the same format would give."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from exporter.reference.json_lines import Record, json_record, records_table
from exporter.reference.table import as_written, csv_table, flattened

if TYPE_CHECKING:
    import pyarrow as pa

Reject = Callable[[str], None]


class Chooser(Protocol):
    """Says which records become rows."""

    @property
    def columns(self) -> set[str]: ...

    def takes(self, record: Record) -> bool: ...

    def reject(self, reason: str) -> None: ...


class Format(Protocol):
    """How the payloads of one format become records and tables."""

    def records(self, payload: Any, reject: Reject) -> Iterator[Record]: ...

    def table(self, payloads: Iterable[Any], chooser: Chooser, text_columns: Collection[str]) -> pa.Table: ...


class JsonLinesFormat:
    def records(self, payload: Iterable[bytes], reject: Reject) -> Iterator[Record]:
        for line in payload:
            try:
                record = json_record(line)
            except (ValueError, RecursionError):
                reject("malformed")
                continue
            if record is None:
                reject("not_an_object")
            else:
                yield record

    def table(self, payloads: Iterable[Any], chooser: Chooser, text_columns: Collection[str]) -> pa.Table:
        del text_columns  # JSON says what is a text
        chosen = (
            record for payload in payloads for record in self.records(payload, chooser.reject) if chooser.takes(record)
        )
        return records_table(chosen)


class CsvFormat:
    """Cells are texts, and an empty one is none."""

    def __init__(self, delimiter: str) -> None:
        self._delimiter = delimiter

    def records(self, payload: Any, reject: Reject) -> Iterator[Record]:
        for line in payload.records:
            cells = self._cells(line)
            if cells is None:
                reject("malformed")
            elif len(cells) != len(payload.names):
                reject("wrong_column_count")
            else:
                yield {name: cell or None for name, cell in zip(payload.names, cells, strict=True) if name}

    def table(self, payloads: Iterable[Any], chooser: Chooser, text_columns: Collection[str]) -> pa.Table:
        """The chosen records are written anew as one CSV text, so that a column has one type in all files."""
        names: dict[str, None] = {}
        text = io.StringIO()
        rows = []
        for payload in payloads:
            names |= dict.fromkeys(name for name in payload.names if name)
            rows += [record for record in self.records(payload, chooser.reject) if chooser.takes(record)]
        writer = csv.DictWriter(text, list(names), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return csv_table(io.BytesIO(text.getvalue().encode()), text_columns)

    def _cells(self, line: bytes) -> list[str] | None:
        try:
            return next(csv.reader([line.decode()], delimiter=self._delimiter, strict=True), None)
        except (UnicodeDecodeError, csv.Error):
            return None


class ParquetFormat:
    def records(self, payload: pa.RecordBatch, reject: Reject) -> Iterator[Record]:
        del reject  # every row is a record
        yield from _plain(_flat(payload)).to_pylist()

    def table(self, payloads: Iterable[Any], chooser: Chooser, text_columns: Collection[str]) -> pa.Table:
        import pyarrow as pa

        del text_columns  # types are told
        parts = []
        for payload in payloads:
            table = _flat(payload)
            looked_at = _plain(table.select([name for name in table.column_names if name in chooser.columns]))
            chosen = [chooser.takes(record) for record in looked_at.to_pylist()]
            parts.append(table.filter(pa.array(chosen, pa.bool_())))
        return pa.concat_tables(parts, promote_options="permissive") if parts else pa.table({})


def format_of(name: str, delimiter: str = ",") -> Format:
    """Return how the payloads of a format are read; ``delimiter`` stands between the cells of CSV."""
    formats: Mapping[str, Callable[[], Format]] = {
        "jsonl": JsonLinesFormat,
        "csv": lambda: CsvFormat(delimiter),
        "parquet": ParquetFormat,
    }
    return formats[name]()


def column(values: list[Any], name: str, format_name: str) -> tuple[pa.Field, pa.ChunkedArray]:
    """Return values of a log, None for none, as the column that they would be in a table."""
    table = records_table({name: value} for value in values)
    found = as_written(table.column(0)) if format_name == "csv" else table.column(0)
    return table.schema.field(0).with_type(found.type), found


def _flat(batch: pa.RecordBatch) -> pa.Table:
    import pyarrow as pa

    return flattened(pa.Table.from_batches([batch]))


def _plain(table: pa.Table) -> pa.Table:
    """Cut times to the microseconds that Python has."""
    import pyarrow as pa
    from pyarrow import types

    for place, field in enumerate(table.schema):
        if types.is_timestamp(field.type):
            kind = pa.timestamp("us", field.type.tz)
            table = table.set_column(place, field.name, table.column(place).cast(kind, safe=False))
    return table
