"""Payloads to columns: one decoder for each format that a log can have."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from exporter.decoders.json_lines import JsonLines
from exporter.record import Decoded, Rows

R = TypeVar("R", bound=Rows)


class Decoder(Protocol[R]):
    """Turns one payload of a source into rows. ``now`` (microseconds) stands in where a row has no time."""

    def decode(self, payload: Any, now: int) -> Decoded[R]: ...


DECODERS = {"jsonl": JsonLines}
