from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from exporter.counting.layout import Layout
from exporter.decoders import DECODERS, csv_records
from exporter.decoders.csv_records import CsvDecoder
from exporter.decoders.prediction import PredictionGatherer
from exporter.decoders.record_type import PathClashError
from exporter.rows.record import Decoded, Predictions
from exporter.sources.framing import CsvRecords
from tests.exporter.decoders.models import MOMENT, NOW, SEED, TIME, model_of

NAMES = ("timestamp", "request_id", "features.x", "features.c", "status")
FEATURES = {"x": "numeric", "c": "categorical"}


def decoder(**settings: Any) -> CsvDecoder[Predictions]:
    return CsvDecoder(PredictionGatherer(Layout(model_of(**{"features": FEATURES, **settings}), None), SEED))


def decode(*records: bytes, names: tuple[str, ...] = NAMES, **settings: Any) -> Decoded[Predictions]:
    return decoder(**settings).decode(CsvRecords(names, records), NOW)


def record(*cells: str) -> bytes:
    return ",".join((TIME, *cells)).encode()


GOOD = record("a", "1.5", "red", "200")


def test_a_record() -> None:
    rows = decode(GOOD).rows
    assert (rows.time.tolist(), rows.status.tolist(), rows.numeric.tolist()) == ([MOMENT], [200], [[1.5]])


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (record("a", "1"), "wrong_column_count"),
        (record("a", "1", "red", "200", ""), "wrong_column_count"),
        (b"timestamp", "wrong_column_count"),
        (record("a", "1", '"red', "200"), "malformed"),
        (record("a", "1", '"r"ed', "200"), "malformed"),
        (record("a", "1", "r\red", "200"), "malformed"),
        (record("a", "1", "red", "nought"), "bad_status"),
        (b",a,1,red,200", "missing_timestamp"),
        (b"soon,a,1,red,200", "bad_timestamp"),
    ],
)
def test_a_bad_record_is_rejected_by_itself(bad: bytes, reason: str) -> None:
    for records in ((bad,), (GOOD, bad, GOOD), (bad, record("b", "2", '"r,e\nd"', "200"))):
        decoded = decode(*records)
        assert decoded.refusals.rejected == {reason: 1}
        assert (decoded.read, len(decoded.rows)) == (len(records), len(records) - 1)


def test_quoted_cells() -> None:
    decoder_ = decoder()
    rows = decoder_.decode(CsvRecords(NAMES, [record('"a,b"', '"1.5"', '"say ""hi""\nthere"', "200"), GOOD]), NOW).rows
    assert rows.numeric.tolist() == [[1.5], [1.5]]
    assert rows.categorical.tolist() == [[0], [1]]


def test_a_cell_may_be_as_long_as_a_record() -> None:
    assert decode(record("a", "1", '"' + "x" * 500_000 + '"', "200")).refusals.rejected == {}


def test_plain_names_are_features_where_the_configuration_says_so() -> None:
    rows = decode(GOOD, names=("timestamp", "request_id", "x", "c", "status"), fields={"features": ""}).rows
    assert rows.numeric.tolist() == [[1.5]]


def test_a_name_may_hold_dots_itself() -> None:
    settings = {"features": {"a.b": "numeric"}, "fields": {"features": []}}
    rows = decode(f"{TIME},2.5".encode(), names=("timestamp", "a.b"), **settings).rows
    assert rows.numeric.tolist() == [[2.5]]


def test_columns_that_are_not_there_are_missing() -> None:
    rows = decode(f"{TIME},".encode(), names=("timestamp", "")).rows
    assert np.isnan(rows.numeric).all()
    assert decode(b"a", names=("request_id",)).refusals.rejected == {"missing_timestamp": 1}


def test_files_of_one_log_may_have_different_headers() -> None:
    one = decoder()
    rows = one.decode(CsvRecords(NAMES, [GOOD]), NOW).rows
    turned = one.decode(CsvRecords(NAMES[::-1], [b",".join(GOOD.split(b",")[::-1])]), NOW).rows
    assert (turned.numeric.tolist(), turned.key.tolist()) == (rows.numeric.tolist(), rows.key.tolist())


@pytest.mark.parametrize("quoted", [False, True])
def test_rows_stay_in_order_over_micro_batches_with_bad_records_in_between(quoted: bool) -> None:
    count = 2 * csv_records._MICRO_BATCH + 10
    category = '"red"' if quoted else "red"
    records = [record("a", str(i), category, "200") if i % 7 else b"broken" for i in range(count)]
    decoded = decode(*records)
    assert decoded.rows.numeric[:, 0].tolist() == [i for i in range(count) if i % 7]
    assert decoded.refusals.rejected == {"wrong_column_count": len([i for i in range(count) if not i % 7])}


def test_a_short_and_a_long_record_do_not_make_two_good_ones() -> None:
    short, long = record("a", "1", "red"), record("b", "2", "red", "200", "200")
    for records in ([short, long], [long, short], [GOOD, short, long, GOOD]):
        assert decode(*records).refusals.rejected == {"wrong_column_count": 2}


def test_no_records_are_no_rows() -> None:
    for names in (NAMES, ()):
        decoded = decode(names=names)
        assert (len(decoded.rows), decoded.read, decoded.rows.numeric.shape) == (0, 0, (0, 1))


def test_another_delimiter() -> None:
    gatherer = PredictionGatherer(Layout(model_of(features=FEATURES), None), SEED)
    decoded = DECODERS["csv"](gatherer, delimiter=";").decode(CsvRecords(NAMES, [GOOD.replace(b",", b";")]), NOW)
    assert decoded.rows.numeric.tolist() == [[1.5]]


def test_fields_that_cannot_share_a_column_are_refused_as_for_json() -> None:
    with pytest.raises(PathClashError):
        decoder(segments={"when": "timestamp"})


def test_a_segment_may_share_the_column_of_a_number() -> None:
    rows = decode(GOOD, record("b", "x", "red", "200"), GOOD, segments={"x": "features.x"}).rows
    assert rows.numeric.tolist() == [[1.5], [np.inf], [1.5]]
    assert rows.groups.tolist() == [[1], [-1], [1]]


def test_a_batch_that_only_carries_a_cursor_is_no_rows() -> None:
    decoded = decoder().decode(CsvRecords((), []), NOW)
    assert (decoded.read, decoded.refusals.rejected.total()) == (0, 0)
