"""Make a reference profile from a model's training data, or from its own log."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from exporter.commands import capture
from exporter.commands.models import DEFAULT, configuration_of
from exporter.commands.outcome import FAILED, OK, WRONG
from exporter.reference.options import TASKS
from exporter.reference.problem import ReferenceProblem

if TYPE_CHECKING:
    from exporter.configuration.schema import Model
    from exporter.reference.options import ProfileOptions
    from exporter.reference.profile import Profile

# What the records of a log have besides features, under the names that the configuration has for them by default.
_NO_FEATURES = frozenset({"timestamp", "request_id", "latency_ms", "status", "endpoint", "version"})
_ROLES = ("prediction", "label", "score", "scores")
_OF_DATA = ("task", *_ROLES, "positive_class", "classes", "segments", "ignore")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.usage = (
        "driftbell profile --config.file=FILE --model=NAME [--output=FILE]\n"
        "       driftbell profile --config.file=FILE --model=NAME --from-log [--from=TIME] [--for=7d] [--output=FILE]\n"
        "       driftbell profile TRAINING_DATA --task=TASK [--label=COLUMN] [...] [--output=FILE]"
    )
    parser.add_argument("data", nargs="?", type=Path, metavar="TRAINING_DATA", help="Parquet, CSV or JSON lines")
    parser.add_argument("--output", type=Path, metavar="FILE", help="what to write (default: NAME.profile.json, here)")
    configured = parser.add_argument_group("for a model of a configuration")
    configured.add_argument("--config.file", dest="config_file", type=Path, metavar="FILE", help="the configuration")
    configured.add_argument("--model", metavar="NAME", help="the model (default: the only one)")
    capture.add_arguments(parser)
    plain = parser.add_argument_group("for training data without a configuration")
    plain.add_argument("--task", choices=TASKS)
    for role in _ROLES:
        plain.add_argument(f"--{role}", metavar="COLUMN", help=f"default: {role}, if there is such a column")
    plain.add_argument("--positive-class", metavar="CLASS", help="default: 1 of 0 and 1, true of booleans")
    plain.add_argument("--classes", type=_list, metavar="A,B", help="default: those in the data")
    plain.add_argument("--segments", type=_list, default=(), metavar="A,B", help="columns to keep the quality of")
    plain.add_argument("--ignore", type=_list, default=(), metavar="A,B", help="columns that are no features")


def run(arguments: argparse.Namespace, stdout: TextIO, stderr: TextIO) -> int:
    """Write the profile; the configuration's ``reference`` takes it in place of the data."""
    from exporter.reference.serialisation import to_bytes

    if arguments.from_log and arguments.config_file is None:
        arguments.config_file = DEFAULT
    if fault := _fault(arguments):
        print(f"driftbell: profile: {fault}", file=stderr)
        return WRONG
    name, profile = _of_model(arguments, stderr) if arguments.config_file else _of_data(arguments, stderr)
    output = arguments.output or Path(f"{name}.profile.json")
    try:
        output.write_bytes(to_bytes(profile))
    except OSError as error:
        print(f"driftbell: {output}: cannot be written: {error.strerror}", file=stderr)
        return FAILED
    print(f"{output}: {profile.rows} rows, {len(profile.features)} features, hash {profile.hash[:12]}", file=stdout)
    return OK


def _fault(arguments: argparse.Namespace) -> str | None:
    """Say what is wrong with the arguments taken together, if anything is."""
    from_data = arguments.config_file is None
    if from_data == (arguments.data is None):
        return "name either training data or --config.file"
    if unused := _given(arguments, ("model",) if from_data else _OF_DATA):
        return f"{unused}: not {'without' if from_data else 'with'} --config.file"
    if not arguments.from_log and (unused := _given(arguments, capture.OF_LOG)):
        return f"{unused}: not without --from-log"
    return capture.unfit(arguments) if arguments.from_log else None


def _given(arguments: argparse.Namespace, options: Sequence[str]) -> str:
    """Return those of some options that are given, as they are written."""
    spelling = {"start": "from", "length": "for"}
    given = [option for option in options if getattr(arguments, option)]
    return ", ".join("--" + spelling.get(option, option).replace("_", "-") for option in given)


def _of_model(arguments: argparse.Namespace, stderr: TextIO) -> tuple[str, Profile]:
    models = configuration_of(arguments.config_file, stderr).models
    name: str = arguments.model or (next(iter(models)) if len(models) == 1 else "")
    if name not in models:
        stated = f", not {name}" if name else ""
        raise ReferenceProblem(f"{arguments.config_file}: --model must be one of {', '.join(models)}{stated}")
    read = capture.profile_of_log if arguments.from_log else _of_reference
    profile = read(models[name], arguments, stderr)
    # A model may be called anything, a file may not.
    return name.replace("/", "_"), profile


def _of_reference(model: Model, arguments: argparse.Namespace, stderr: TextIO) -> Profile:
    from exporter.capture.profiles import profile_of
    from exporter.service.progress import progress

    with progress(f"profiling the reference of {model.name}", stderr) as report:
        profile = profile_of(model, None, report)
    if profile is None:
        raise ReferenceProblem(
            f"{arguments.config_file}: models.{model.name} has no reference to profile; its log can be, with --from-log"
        )
    return profile


def _of_data(arguments: argparse.Namespace, stderr: TextIO) -> tuple[str, Profile]:
    from exporter.reference.cache import load_or_build
    from exporter.service.progress import progress

    options = _options(arguments)
    with progress(f"profiling {arguments.data.name}", stderr) as report:
        profile, warnings = load_or_build(arguments.data, options, None, report)
    for warning in warnings:
        print(f"{arguments.data}: warning: {warning}", file=stderr)
    return arguments.data.name.partition(".")[0], profile


def _options(arguments: argparse.Namespace) -> ProfileOptions:
    from exporter.reference.options import ProfileOptions

    if arguments.task is None:
        raise ReferenceProblem(f"{arguments.data}: say what the model does, with --task={'|'.join(TASKS)}")
    unfit = {"binary": ("scores",), "multiclass": ("score",), "regression": ("score", "scores")}[arguments.task]
    stated = {role: getattr(arguments, role) for role in _ROLES if getattr(arguments, role) is not None}
    if vain := [role for role in unfit if role in stated]:
        raise ReferenceProblem(f"{arguments.data}: a {arguments.task} model has no --{vain[0]}")
    columns = {role: None if role in unfit else stated.get(role, role) for role in _ROLES}
    return ProfileOptions(
        task=arguments.task,
        prediction=columns["prediction"],
        label=columns["label"],
        score=columns["score"],
        scores=columns["scores"],
        segments={column: column for column in arguments.segments},
        ignored=_NO_FEATURES.union(arguments.ignore),
        classes=arguments.classes,
        positive_class=arguments.positive_class,
        # As the configuration has it by default.
        timestamp="timestamp",
        optional=frozenset(set(_ROLES) - set(stated)),
    )


def _list(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))
