"""What is said in vain about thresholds and limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from exporter.configuration.refusal import Fault
from exporter.configuration.schema import Model
from exporter.durations import format_duration

_NO_EFFECT = "has no effect"
_OF_NUMBERS = frozenset({"mae", "rmse", "bias", "r2", "mape"})
_OF_SEVERAL_CLASSES = frozenset({"precision_weighted", "recall_weighted", "f1_weighted"})


def judgement(model: Model, has: Callable[..., bool]) -> Iterator[Fault]:
    """Yield what is said about quality, data quality and limits in vain; ``has`` tells what the file writes."""
    for keys, because in _idle(model):
        if because and has(*keys):
            yield Fault(f"{_NO_EFFECT}: {because}", "take it out", keys)
    yield from _windows_that_wait(model, has)


def _idle(model: Model) -> Iterator[tuple[tuple[str, ...], str]]:
    no_labels = "" if model.labels else "there are no labels"
    no_reference = "" if model.reference else "there is no reference"
    no_window = "" if model.judged_windows else "no window has thresholds"
    yield ("quality",), no_labels
    yield ("data_quality",), no_reference or no_window
    yield ("alerts", "label_coverage"), no_labels
    yield ("alerts", "drifted_feature_share"), no_reference
    yield ("alerts", "low_confidence_share"), "the task is regression" if model.task == "regression" else ""
    yield ("alerts", "model_age"), "" if model.info.trained_at is not None else "info.trained_at is not set"
    if no_labels:
        return
    for metric in model.quality.limits:
        unknown = (metric in _OF_NUMBERS) != (model.task == "regression")
        unknown |= metric in _OF_SEVERAL_CLASSES and model.task != "multiclass"
        yield ("quality", "limits", metric), f"the task is {model.task}" if unknown else no_window


def _windows_that_wait(model: Model, has: Callable[..., bool]) -> Iterator[Fault]:
    """Warn when all windows that are judged are over before their labels are due."""
    key = ("quality", "due_after") if has("quality", "due_after") else ("labels", "settle")
    if model.labels is None or not has(*key):
        return
    due = model.labels.settle if model.quality.due_after is None else model.quality.due_after
    lengths = [window.length for window in model.judged_windows if window.length is not None]
    if lengths and due >= max(lengths):
        text = f"labels are due after {format_duration(due)}, when a window of {format_duration(max(lengths))} is over"
        yield Fault(f"{text}: quality may wait for them for ever", "judge a longer window (thresholds.windows)", key)
