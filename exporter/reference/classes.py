"""The classes of a classifier and which of them is the positive one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from exporter.reference.options import ProfileOptions
from exporter.reference.problem import ReferenceProblem

# So many classes are shown at most.
_MANY = 6
# Pairs whose positive class nobody would have to ask for.
_OBVIOUS: dict[tuple[str, ...], str] = {("0", "1"): "1", ("false", "true"): "true"}


def classes_of(
    options: ProfileOptions, predicted: Sequence[str], true: Sequence[str], scored: Sequence[str] = ()
) -> tuple[str, ...]:
    """Return the stated classes, else those that occur in predictions, labels or names of scores, in a stable order.

    Raises ``ReferenceProblem`` when a binary model does not have two, or there are none.
    """
    if not options.is_classification:
        return ()
    classes = options.classes if options.classes is not None else in_order((*predicted, *true, *scored))
    if not classes:
        raise ReferenceProblem("no class is known: there is no column of predictions or labels; say reference.fields")
    if options.task == "binary" and len(classes) != 2:
        if options.classes is None and predicted and true and not set(predicted) & set(true):
            raise ReferenceProblem(
                f"predictions ({_shown(predicted)}) and labels ({_shown(true)}) have no class in common; write both "
                "alike, or, if the predictions say something else, set fields.prediction to null: the score decides then"
            )
        found = ", ".join(classes) or "none"
        raise ReferenceProblem(f"a binary model has two classes, found: {found}; state classes, or task: multiclass")
    return tuple(classes)


def positive_class_of(options: ProfileOptions, classes: Sequence[str]) -> str | None:
    """Return the positive class of a binary model (``None`` for other tasks): stated, or obvious."""
    if options.task != "binary":
        return None
    positive = options.positive_class or _OBVIOUS.get(tuple(sorted(classes)))
    if positive is None:
        raise ReferenceProblem(
            f"cannot tell which class is the positive one of {', '.join(classes)}; state positive_class"
        )
    if positive not in classes:
        raise ReferenceProblem(f"positive_class {positive!r} is not among the classes {', '.join(classes)}")
    return positive


def _shown(classes: Sequence[str]) -> str:
    return ", ".join(in_order(classes)[:_MANY])


def in_order(classes: Iterable[str]) -> tuple[str, ...]:
    """Sort classes: by number when all are numbers, else by text.

    >>> in_order({"10", "9"}), in_order({"10", "9", "x"})
    (('9', '10'), ('10', '9', 'x'))
    """
    found = sorted(set(classes))
    try:
        return tuple(sorted(found, key=float))
    except ValueError:
        return tuple(found)
