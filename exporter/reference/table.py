"""Training data as columns, from Parquet, CSV or JSON lines."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from exporter.reference.json_lines import json_lines_table
from exporter.reference.meter import MeteredFile, Progress
from exporter.reference.problem import ReferenceProblem

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK = 1 << 20
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?\Z")
_INTEGER = re.compile(r"-?(0|[1-9]\d{0,17})\Z")
_BOOLEANS = ({"True", "False"}, {"true", "false"}, {"TRUE", "FALSE"})


def read_table(path: Path, progress: Progress | None = None, text_columns: Collection[str] = ()) -> pa.Table:
    """Read a file as a ``pyarrow.Table``; nested objects become columns with dotted names.

    The format follows from the name: ``.parquet``, ``.csv``, ``.jsonl``, ``.ndjson`` or ``.json`` (one
    object a line); the last four also with ``.gz``. An empty cell of a CSV file is null. The categories
    of ``text_columns`` keep their spelling in CSV: ``007`` stays a text, while a column of plain numbers
    or of ``True`` and ``False`` is what it is in the other formats.

    Raises ``ReferenceProblem`` naming the file and what to do.
    """
    import pyarrow as pa

    reader = _reader(path)
    try:
        table = reader(path, progress, text_columns)
    except FileNotFoundError as error:
        raise ReferenceProblem(f"{path}: no such file; check the reference's path") from error
    except OSError as error:
        raise ReferenceProblem(f"{path}: cannot be read: {error}") from error
    except (pa.ArrowException, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise ReferenceProblem(f"{path}: damaged, or not in the format of its name: {error}") from error
    return _checked(flattened(table), path)


Reader = Callable[[Path, Progress | None, Collection[str]], "pa.Table"]


def _reader(path: Path) -> Reader:
    name = path.name.lower()
    plain = name.removesuffix(".gz")
    if name.endswith((".parquet", ".pq")):
        return _read_parquet
    if plain.endswith(".csv"):
        return _read_csv
    if plain.endswith((".jsonl", ".ndjson", ".json")):
        return _read_json_lines
    raise ReferenceProblem(f"{path}: unknown format; name it .parquet, .csv, .jsonl (also .csv.gz, .jsonl.gz)")


def _read_parquet(path: Path, progress: Progress | None, _text_columns: Collection[str]) -> pa.Table:
    import pyarrow as pa
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        groups, rows = [], 0
        for number in range(file.num_row_groups):
            groups.append(file.read_row_group(number))
            rows += groups[-1].num_rows
            if progress is not None:
                progress(rows, file.metadata.num_rows)
        return pa.concat_tables(groups) if groups else file.schema_arrow.empty_table()


def _read_csv(path: Path, progress: Progress | None, text_columns: Collection[str]) -> pa.Table:
    with ExitStack() as stack:
        return csv_table(_opened(path, progress, stack), text_columns)


def csv_table(stream: BinaryIO, text_columns: Collection[str]) -> pa.Table:
    """Return the table of a CSV text; see ``read_table``. Raises what Arrow raises."""
    import pyarrow as pa
    from pyarrow import csv

    convert = csv.ConvertOptions(
        null_values=[""], strings_can_be_null=True, column_types=dict.fromkeys(text_columns, pa.string())
    )
    table = csv.read_csv(stream, parse_options=csv.ParseOptions(newlines_in_values=True), convert_options=convert)
    for name in set(text_columns).intersection(table.column_names):
        place = table.column_names.index(name)
        table = table.set_column(place, name, as_written(table.column(place)))
    return table


def _read_json_lines(path: Path, progress: Progress | None, _text_columns: Collection[str]) -> pa.Table:
    with ExitStack() as stack:
        return json_lines_table(_opened(path, progress, stack), str(path))


def _opened(path: Path, progress: Progress | None, stack: ExitStack) -> BinaryIO:
    metered = stack.enter_context(MeteredFile(path, progress))
    if path.name.lower().endswith(".gz"):
        return io.BufferedReader(gzip.GzipFile(fileobj=io.BufferedReader(metered, BLOCK)), BLOCK)
    return io.BufferedReader(metered, BLOCK)


def as_written(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Give a column of CSV text the type that its texts have in JSON, if they all have one."""
    import pyarrow as pa

    values = {value for value in column.unique().to_pylist() if value is not None}
    if values and all(_INTEGER.match(value) for value in values):
        return column.cast(pa.int64())
    if values and all(_NUMBER.match(value) for value in values):
        return column.cast(pa.float64())
    if values and any(values <= pair for pair in _BOOLEANS):
        return column.cast(pa.bool_())
    return column


def flattened(table: pa.Table) -> pa.Table:
    """Turn structs into columns with dotted names."""
    from pyarrow import types

    while any(types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    return table


def _checked(table: pa.Table, path: Path) -> pa.Table:
    name, times = Counter(table.column_names).most_common(1)[0] if table.num_columns else ("", 0)
    if times > 1:
        raise ReferenceProblem(f"{path}: column {name!r} is there {times} times; rename or remove the others")
    if not table.num_rows:
        raise ReferenceProblem(f"{path}: no rows; a reference needs the rows of the training data")
    return table
