"""The small sections of the configuration: limits, info, storage."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from exporter.configuration.files import FilePath
from exporter.configuration.refusal import refusal
from exporter.configuration.sizes import format_size
from exporter.configuration.values import Duration, Moment, Size, Text, at_least, written


class Section(BaseModel):
    """A mapping of the file: unknown keys are refused, defaults go through the same checks as what is written."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, validate_default=True, use_attribute_docstrings=True
    )


class Limits(Section):
    """What keeps memory and the number of series bounded."""

    line_bytes: Size = written("1MiB")
    """A longer line is rejected."""
    categories: Annotated[int, Field(ge=1, le=100_000)] = written(1000)
    """Distinct values of a categorical feature beyond those of the reference."""
    classes: Annotated[int, Field(ge=1, le=1000)] = written(100)
    """Classes beyond those that are known."""
    segments: Annotated[int, Field(ge=1, le=10_000)] = written(100)
    """Distinct segments of each segmentation."""
    endpoints: Annotated[int, Field(ge=1, le=10_000)] = written(50)
    """Distinct endpoints."""
    versions: Annotated[int, Field(ge=1, le=1000)] = written(50)
    """Distinct versions."""
    edges: Annotated[int, Field(ge=5, le=1_000_000)] = written(10_000)
    """Edges kept of a numeric column of the reference."""
    bins: Annotated[int, Field(ge=1, le=1000)] = written(20)
    """Categories of a feature that have a bin of their own, the most frequent ones of the reference; all others share
    `__other__`."""
    shown_segments: Annotated[int, Field(ge=1, le=10_000)] = written(20)
    """Segments of each segmentation that have series of their own in a window, those with the most labels; the others
    share `__other__`."""
    series: Annotated[int, Field(ge=1, le=10_000_000)] = written(10_000)
    """Series of this model on the page; what goes beyond is left out, the least important first."""
    memory: Size = written("256MiB")
    """What the rows kept for the label join may take."""

    @field_validator("memory")
    @classmethod
    def _holds_a_line(cls, memory: int, info: ValidationInfo) -> int:
        line = info.data.get("line_bytes", 0)
        if memory < line:
            raise refusal(f"memory must be at least line_bytes ({format_size(line)}), not {format_size(memory)}")
        return memory


class PageLimits(Section):
    """What bounds the page of all models together."""

    series: Annotated[int, Field(ge=1, le=100_000_000)] = written(100_000)
    """Series of all models together; beyond it the largest models are cut down to an equal size."""


class Info(Section):
    """What the exporter passes on about a model."""

    framework: Text = written("")
    """What the model was built with."""
    owner: Text = written("")
    """Who answers for it."""
    trained_at: Moment = written(None)
    """When it was trained, such as `2026-01-31T12:00:00Z`."""


def _beside_the_process() -> str:
    """Return the default of ``storage.path``, which need not be of use: a flag may say another."""
    try:
        folder = Path.cwd()
    except FileNotFoundError:
        # The folder was deleted. It still has this name, but nothing can be made in it.
        folder = Path("/proc/self/cwd")
    return str(folder / "driftbell-state")


class Storage(Section):
    """Where the exporter keeps what must survive a restart."""

    # The default is beside the process, not beside the configuration: that folder is often read-only.
    path: FilePath = Field(default_factory=_beside_the_process)  # type: ignore[assignment]
    """A folder; `driftbell-state` in the current folder if nothing is said."""
    commit_interval: Annotated[Duration, at_least("100ms")] = written("5s")
    """At least so often everything is committed."""
