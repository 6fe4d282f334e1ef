"""Small integer codes for the texts of one dimension, with a limit on how many there can be."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

OTHER = "__other__"
_LONGEST = 128


class Dictionary:
    """Texts to codes 0, 1, 2, … in order of appearance, after those that are known beforehand.

    At most ``limit`` texts beyond the known ones get a code of their own; all later ones share the code
    ``other``. That is the one thing here that depends on the order of the rows, and it is counted.

    >>> colours = Dictionary("colour", ["red"], limit=1)
    >>> [colours.code(text) for text in ("blue", "red", "green", "blue")]
    [1, 0, 2, 1]
    >>> [colours.text(code) for code in range(colours.capacity)]
    ['red', 'blue', '__other__']
    """

    def __init__(self, dimension: str, known: Sequence[str] = (), limit: int = 100) -> None:
        self.dimension = dimension
        self.known = len(known)
        self.other = len(known) + limit
        self.texts: list[str] = [_label(text) for text in known]
        self._codes = {text: code for code, text in enumerate(self.texts)}
        self._vacant: list[int] = []
        # How many codes have been given back: whoever remembers codes must then look them up anew.
        self.releases = 0

    @property
    def capacity(self) -> int:
        """How many codes there can be, ``other`` included."""
        return self.other + 1

    def code(self, text: str) -> int:
        """Return the code of a text, giving it one if there is room."""
        code = self._codes.get(text)
        return code if code is not None else self._new(text)

    def find(self, text: str) -> int | None:
        """Return the code of a text that is known or has been given one, else None."""
        return self._codes.get(_label(text))

    def text(self, code: int) -> str:
        return self.texts[code] if code < len(self.texts) else OTHER

    def release(self, code: int) -> None:
        """Give a code back, to be used for another text, when nothing that carries it is left."""
        if self.known <= code < len(self.texts) and code not in self._vacant:
            del self._codes[self.texts[code]]
            self._vacant.append(code)
            self.releases += 1

    def added(self) -> list[str | None]:
        """The texts beyond the known ones, in the order of their codes (None: given back): what has to be remembered."""
        codes = range(self.known, len(self.texts))
        return [None if code in self._vacant else self.texts[code] for code in codes]

    def restore(self, texts: Iterable[str | None]) -> None:
        """Give codes to what ``added`` returned."""
        for text in texts:
            if text is None:
                self._vacant.append(len(self.texts))
                self.texts.append("")
            else:
                self._append(text)

    def _new(self, text: str) -> int:
        text = _label(text)
        if text in self._codes:
            return self._codes[text]
        if self._vacant:
            code = self._codes[text] = self._vacant.pop()
            self.texts[code] = text
            return code
        return self._append(text) if len(self.texts) < self.other else self.other

    def _append(self, text: str) -> int:
        code = self._codes[text] = len(self.texts)
        self.texts.append(text)
        return code


def _label(text: str) -> str:
    """Make a text fit for a label value: no lone surrogates, and no longer than a person would read."""
    clean = text.encode("utf-8", "replace").decode()
    if clean == OTHER:
        # Not the bucket of that name: two series with the same labels would spoil the whole page.
        return f"{OTHER} (a value)"
    if len(clean) <= _LONGEST:
        return clean
    digest = hashlib.sha256(clean.encode()).hexdigest()[:12]
    return f"{clean[: _LONGEST - 13]}…{digest}"
