"""The objectives of a model to the state and back.

Each objective is known by its name and by what makes its events good. So one that is new or has changed begins anew,
and the others go on; what share has to be good may change at any time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exporter.counting.layout import Objective
from exporter.counting.panes import Slot
from exporter.objectives.budgets import Budgets
from exporter.objectives.objectives import Objectives
from exporter.state.codec import array, pack, unpack
from exporter.state.database import State
from exporter.state.problem import DamagedStateError

KIND = "budgets"
Numbers = NDArray[np.float64]


def save(objectives: Objectives, state: State, model: str) -> None:
    """Write the tallies that have changed, all of one step together: those of long steps hardly ever do."""
    budgets = objectives.budgets
    by_step: dict[int, list[Slot]] = {step: [] for step in budgets.changed}
    for slot in budgets.tallies:
        if slot.step in by_step:
            by_step[slot.step].append(slot)
    state.delete_blocks(model, KIND, by_step)
    state.save_blocks(model, KIND, ((step, _packed(budgets, slots)) for step, slots in by_step.items() if slots))


def saved(objectives: Objectives) -> None:
    """Take note that the transaction of a ``save`` was committed."""
    objectives.budgets.changed = set()


def document_of(objectives: Objectives) -> dict[str, Any]:
    """Return what is small enough to be written each time."""
    budgets, freshness = objectives.budgets, objectives.freshness
    names = list(map(_identity, budgets.objectives))
    return {
        "names": names,
        "timeline": _timeline(budgets),
        "steps": sorted({slot.step for slot in budgets.tallies}),
        "counts": dict(objectives.counts),
        "periods": {
            f"{names[place]} {_calendar(budgets.objectives[place])}": [
                [*key, *numbers[place].tolist()] for key, numbers in kept.items()
            ]
            for place, kept in budgets.periods.items()
        },
        "judged_to": {names[place]: time for place, time in freshness.judged_to.items()} if freshness else {},
        "throughputs": {
            names[place]: [dict(each.open), each.first, each.judged_to, each.last]
            for place, each in objectives.throughputs.items()
        },
    }


def restore(objectives: Objectives, document: Mapping[str, Any], state: State, model: str) -> None:
    """Bring new objectives to where they were saved. Raises ``DamagedStateError``."""
    budgets = objectives.budgets
    places = _places(budgets.objectives, document["names"])
    for version, numbers in document["counts"].items():
        objectives.counts[int(version)] = _placed(places, array(numbers), len(budgets.objectives))
    _restore_periods(budgets, document["periods"])
    _restore_judgement(objectives, document)
    _restore_tallies(budgets, places, document, state, model)


def _restore_tallies(
    budgets: Budgets, places: Mapping[int, int], document: Mapping[str, Any], state: State, model: str
) -> None:
    """Take the tallies back, but those that were cut otherwise, for other windows or periods."""
    blocks = dict(state.blocks(model, KIND))
    if sorted(blocks) != document["steps"]:
        raise DamagedStateError(f"tallies of the steps {sorted(blocks)} instead of {document['steps']}")
    is_cut_alike = document["timeline"] == _timeline(budgets)
    if not is_cut_alike or document["names"] != list(map(_identity, budgets.objectives)):
        # To be deleted, or written again: what the next document says of them would not be true.
        budgets.changed = set(blocks)
    if not is_cut_alike:
        return
    for step, content in blocks.items():
        tallies = unpack(content)
        numbers = _placed(places, array(tallies["numbers"]), len(budgets.objectives))
        for version, start, one in zip(
            array(tallies["version"]).tolist(), array(tallies["start"]).tolist(), numbers, strict=True
        ):
            budgets.tallies[Slot(version, start, step)] = one


def _restore_periods(budgets: Budgets, document: Mapping[str, Any]) -> None:
    for place, kept in budgets.periods.items():
        objective = budgets.objectives[place]
        for version, start, *pair in document.get(f"{_identity(objective)} {_calendar(objective)}", ()):
            kept[version, start] = np.zeros((len(budgets.objectives), 2))
            kept[version, start][place] = pair


def _restore_judgement(objectives: Objectives, document: Mapping[str, Any]) -> None:
    names = list(map(_identity, objectives.budgets.objectives))
    if objectives.freshness:
        judged = objectives.freshness.judged_to
        judged.update({place: document["judged_to"].get(names[place], judged[place]) for place in judged})
    for place, throughput in objectives.throughputs.items():
        if names[place] in document["throughputs"]:
            open_, throughput.first, throughput.judged_to, throughput.last = document["throughputs"][names[place]]
            throughput.open = Counter({int(minute): count for minute, count in open_.items()})


def _packed(budgets: Budgets, slots: Sequence[Slot]) -> bytes:
    version, start, _ = (np.array(column, np.int64) for column in zip(*slots, strict=True))
    return pack({"version": version, "start": start, "numbers": np.array([budgets.tallies[slot] for slot in slots])})


def _placed(places: Mapping[int, int], numbers: Numbers, size: int) -> Numbers:
    """Return numbers (…, objectives then, 2) as (…, objectives now, 2)."""
    placed = np.zeros((*numbers.shape[:-2], size, 2))
    for then, now in places.items():
        placed[..., now, :] = numbers[..., then, :]
    return placed


def _places(objectives: Sequence[Objective], names: Sequence[str]) -> dict[int, int]:
    """Return, for each place of then, where the same objective is now."""
    now = {_identity(objective): place for place, objective in enumerate(objectives)}
    return {place: now[name] for place, name in enumerate(names) if name in now}


def _identity(objective: Objective) -> str:
    slo = objective.slo
    return f"{objective.name} {slo.kind} {getattr(slo, slo.kind)!r}"


def _calendar(objective: Objective) -> str:
    return f"{objective.slo.calendar} {objective.slo.time_zone}"


def _timeline(budgets: Budgets) -> list[list[int]]:
    return [[level.length, level.step] for level in budgets.timeline.levels]
