"""From the models of one configuration to those of the next."""

from __future__ import annotations

import logging
from collections.abc import Container, Iterator, Sequence

from exporter.configuration.schema import Configuration, Model
from exporter.pipeline import Pipeline
from exporter.reference.profile import Profile
from exporter.service.reload import Prepared
from exporter.state import persistence
from exporter.state.database import State

_LOG = logging.getLogger(__name__)


def successors(running: Sequence[Pipeline], prepared: Prepared, seed: int) -> list[Pipeline]:
    """Return the pipelines of the new configuration: the running one of a model that is the same, and new ones.

    Nothing is changed by that. Raises ``ReferenceProblem``.
    """
    former = {pipeline.model.name: pipeline for pipeline in running}
    return [
        _successor(former.get(name), model, prepared.profiles[name], seed)
        for name, model in prepared.configuration.models.items()
    ]


def succeed(running: Sequence[Pipeline], successors: list[Pipeline], state: State) -> list[Pipeline]:
    """Make the successors ready and return them; everything must have been committed.

    A model that has changed goes on from what was committed, as after a restart: its positions are kept, and its
    figures unless its layout is another one. So does one that has another name and is the same in all else. What
    nobody needs any more is closed, and stays in the state. Raises ``StateError``.
    """
    gone = [pipeline for pipeline in running if pipeline not in successors]
    for pipeline in gone:
        pipeline.close()
    renamed = dict(_renamed(running, successors, state))
    for former, name in renamed.items():
        persistence.rename(former, name, state)
        _LOG.info("the model has another name", extra={"fields": {"model": name, "former": former}})
    for pipeline in successors:
        if pipeline not in running:
            persistence.restore(pipeline, state)
    _report(running, successors, renamed)
    return successors


def needing_restart(old: Configuration, new: Configuration) -> list[str]:
    """Return the keys that differ and that a running exporter cannot take on."""
    return ["storage.path"] if old.storage.path != new.storage.path else []


def _successor(former: Pipeline | None, model: Model, profile: Profile | None, seed: int) -> Pipeline:
    if former is not None and former.model == model and _hash(former.layout.profile) == _hash(profile):
        return former
    return Pipeline(model, profile, seed)


def _renamed(running: Sequence[Pipeline], successors: Sequence[Pipeline], state: State) -> Iterator[tuple[str, str]]:
    """Yield former and new name of models that differ in nothing else; who could be one of several is none of them."""
    names = {pipeline.model.name for pipeline in successors}
    gone = [pipeline for pipeline in running if pipeline.model.name not in names]
    new = [each for each in successors if each not in running and state.model(each.model.name) is None]
    for heir in new:
        formers = [each for each in gone if _is_same_but_for_the_name(each, heir)]
        rivals = [each for each in new if _is_same_but_for_the_name(heir, each)]
        if len(formers) == len(rivals) == 1:
            yield formers[0].model.name, heir.model.name


def _is_same_but_for_the_name(one: Pipeline, other: Pipeline) -> bool:
    # Without a field that names a record's model, `model_id` selects nothing.
    chosen = {"model_id": other.model.model_id} if one.model.fields.model is None else {}
    is_same = one.model.model_copy(update=chosen).named(other.model.name) == other.model
    return is_same and _hash(one.layout.profile) == _hash(other.layout.profile)


def _hash(profile: Profile | None) -> str | None:
    return profile.hash if profile else None


def _report(running: Sequence[Pipeline], successors: Sequence[Pipeline], renamed: Container[str]) -> None:
    before, after = ({pipeline.model.name for pipeline in pipelines} for pipelines in (running, successors))
    rebuilt = {pipeline.model.name for pipeline in successors if pipeline not in running}
    fields = {
        "unchanged": ", ".join(sorted(after - rebuilt)),
        "changed": ", ".join(sorted(rebuilt & before)),
        "added": ", ".join(sorted(after - before)),
        "removed": ", ".join(sorted(before - after)),
    }
    _LOG.info("the configuration was reloaded", extra={"fields": {key: text for key, text in fields.items() if text}})
    for name in sorted(name for name in before - after if name not in renamed):
        _LOG.info("the model is not watched any more; its state is kept", extra={"fields": {"model": name}})
