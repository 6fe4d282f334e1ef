"""The classes that a model is known to have before its first row, and which one of two is the positive one."""

from __future__ import annotations

from collections.abc import Mapping

from exporter.configuration.schema import Model
from exporter.reference.profile import Profile
from exporter.rows.dictionary import Dictionary


def stated_classes(model: Model) -> tuple[str, ...] | None:
    """Return the classes that the configuration names, if it does: as such, or each with the path of its probability."""
    scores = model.fields.scores
    if model.classes is None and model.task == "multiclass" and isinstance(scores, Mapping):
        return tuple(scores)
    return model.classes


def known_classes(model: Model, profile: Profile | None) -> tuple[str, ...]:
    """Return the classes that have codes from the start: those that are stated, else the reference's, else 0 and 1."""
    if model.task == "regression":
        return ()
    if stated := stated_classes(model):
        return stated
    if profile is not None and profile.classes:
        return profile.classes
    return ("0", "1") if model.task == "binary" else ()


def positive_code(model: Model, profile: Profile | None, classes: Dictionary) -> int | None:
    """Return the code of the positive class of a binary model; None for others."""
    if model.task != "binary":
        return None
    stated = model.positive_class or (profile.positive_class if profile else None)
    # Not stated only for 0 and 1 or false and true, whose greater one it is.
    return classes.code(stated or max(classes.texts))
