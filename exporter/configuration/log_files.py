"""Which files a log consists of, and what they are written in."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PlainValidator, ValidationInfo, field_validator

from exporter.configuration.files import FilePatterns
from exporter.configuration.refusal import described, refusal
from exporter.configuration.sections import Section
from exporter.configuration.values import written

Format = Literal["jsonl", "csv", "parquet"]
_FORMATS: dict[str, Format] = {"csv": "csv", "tsv": "csv", "parquet": "parquet", "pq": "parquet"}
# What may stand behind the suffix: rotation's numbers, compression, and the signs of a glob.
_SUFFIX = re.compile(r"\.(csv|tsv|parquet|pq)(?:[^a-z]|gz)*$")


def _suffix(path: str) -> str:
    found = _SUFFIX.search(path.rstrip("/").rpartition("/")[2].lower())
    return found[1] if found else ""


def _format(value: object, info: ValidationInfo) -> object:
    """Tell the format by the names of the files where it is not written."""
    if value is not None:
        return value
    formats = sorted({_FORMATS.get(_suffix(path), "jsonl") for path in info.data.get("paths", ())})
    if len(formats) > 1:
        raise refusal(
            f"the paths look like different formats: {' and '.join(formats)}",
            "state the format if all are of one, or keep one format to a log",
        )
    return formats[0] if formats else "jsonl"


def _delimiter(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) != 1:
        raise refusal(f"must be one character, not {described(value)}", r'such as ";", or "\t" for a tab')
    if not value.isascii() or value.isalnum() or value in '"\r\n.-+_' or (ord(value) < ord(" ") and value != "\t"):
        raise refusal(f"{value!r} cannot separate cells", "it may stand in a cell or end a record")
    return value


class Csv(Section):
    """How a CSV log is written; the rest follows RFC 4180: a header, quotes where needed, quotes doubled inside them."""

    delimiter: Annotated[str, PlainValidator(_delimiter, json_schema_input_type=str | None)] = written(None)
    """What stands between cells; null: a tab in files named `.tsv`, a comma in others."""


class LogFiles(Section):
    """The part of a log's section that is the same for every kind of record."""

    paths: FilePatterns = Field(alias="path")
    """Files, folders or globs, relative to this file's folder. A folder stands for the files of the format in it."""
    format: Annotated[Format, BeforeValidator(_format, json_schema_input_type=Format | None)] = written(None)
    """`jsonl`, `csv` (both plain or gzip) or `parquet`; null: told by the names, JSON lines if they say nothing."""
    csv: Csv = written({})

    @field_validator("csv")
    @classmethod
    def _with_a_delimiter(cls, csv: Csv, info: ValidationInfo) -> Csv:
        suffixes = {_suffix(path) for path in info.data.get("paths", ())}
        if csv.delimiter:
            return csv
        if info.data.get("format") == "csv" and len(suffixes & {"csv", "tsv"}) > 1:
            raise refusal("csv.delimiter must say what separates cells", "the paths name .csv and .tsv files")
        return csv.model_copy(update={"delimiter": "\t" if "tsv" in suffixes else ","})
