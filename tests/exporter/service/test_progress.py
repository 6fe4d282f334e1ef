from __future__ import annotations

import io

from exporter.service.progress import counter, progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_bar_that_moves() -> None:
    stream = Terminal()
    with progress("profiling fraud", stream) as report:
        assert report is not None
        report(30, 40)
    assert "profiling fraud" in stream.getvalue()
    assert "75%" in stream.getvalue()


def test_a_terminal_gets_a_number_that_grows() -> None:
    stream = Terminal()
    with counter("reading", "rows", lambda: 12_345, stream):
        pass
    assert "reading 12,345 rows" in stream.getvalue()


def test_elsewhere_nothing_is_written() -> None:
    stream = io.StringIO()
    with progress("profiling", stream) as report, counter("reading", "rows", lambda: 1, stream):
        assert report is None
    assert stream.getvalue() == ""
