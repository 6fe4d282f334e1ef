from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.exposition.page import Format
from exporter.web.negotiation import format_of, patience, takes_gzip

# What scrapers are known to send.
PROMETHEUS_2_42 = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
PROMETHEUS_2_OLD = "application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
NATIVE_HISTOGRAMS = (
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7," + PROMETHEUS_3
)
TEXT_ONLY = "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.2"
TEXT_FIRST = "text/plain;version=0.0.4;q=0.6,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.2"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (PROMETHEUS_2_42, Format.OPENMETRICS),
        (PROMETHEUS_3, Format.OPENMETRICS),
        (NATIVE_HISTOGRAMS, Format.OPENMETRICS),
        (TEXT_ONLY, Format.TEXT),
        (TEXT_FIRST, Format.TEXT),
        # Version 0.0.1 is one that we do not speak.
        (PROMETHEUS_2_OLD, Format.TEXT),
        (BROWSER, Format.TEXT),
        ("", Format.TEXT),
        ("*/*", Format.TEXT),
        ("text/*", Format.TEXT),
        ("application/*", Format.OPENMETRICS),
        ("application/*, text/plain;q=0.5", Format.OPENMETRICS),
        ("application/json", Format.TEXT),
        ("application/openmetrics-text", Format.OPENMETRICS),
        ("Application/OpenMetrics-Text ; Version=1.0.0", Format.OPENMETRICS),
        ('application/openmetrics-text; version="1.0.0"', Format.OPENMETRICS),
        ("application/openmetrics-text; version=2.0.0", Format.TEXT),
        ("application/openmetrics-text;q=0, */*", Format.TEXT),
        ("application/openmetrics-text;q=0", Format.TEXT),
        ("text/plain;q=0, application/openmetrics-text;q=0", Format.TEXT),
        ("*/*, text/plain;q=0", Format.OPENMETRICS),
        # The range that names it most closely counts, however little it likes it.
        (
            "application/openmetrics-text, application/openmetrics-text;version=1.0.0;q=0.1, text/plain;q=0.2",
            Format.TEXT,
        ),
        # Of equals: the one that is named, then the first.
        ("*/*, application/openmetrics-text", Format.OPENMETRICS),
        ("application/openmetrics-text, text/plain", Format.OPENMETRICS),
        ("text/plain, application/openmetrics-text", Format.TEXT),
        # What makes no sense is as good as not there.
        ("application/openmetrics-text;q=high", Format.TEXT),
        ("application/openmetrics-text;q=1.5", Format.TEXT),
        ("application/openmetrics-text;q=-1", Format.TEXT),
        (",;,;q=1,,application/openmetrics-text,", Format.OPENMETRICS),
        ('text/html;title="a, b; c=\\"d", application/openmetrics-text', Format.OPENMETRICS),
    ],
)
def test_the_format_follows_the_accept_header(accept: str, form: Format) -> None:
    assert format_of(accept) is form


@pytest.mark.parametrize(
    ("accept_encoding", "compressed"),
    [
        ("gzip", True),
        ("GZip", True),
        ("x-gzip", True),
        ("gzip, deflate, br", True),
        ("deflate, gzip;q=0.1", True),
        ("*", True),
        ("*;q=0.5", True),
        ("identity, *;q=0.5", False),
        ("", False),
        ("identity", False),
        ("deflate, br, zstd", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("gzip;q=0, *", False),
        ("*;q=0", False),
        ("*;q=0, gzip", True),
        ("gzip;q=0.5, identity;q=0.9", False),
        ("gzip;q=0.5, identity;q=0.5", True),
        ("gzip, identity;q=0", True),
        ("gzip;q=much", False),
        ("gzipped", False),
    ],
)
def test_the_coding_follows_the_accept_encoding_header(accept_encoding: str, compressed: bool) -> None:
    assert takes_gzip(accept_encoding) is compressed


@given(st.text(alphabet='aptext/plain*;,=q.01" \\', max_size=60) | st.text(max_size=20))
def test_any_header_is_understood_somehow(header: str) -> None:
    assert format_of(header) in Format
    assert takes_gzip(header) in {True, False}
    assert 0 < patience(header) <= 60


@pytest.mark.parametrize("header", ['"' * 16_000, '"\\' * 8_000, "a;" * 8_000, "*/*;q=1," * 2_000])
def test_a_header_that_is_all_syntax_costs_little(header: str) -> None:
    started = time.process_time()
    format_of(header)
    takes_gzip(header)
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("10", 9.5),
        ("1", 0.5),
        ("0.5", 0.25),
        ("0.1", 0.05),
        ("2.5e0", 2.0),
        (" 3 ", 2.5),
        ("86400", 59.5),
        ("", 9.5),
        ("0", 9.5),
        ("-5", 9.5),
        ("inf", 9.5),
        ("nan", 9.5),
        ("ten", 9.5),
        ("10,10", 9.5),
    ],
)
def test_the_time_for_an_answer_leaves_room_for_its_way(header: str, seconds: float) -> None:
    assert patience(header) == pytest.approx(seconds)
