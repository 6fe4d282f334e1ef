"""From the models of one configuration to those of the next."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from exporter.configuration.schema import Configuration, Model
from exporter.pipeline import Pipeline
from exporter.reference.profile import Profile
from exporter.service.reload import Prepared
from exporter.state import persistence
from exporter.state.database import State

_LOG = logging.getLogger(__name__)


def succeed(running: Sequence[Pipeline], prepared: Prepared, state: State) -> list[Pipeline]:
    """Return the pipelines of the new configuration; everything must have been committed.

    A model that is the same goes on as it is. One that has changed is built anew from what was committed, as after a
    restart: its positions are kept, and its figures unless its layout is another one. What nobody needs any more is
    closed, and stays in the state. Raises ``ReferenceProblem`` before anything is changed, and ``StateError``.
    """
    former = {pipeline.model.name: pipeline for pipeline in running}
    successors = [
        _successor(former.get(name), model, prepared.profiles[name], state.seed)
        for name, model in prepared.configuration.models.items()
    ]
    gone = [pipeline for pipeline in running if pipeline not in successors]
    for pipeline in gone:
        pipeline.close()
    for pipeline in successors:
        if pipeline not in running:
            persistence.restore(pipeline, state)
    _report(running, successors)
    return successors


def needing_restart(old: Configuration, new: Configuration) -> list[str]:
    """Return the keys that differ and that a running exporter cannot take on."""
    return ["storage.path"] if old.storage.path != new.storage.path else []


def _successor(former: Pipeline | None, model: Model, profile: Profile | None, seed: int) -> Pipeline:
    if former is not None and former.model == model and _hash(former.layout.profile) == _hash(profile):
        return former
    return Pipeline(model, profile, seed)


def _hash(profile: Profile | None) -> str | None:
    return profile.hash if profile else None


def _report(running: Sequence[Pipeline], successors: Sequence[Pipeline]) -> None:
    before, after = ({pipeline.model.name for pipeline in pipelines} for pipelines in (running, successors))
    rebuilt = {pipeline.model.name for pipeline in successors if pipeline not in running}
    fields = {
        "unchanged": ", ".join(sorted(after - rebuilt)),
        "changed": ", ".join(sorted(rebuilt & before)),
        "added": ", ".join(sorted(after - before)),
        "removed": ", ".join(sorted(before - after)),
    }
    _LOG.info("the configuration was reloaded", extra={"fields": {key: text for key, text in fields.items() if text}})
    for name in sorted(before - after):
        _LOG.info("the model is not watched any more; its state is kept", extra={"fields": {"model": name}})
