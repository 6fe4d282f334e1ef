"""Parsers and what they have never seen: `make torture` does the same for longer."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz import near_lines
from tests.fuzz.corpus import kept
from tests.fuzz.mutations import mutated
from tests.fuzz.targets import TARGETS, json_labels, json_predictions
from torture import fuzz

# Arrow is not ours: what it does to its process must not be done to this one.
IN_PROCESS = [target for target in TARGETS if target != "parquet"]

SPACE = st.sampled_from(["", "", "", " ", "\t", "\r", "\x0b", "\xa0", "\0"])
NUMBERS = st.sampled_from(
    ["0", "-0", "00", "1", "-1", "1.", ".5", "1e5", "1E+5", "1e", "1e999", "-1e999", "0x1", "1_000", "9007199254740993"]
) | st.from_regex(r"-?[0-9]{1,25}(\.[0-9]{1,5})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)
WORDS = st.sampled_from(["null", "true", "false", "NaN", "Infinity", "-Infinity", "nan", "Null", "None", "undefined"])
PIECES = st.sampled_from(
    ["a", "é", "😀", "\\n", "\\u0041", "\\ud800", "\\ude00", "\\ud83d\\ude00", "\\u00", "\\x", "\t", "\0"]
)
STRINGS = st.lists(PIECES, max_size=3).map(lambda parts: f'"{"".join(parts)}"')
TIMES = st.sampled_from(['"2024-05-01T14:00:00Z"', '"2024-05-01T14:00:00"', '"2016-12-31T23:59:60Z"', "0", "null"])
KEYS = st.sampled_from(
    [
        "timestamp",
        "request_id",
        "features",
        "x",
        "c",
        "score",
        "scores",
        "a",
        "label",
        "status",
        "region",
        "model",
        "\\u0078",
    ]
).map(lambda key: f'"{key}"')


def objects(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(SPACE, KEYS | STRINGS, SPACE, values).map(
        lambda parts: f"{parts[0]}{parts[1]}{parts[2]}:{parts[3]}"
    )
    return st.lists(pair, max_size=4).map(lambda pairs: f"{{{','.join(pairs)}}}")


TEXTS = st.recursive(
    NUMBERS | WORDS | STRINGS | TIMES,
    lambda inner: st.lists(inner, max_size=3).map(lambda items: f"[{','.join(items)}]") | objects(inner),
    max_leaves=6,
)
RECORDS = st.tuples(TIMES, objects(TEXTS)).map(
    lambda parts: f'{{"timestamp":{parts[0]},"request_id":"r",{parts[1][1:]}'
)


@pytest.mark.parametrize("target", IN_PROCESS)
@settings(max_examples=60, deadline=None)
@given(dice=st.randoms(use_true_random=False))
def test_no_change_of_bytes_breaks_a_parser(target: str, dice: Random) -> None:
    TARGETS[target](mutated(list(kept(target).values()), dice))


@settings(max_examples=200, deadline=None)
@given(st.lists(RECORDS | objects(TEXTS) | TEXTS, min_size=1, max_size=3))
def test_no_text_that_is_nearly_json_breaks_a_decoder(records: list[str]) -> None:
    data = "\n".join(records).encode()
    json_predictions(data)
    json_labels(data)


def test_no_change_of_bytes_breaks_arrow_or_its_process(capsys: pytest.CaptureFixture[str]) -> None:
    assert fuzz.main(["--only", "parquet", "--inputs", "300", "--seed", "1"]) == 0
    assert "300 inputs" in capsys.readouterr().out


@pytest.mark.parametrize("seed", range(6))
def test_all_ways_agree_on_lines_that_are_nearly_right(seed: int) -> None:
    lines = near_lines.payload(Random(seed), 60)
    json_predictions(lines)
    json_labels(lines)
