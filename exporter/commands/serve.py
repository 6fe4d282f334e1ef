"""Read the logs as they grow and serve /metrics."""

from __future__ import annotations

import argparse
import logging
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import exporter
from exporter.commands.models import add_config_file, configuration_of, pipelines_of
from exporter.commands.outcome import FAILED, OK

if TYPE_CHECKING:
    from exporter.app import App
    from exporter.configuration.schema import Configuration
    from exporter.server import Server
    from exporter.state import State

_LOG = logging.getLogger(__name__)
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)

Address = tuple[str, int]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config_file(parser)
    parser.add_argument(
        "--web.listen-address",
        dest="address",
        type=_address,
        default=":9911",
        metavar="ADDRESS",
        help="where to listen (default %(default)s)",
    )
    parser.add_argument(
        "--storage.path",
        dest="storage",
        type=Path,
        metavar="FOLDER",
        help="where to keep the state (default: the configuration's storage.path)",
    )


def run(arguments: argparse.Namespace, stdout: TextIO, stderr: TextIO) -> int:
    """Serve until SIGTERM or SIGINT."""
    from exporter.state import State, StateError

    del stdout
    # Until there is work to be saved, either signal ends the process at once, wherever it is.
    for number in _STOP_SIGNALS:
        signal.signal(number, signal.default_int_handler)
    try:
        configuration = configuration_of(arguments.config_file, stderr)
        with State(arguments.storage or configuration.storage.path) as state:
            return _serve(configuration, state, arguments.address, stderr)
    except StateError as error:
        print(f"driftbell: {error}", file=stderr)
        return FAILED
    except KeyboardInterrupt:
        return OK


def _serve(configuration: Configuration, state: State, address: Address, stderr: TextIO) -> int:
    from exporter.app import App

    app = App(configuration, state, _microseconds)
    # The server comes first: it says that we are alive while a large reference is profiled.
    server = _server(app, configuration, address)
    try:
        server.start()
    except OSError as error:
        print(f"driftbell: {error}; choose another with --web.listen-address", file=stderr)
        return FAILED
    try:
        _LOG.info("started", extra={"fields": _about(configuration, state, address[0], server.port)})
        for pipeline in pipelines_of(configuration, state.folder / "profiles", state.seed, stderr, finish=False):
            app.add(pipeline)
        return _work(app)
    finally:
        server.stop()
        app.close()


def _work(app: App) -> int:
    for number in _STOP_SIGNALS:
        signal.signal(number, lambda *_: app.stop())
    try:
        saved = app.run()
    except Exception:  # noqa: BLE001 - whatever it is, it is logged and ends the process
        # What was read since the last commit may be half counted: the next start reads it again. To go on, or to
        # serve figures that do not move any more, would be worse than to be restarted.
        _LOG.exception("the worker failed")
        return FAILED
    _LOG.info("stopped")
    return OK if saved else FAILED


def _server(app: App, configuration: Configuration, address: Address) -> Server:
    from exporter.exposition import live_tail
    from exporter.landing import landing_page
    from exporter.server import Server

    page = landing_page(exporter.__version__, list(configuration.models))
    return Server(*address, app.body, lambda: app.is_ready, landing=lambda: page, tail=lambda: live_tail(app.own()))


def _about(configuration: Configuration, state: State, host: str, port: int) -> dict[str, str]:
    return {
        "version": exporter.__version__,
        "address": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        "models": ", ".join(configuration.models),
        "state": str(state.folder),
    }


def _address(text: str) -> Address:
    from exporter.server import parse_listen_address

    try:
        return parse_listen_address(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _microseconds() -> int:
    return time.time_ns() // 1000
