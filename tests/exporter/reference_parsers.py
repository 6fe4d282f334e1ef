"""The client library's parsers of both formats: what is written has to come back from them."""

from __future__ import annotations

from prometheus_client import parser
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import parser as openmetrics_parser


def text_families(text: str) -> list[Metric]:
    return list(parser.text_string_to_metric_families(text))


def openmetrics_families(text: str) -> list[Metric]:
    return list(openmetrics_parser.text_string_to_metric_families(text))  # type: ignore[no-untyped-call]
