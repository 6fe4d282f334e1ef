"""A published page: the same samples in each format that is spoken, ready to be sent.

The worker makes a page and swaps one reference; a scrape adds the part that is true only at its moment.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from exporter.exposition.compression import Deflated, deflate, gzip_parts


class Format(Enum):
    """A text format of Prometheus; the value is its content type."""

    TEXT = "text/plain; version=0.0.4; charset=utf-8"
    OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"

    @property
    def content_type(self) -> str:
        return self.value

    @property
    def end(self) -> bytes:
        """What the last family has to be followed by."""
        return b"# EOF\n" if self is Format.OPENMETRICS else b""


class Page:
    """Whole families in both formats, without the mark of the end, so that pages can follow one another.

    What a page says never changes. Its compressed form is made when it is first asked for, and then kept. Bodies are
    kept in pieces, since most of them are the same in both formats.
    """

    __slots__ = ("_deflated", "_pieces")

    def __init__(self, text: Iterable[bytes], openmetrics: Iterable[bytes]) -> None:
        self._pieces = {Format.TEXT: tuple(text), Format.OPENMETRICS: tuple(openmetrics)}
        self._deflated: dict[Format, Deflated] = {}

    @property
    def text(self) -> bytes:
        """The page in text format 0.0.4."""
        return self.body(Format.TEXT)

    def body(self, form: Format) -> bytes:
        """Return the page in a format."""
        return b"".join(self._pieces[form])

    def pieces(self, form: Format) -> tuple[bytes, ...]:
        """Return the page in a format as it is kept: what heads a family, then lines of it, part by part."""
        return self._pieces[form]

    def size(self, form: Format) -> int:
        """Return how many bytes the page has in a format."""
        return sum(map(len, self._pieces[form]))

    def document(self, form: Format, tail: Page | None = None) -> bytes:
        """Return the page and what follows it, ended as the format wants."""
        return b"".join(self.document_parts(form, tail))

    def document_parts(self, form: Format, tail: Page | None = None) -> tuple[bytes, ...]:
        """Return the same in parts, those of the page not copied: many who are sent it share it."""
        return *self._pieces[form], _rest(form, tail)

    def compressed_document(self, form: Format, tail: Page | None = None) -> bytes:
        """Return the same in one gzip member."""
        return b"".join(self.compressed_parts(form, tail))

    def compressed_parts(self, form: Format, tail: Page | None = None) -> tuple[bytes, ...]:
        """Return that in parts; what follows the page is all that is compressed, and not shared, at each call."""
        return gzip_parts(self._start(form), _rest(form, tail))

    def compress_like(self, previous: Page) -> None:
        """Compress now what was asked for of the page before, so that no scrape has to wait for it."""
        for form in tuple(previous._deflated):
            self._start(form)

    def _start(self, form: Format) -> Deflated:
        if form not in self._deflated:
            self._deflated[form] = deflate(self._pieces[form])
        return self._deflated[form]


NOTHING = Page((), ())


def _rest(form: Format, tail: Page | None) -> bytes:
    return (tail or NOTHING).body(form) + form.end
