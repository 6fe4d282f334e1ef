"""The command line: arguments to actions, problems to messages and exit codes.

Exit codes: 0 all is well, 1 something failed while working, 2 the configuration or the arguments are wrong.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import exporter
from exporter.configuration import ConfigurationError, load
from exporter.durations import parse_timestamp
from exporter.logs import LEVELS, configure
from exporter.reference.problem import ReferenceProblem

if TYPE_CHECKING:
    from exporter.configuration.schema import Configuration
    from exporter.pipeline import Pipeline

OK, FAILED, WRONG = 0, 1, 2

_DESCRIPTION = "Watch machine-learning models through their prediction logs, for Prometheus."


def main(argv: Sequence[str], stdout: TextIO, stderr: TextIO) -> int:
    """Run a command; return the exit code."""
    try:
        arguments = _parser().parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    configure(arguments.log_level, arguments.log_format, stderr)
    try:
        action: Callable[[argparse.Namespace, TextIO, TextIO], int] = arguments.action
        return action(arguments, stdout, stderr)
    except ConfigurationError as error:
        print(error, file=stderr)
        return WRONG
    except ReferenceProblem as problem:
        print(f"driftbell: {problem}", file=stderr)
        return WRONG


def script() -> None:
    """Run as a program."""
    try:
        code = main(sys.argv[1:], sys.stdout, sys.stderr)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of our output has seen enough; there is nobody left to tell.
        code = FAILED
        sys.stdout = None
    sys.exit(code)


def _microseconds() -> int:
    return time.time_ns() // 1000


def _configuration(arguments: argparse.Namespace, stderr: TextIO) -> Configuration:
    loaded = load(Path(arguments.config_file))
    for warning in loaded.warnings:
        print(warning, file=stderr)
    return loaded.configuration


def _pipelines(
    configuration: Configuration, cache: Path | None, seed: int, stderr: TextIO, *, finish: bool
) -> list[Pipeline]:
    from exporter.pipeline import Pipeline
    from exporter.profiles import profile_of
    from exporter.progress import progress

    found = []
    for model in configuration.models.values():
        with progress(f"profiling the reference of {model.name}", stderr) as report:
            profile = profile_of(model, cache, report)
        found.append(Pipeline(model, profile, seed, finish=finish))
    return found


def _serve(arguments: argparse.Namespace, stdout: TextIO, stderr: TextIO) -> int:
    from exporter.app import App
    from exporter.exposition import live_tail
    from exporter.landing import landing_page
    from exporter.persistence import restore
    from exporter.server import Server, parse_listen_address
    from exporter.state import State, StateError

    del stdout
    configuration = _configuration(arguments, stderr)
    folder = Path(arguments.storage_path) if arguments.storage_path else Path(configuration.storage.path)
    try:
        host, port = parse_listen_address(arguments.listen_address)
    except ValueError as error:
        print(f"driftbell: --web.listen-address: {error}", file=stderr)
        return WRONG
    try:
        with State(folder) as state:
            pipelines = _pipelines(configuration, folder / "profiles", state.seed, stderr, finish=False)
            for pipeline in pipelines:
                restore(pipeline, state)
            app = App(configuration, pipelines, state, _microseconds)
            names = list(configuration.models)
            server = Server(
                host,
                port,
                page=app.body,
                ready=lambda: app.is_ready,
                landing=lambda: landing_page(exporter.__version__, names),
                tail=lambda: live_tail(app.own()),
            )
            server.start()
            try:
                for number in (signal.SIGTERM, signal.SIGINT):
                    signal.signal(number, lambda *_: app.stop())
                app.run()
            finally:
                server.stop()
                for pipeline in pipelines:
                    pipeline.close()
    except (StateError, OSError) as error:
        print(f"driftbell: {error}", file=stderr)
        return FAILED
    return OK


def _evaluate(arguments: argparse.Namespace, stdout: TextIO, stderr: TextIO) -> int:
    from exporter.app import build_info
    from exporter.evaluate import Backtest
    from exporter.exposition import Renderer
    from exporter.snapshot import snapshot_of

    configuration = _configuration(arguments, stderr)
    pipelines = _pipelines(configuration, None, 0, stderr, finish=True)
    samples, complete = build_info(), True
    for pipeline in pipelines:
        backtest = Backtest(pipeline, arguments.at, arguments.labels)
        samples += backtest.run(_microseconds())
        complete &= backtest.is_complete
        pipeline.close()
    stdout.write(Renderer().render(snapshot_of(samples)).decode())
    return OK if complete else FAILED


def _check_config(arguments: argparse.Namespace, stdout: TextIO, stderr: TextIO) -> int:
    from exporter.estimate import estimate

    configuration = _configuration(arguments, stderr)
    for pipeline in _pipelines(configuration, None, 0, stderr, finish=False):
        print(estimate(pipeline), file=stdout)
    return OK


def _profile(arguments: argparse.Namespace, stdout: TextIO, stderr: TextIO) -> int:
    from exporter.profiles import profile_of
    from exporter.progress import progress
    from exporter.reference.serialisation import to_bytes

    model = _configuration(arguments, stderr).models.get(arguments.model)
    if model is None or model.reference is None:
        print(
            f"driftbell: {arguments.config_file}: there is no model {arguments.model!r} with a reference", file=stderr
        )
        return WRONG
    with progress(f"profiling {model.reference.path}", stderr) as report:
        profile = profile_of(model, None, report)
    assert profile is not None  # the model has a reference
    Path(arguments.output).write_bytes(to_bytes(profile))
    print(
        f"{arguments.output}: {profile.rows} rows, {len(profile.features)} features, hash {profile.hash[:12]}",
        file=stdout,
    )
    return OK


def _moment(text: str) -> int:
    try:
        return parse_timestamp(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="driftbell", description=_DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"driftbell {exporter.__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    serve = _command(commands, "serve", _serve, "read the logs as they grow and serve /metrics")
    serve.add_argument(
        "--web.listen-address",
        dest="listen_address",
        default=":9911",
        metavar="ADDRESS",
        help="where to listen (default %(default)s)",
    )
    serve.add_argument(
        "--storage.path",
        dest="storage_path",
        metavar="FOLDER",
        help="where to keep the state (default: the configuration's)",
    )
    evaluate = _command(commands, "evaluate", _evaluate, "read all logs that are there once and print the figures")
    evaluate.add_argument(
        "--at",
        type=_moment,
        metavar="TIME",
        help="as of this moment of event time, e.g. 2026-02-01T00:00:00Z (default: the newest event)",
    )
    evaluate.add_argument(
        "--labels",
        choices=("known", "all"),
        default="known",
        help="labels known by then, or all of the log (default %(default)s)",
    )
    _command(
        commands,
        "check-config",
        _check_config,
        "say everything that is wrong with a configuration, or what it will cost",
    )
    profile = _command(commands, "profile", _profile, "make a reference profile from a model's training data")
    profile.add_argument("--model", required=True, metavar="NAME", help="a model of the configuration")
    profile.add_argument(
        "--output", required=True, metavar="FILE", help="the profile to write, e.g. fraud.profile.json"
    )
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    action: Callable[[argparse.Namespace, TextIO, TextIO], int],
    text: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    parser.set_defaults(action=action)
    parser.add_argument(
        "--config.file", dest="config_file", required=True, metavar="FILE", help="the configuration (YAML)"
    )
    parser.add_argument("--log.level", dest="log_level", choices=LEVELS, default="info", help="default %(default)s")
    parser.add_argument(
        "--log.format", dest="log_format", choices=("logfmt", "json"), default="logfmt", help="default %(default)s"
    )
    return parser
