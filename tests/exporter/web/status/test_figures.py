"""What is read of a page is found again by its labels, in an order that does not depend on that of the page."""

from __future__ import annotations

import random

from exporter import catalogue
from exporter.snapshot import Sample
from exporter.web.status.figures import Figures


def test_tables_are_in_order_of_their_labels_whatever_the_page_s_order_is() -> None:
    samples = [
        Sample(catalogue.DRIFT_SCORE, ("m", "", "data", feature, "ks", "reference", window), 0.1)
        for feature in ("a", "b", "c")
        for window in ("1h", "24h")
    ]
    samples.append(Sample(catalogue.WINDOW_REQUESTS, ("m", "", "1h"), 5))
    expected = sorted(sample.labels for sample in samples[:-1])
    for seed in range(5):
        random.Random(seed).shuffle(samples)
        found = Figures("m", samples)
        assert list(found.table(catalogue.DRIFT_SCORE)) == expected
        assert found.value(catalogue.WINDOW_REQUESTS, window="1h") == 5
        assert found.table(catalogue.LATENCY) == {}
