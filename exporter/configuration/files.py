"""Names of files in the configuration: relative ones start at the configuration's own folder."""

from __future__ import annotations

import glob
import re
from functools import partial
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainValidator, ValidationInfo

from exporter.configuration.problem import shown
from exporter.configuration.refusal import Fault, described, refusal, refusals
from exporter.configuration.values import inside
from exporter.sources import reach

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def file_name(value: object) -> str:
    """Check the text of a path; nothing is looked up on the disk."""
    if not isinstance(value, str):
        raise refusal(f"must be a path, not {described(value)}", "" if value is None else "put it in quotes")
    if not value.strip():
        raise refusal("must not be empty")
    if _CONTROL.search(value):
        raise refusal("must not hold control characters")
    if _ADDRESS.match(value):
        raise refusal("must be a file, not an address", "files are read from the local disk only")
    if value.startswith("~"):
        raise refusal("~ is not expanded", "write the whole path")
    return value


def _path(value: object, info: ValidationInfo) -> Path:
    return _folder(info) / file_name(value)


def _source(value: object, info: ValidationInfo) -> Path:
    return _folder(info) / _within_reach(value, _folder(info))


def _within_reach(value: object, folder: Path) -> str:
    """Check a file or pattern that is read from: as far as it is spelt out it must be where one may read."""
    name = file_name(value)
    parts = Path(name).parts
    plain = next((number for number, part in enumerate(parts) if any(sign in part for sign in "*?[")), len(parts))
    if not reach.is_within(folder.joinpath(*parts[:plain])):
        raise refusal(f"{shown(name)} {reach.OUTSIDE}", f"it allows {', '.join(reach.roots())}")
    return name


def _patterns(value: object, info: ValidationInfo) -> tuple[str, ...]:
    # Only what people wrote is a pattern: a bracket in the folder's own name stands for itself.
    folder = Path(glob.escape(str(_folder(info))))
    if not isinstance(value, list):
        return (str(folder / _within_reach(value, _folder(info))),)
    if not value:
        raise refusal("must name at least one file")
    faults: list[Fault] = []
    check = partial(_within_reach, folder=_folder(info))
    names = [inside(index, check, name, faults) for index, name in enumerate(value)]
    first = {name: index for index, name in reversed(tuple(enumerate(names)))}
    faults += [
        Fault(f"{shown(name)} is there twice", "keep one of them", (index,))
        for index, name in enumerate(names)
        if name is not None and first[name] < index
    ]
    if faults:
        raise refusals(faults)
    return tuple(str(folder / name) for name in names if name is not None)


def _folder(info: ValidationInfo) -> Path:
    folder = (info.context or {})["folder"]
    assert isinstance(folder, Path)
    return folder


_TEXT = Annotated[str, Field(min_length=1)]
FilePath = Annotated[Path, PlainValidator(_path, json_schema_input_type=_TEXT)]
SourcePath = Annotated[Path, PlainValidator(_source, json_schema_input_type=_TEXT)]
FilePatterns = Annotated[tuple[str, ...], BeforeValidator(_patterns, json_schema_input_type=_TEXT | list[_TEXT])]
