from __future__ import annotations

import gzip
from unittest.mock import Mock

import pytest

from exporter.exposition import page as pages
from exporter.exposition.compression import deflate
from exporter.exposition.page import NOTHING, Format, Page

BODY = Page([b"a_total 1\n"] * 500, [b"a_total 1 # {} 1\n"] * 500)
TAIL = Page([b"b 2\n"], [b"b 2.0\n"])


@pytest.fixture
def deflated(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """Says how often a page was compressed."""
    counted = Mock(wraps=deflate)
    monkeypatch.setattr(pages, "deflate", counted)
    return counted


def test_a_document_is_the_page_the_tail_and_the_end() -> None:
    assert BODY.document(Format.TEXT, TAIL) == b"a_total 1\n" * 500 + b"b 2\n"
    assert BODY.document(Format.OPENMETRICS, TAIL) == b"a_total 1 # {} 1\n" * 500 + b"b 2.0\n# EOF\n"
    assert BODY.document(Format.TEXT) == BODY.text
    assert NOTHING.document(Format.OPENMETRICS) == b"# EOF\n"


@pytest.mark.parametrize("form", Format)
@pytest.mark.parametrize("tail", [None, NOTHING, TAIL])
@pytest.mark.parametrize("body", [NOTHING, BODY])
def test_the_compressed_document_is_the_same(body: Page, tail: Page | None, form: Format) -> None:
    assert gzip.decompress(body.compressed_document(form, tail)) == body.document(form, tail)


def test_a_page_is_compressed_once_for_each_format_that_is_asked_for(deflated: Mock) -> None:
    page = Page([b"a 1\n"], [b"a 1.0\n"])
    for _ in range(3):
        page.compressed_document(Format.TEXT, TAIL)
    assert deflated.call_count == 1
    page.compressed_document(Format.OPENMETRICS, TAIL)
    assert deflated.call_count == 2


def test_the_next_page_is_compressed_beforehand_as_the_last_one_was_asked_for(deflated: Mock) -> None:
    first, second, third = (Page([b"a %d\n" % number], []) for number in range(3))
    second.compress_like(first)
    assert deflated.call_count == 0
    second.compressed_document(Format.TEXT)
    third.compress_like(second)
    assert deflated.call_count == 2
    assert gzip.decompress(third.compressed_document(Format.TEXT)) == b"a 2\n"
    assert deflated.call_count == 2
