from __future__ import annotations

import json
import math
from dataclasses import fields
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from exporter.reference.build import build_profile
from exporter.reference.options import ProfileOptions
from exporter.reference.problem import ReferenceProblem
from exporter.reference.profile import Profile
from exporter.reference.serialisation import from_bytes, is_profile, to_bytes, with_hash


def profile() -> Profile:
    rng = np.random.default_rng(4)
    data = {
        "thinned": rng.normal(size=500),
        "few": rng.integers(0, 3, 500),
        "tiny": np.full(500, 5e-324),
        "empty": pa.array([None] * 500, pa.float64()),
        "kind of thing": rng.choice(["ä", 'b"c', "d\ne"], 500),
        "p": rng.integers(0, 2, 500),
        "y": rng.integers(0, 2, 500),
        "s": rng.random(500),
        "g": rng.choice(["x", "y"], 500),
    }
    options = ProfileOptions("binary", "p", "s", "y", segments={"by g": "g"}, max_edges=60, kinds={"empty": "numeric"})
    return build_profile(pa.table(data), options)[0]


def plain(value: Any) -> Any:
    """A dataclass of arrays as something that == can compare; NaN by its name."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.tolist()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, float) and math.isnan(value):
        return "nan"
    if hasattr(value, "__dataclass_fields__"):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return value


def test_a_profile_comes_back_as_it_was() -> None:
    before = profile()
    after = from_bytes(to_bytes(before))
    assert plain(after) == plain(before)
    assert to_bytes(after) == to_bytes(before)
    assert len(before.baselines) == 3
    assert is_profile(to_bytes(before))


def test_the_hash_is_that_of_the_content() -> None:
    before = profile()
    assert with_hash(before).hash == before.hash
    assert len(before.hash) == 64


def test_layout_of_the_json_does_not_matter() -> None:
    pretty = json.dumps(json.loads(to_bytes(profile())), indent=2, ensure_ascii=True).encode()
    assert is_profile(pretty)
    assert from_bytes(pretty).hash == profile().hash


def test_training_data_is_no_profile() -> None:
    assert not is_profile(b'{"format": "other"}')
    assert not is_profile(b'{"x": 1}\n{"x": 2}\n')
    assert not is_profile(b"")


def changed(**values: Any) -> bytes:
    return json.dumps(json.loads(to_bytes(profile())) | values).encode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "damaged"),
        (b"[]", "damaged"),
        (b'{"format": "driftbell-reference-profile", "version": 2}', "damaged"),
        (b'{"format": "driftbell-reference-profile", "version": 99}', "version 99, this program reads"),
        (b'{"format": "other", "version": 1}', "format 'other'"),
        (b'{"format": "\xff", "version": 1}', "damaged"),
    ],
)
def test_what_is_no_profile_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(ReferenceProblem) as caught:
        from_bytes(content)
    assert said in str(caught.value)


def test_changed_content_is_refused() -> None:
    with pytest.raises(ReferenceProblem, match="changed after it was built"):
        from_bytes(changed(rows=501))
    with pytest.raises(ReferenceProblem, match="changed after it was built"):
        from_bytes(changed(hash="0" * 64))
    with pytest.raises(ReferenceProblem, match=r"damaged.*unknown field"):
        from_bytes(changed(extra=1))
    with pytest.raises(ReferenceProblem, match="damaged"):
        from_bytes(to_bytes(profile())[:-100])


def test_flipped_bits_are_seen() -> None:
    content = to_bytes(profile())
    rng = np.random.default_rng(0)
    for place in rng.integers(0, len(content) - 1, 200).tolist():
        flipped = bytearray(content)
        flipped[place] ^= 1 << int(rng.integers(0, 7))
        try:
            read = from_bytes(bytes(flipped))
        except ReferenceProblem:
            continue
        # The seventeenth digit of a number can change without changing the number.
        assert to_bytes(read) == content


@pytest.mark.parametrize(
    ("column", "change", "said"),
    [
        ("few", {"edges": [1.0, 0.0, 2.0]}, "edges that do not increase"),
        ("few", {"at": [1]}, "one count for each slot"),
        ("few", {"at": [500, 0], "between": [0, 0, 0], "sums": []}, "one count for each edge"),
        ("few", {"rows": 3}, "do not add up"),
        ("thinned", {"quantile_cuts": [0.0001]}, "odd limits of bins"),
        ("few", {"width_cuts": [1.0, 0.0]}, "odd limits of bins"),
        ("thinned", {"sums": [1.0]}, "one sum for each gap"),
        ("kind of thing", {"counts": [500]}, "one count for each category"),
        ("kind of thing", {"rows": 3}, "do not add up"),
    ],
)
def test_a_right_hash_does_not_excuse_wrong_shapes(
    column: str, change: dict[str, Any], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = json.loads(to_bytes(profile()))
    document["features"][column] |= change
    if "edges" in change:
        document["features"][column] |= {"at": [500, 0, 0], "between": [], "sums": []}
    monkeypatch.setattr("exporter.reference.serialisation._digest", lambda _: document["hash"])
    with pytest.raises(ReferenceProblem, match=said):
        from_bytes(json.dumps(document).encode())
