"""A sample of the records that were rejected, kept for whoever has to find out why.

Decoders count what they refuse and go on; here the few records that are wanted are found again, by decoding ever
smaller parts of the same payload. So every format has dead letters, and a log without rejected records pays nothing.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from exporter import catalogue
from exporter.intake import payloads
from exporter.intake.letter_file import LetterFile
from exporter.rows.record import Decoded
from exporter.snapshot import Sample

_LOG = logging.getLogger(__name__)

_MINUTE = 60_000_000
# Characters kept of a record.
_LONGEST = 2000
# So many parts of one payload are looked at: the search must not take longer than reading does.
_MOST_LOOKS = 100

Decode = Callable[[Any, int], Decoded[Any]]


class DeadLetters:
    """Keeps rejected records of one source in a file: at most ``per_minute`` of each reason, the first ones that come.

    What is rejected for other records' sake (``duplicate_id``), or never left the source (``too_long``), is counted only.
    """

    def __init__(self, file: LetterFile, model: str, source: str, *, per_minute: int) -> None:
        self._file = file
        self._labels = (model, source)
        self._per_minute = per_minute
        self._minute = 0
        self._spent: Counter[str] = Counter()
        self._kept = self._lost = 0
        self._failing = False

    def look(self, payload: Any, decoded: Decoded[Any], decode: Decode, now: int) -> None:
        """Keep some of the records that were rejected of a payload; ``decode`` must not remember what it has decoded."""
        if now // _MINUTE != self._minute:
            self._minute = now // _MINUTE
            self._spent.clear()
        if self._wanted(decoded):
            self._write([self._letter(*found, now) for found in self._found(payload, decode, now)])

    def samples(self) -> Iterator[Sample]:
        yield Sample(catalogue.DEAD_LETTERS, self._labels, self._kept)
        yield Sample(catalogue.FAILED_DEAD_LETTERS, self._labels, self._lost)

    def _wanted(self, decoded: Decoded[Any]) -> list[str]:
        """Return the reasons for which records were rejected and of which there is room for more."""
        return [reason for reason in +decoded.refusals.rejected if self._spent[reason] < self._per_minute]

    def _found(self, payload: Any, decode: Decode, now: int) -> Iterator[tuple[str, Any]]:
        """Yield reasons and payloads of one record each, in their order."""
        parts, looks = [payload], 0
        while parts and looks < _MOST_LOOKS:
            part, looks = parts.pop(), looks + 1
            reasons = self._wanted(decode(part, now))
            if reasons and payloads.count(part) == 1:
                self._spent[reasons[0]] += 1
                yield reasons[0], part
            elif reasons:
                parts += reversed(payloads.halves(part))

    def _letter(self, reason: str, payload: Any, now: int) -> bytes:
        model, source = self._labels
        text, is_cut = payloads.text_of(payload, _LONGEST)
        read_at = datetime.fromtimestamp(now / 1e6, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        letter = {"read_at": read_at, "model": model, "source": source, "reason": reason, "record": text}
        return json.dumps({**letter, "cut": True} if is_cut else letter).encode()

    def _write(self, letters: list[bytes]) -> None:
        """A file that cannot be written costs the letters and nothing else."""
        if not letters:
            return
        try:
            self._file.add(letters)
        except OSError as error:
            self._lost += len(letters)
            self._report(error)
            return
        self._kept += len(letters)
        self._failing = False

    def _report(self, error: OSError) -> None:
        if not self._failing:
            model, source = self._labels
            fields = {"model": model, "source": source, "error": str(error)}
            _LOG.warning("rejected records cannot be kept", extra={"fields": fields})
        self._failing = True
