"""A stranger's log for the README's tour: orders of a shop, and which of them come back.

Prices rise during the day, which shows as drift; at the higher prices fewer orders come back than the model learnt,
which shows in its quality.
"""

from __future__ import annotations

import csv
import json
import math
import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

START = datetime(2026, 1, 5, tzinfo=UTC)
ORDERS = 3000
_STEP = timedelta(seconds=30)
_KNOWN_AFTER = timedelta(hours=5)

Inputs = Mapping[str, str | int | float]


def write(folder: Path) -> None:
    """Write a reference, 25 hours of orders, and what is known by then of each."""
    random_ = random.Random(20260105)
    _write_reference(folder / "holdout.csv", random_)
    orders, returns = [], []
    for number in range(ORDERS):
        inputs, probability, truth = _order(random_, dearer=number / ORDERS)
        when = START + _STEP * number
        name = f"o-{number}"
        took = round(random_.gammavariate(4, 3), 1)
        line = {"time": _text(when), "order": name, "model": "7", "inputs": inputs, "probability": probability}
        orders.append(json.dumps({**line, "answer": _answer(probability), "took_ms": took}))
        if when + _KNOWN_AFTER < START + _STEP * ORDERS:
            returns.append(json.dumps({"order": name, "truth": truth, "time": _text(when + _KNOWN_AFTER)}))
    (folder / "orders.jsonl").write_text("\n".join([*orders, ""]))
    (folder / "returns.jsonl").write_text("\n".join([*returns, ""]))


def _write_reference(path: Path, random_: random.Random) -> None:
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["price", "items", "channel", "probability", "answer", "truth"])
        for _ in range(2000):
            inputs, probability, truth = _order(random_, dearer=0)
            table.writerow([*inputs.values(), probability, _answer(probability), truth])


def _order(random_: random.Random, dearer: float) -> tuple[Inputs, float, str]:
    price = round(random_.lognormvariate(3 + dearer, 0.6), 2)
    inputs: Inputs = {"price": price, "items": random_.randint(1, 4), "channel": random_.choice(["app", "shop", "web"])}
    learnt = 4 * (math.log(price / 20) - 0.2)
    truth = random_.random() < _logistic(learnt - 2 * dearer)
    return inputs, round(_logistic(learnt), 3), "returned" if truth else "kept"


def _answer(probability: float) -> str:
    return "returned" if probability >= 0.5 else "kept"


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def _text(when: datetime) -> str:
    return when.isoformat().replace("+00:00", "Z")
