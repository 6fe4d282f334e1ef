"""Read the logs as they grow and serve /metrics."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import time
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import exporter
from exporter.commands.models import add_config_file, add_reach, add_web_config_file, check_config_file, pipelines_of
from exporter.commands.outcome import FAILED, OK
from exporter.configuration import load
from exporter.service.signals import Signals

if TYPE_CHECKING:
    from exporter.configuration.schema import Configuration
    from exporter.service.app import App
    from exporter.service.reload import Prepare
    from exporter.service.systemd import Systemd
    from exporter.state.database import State
    from exporter.web.server import Server
    from exporter.web.site import Site
    from exporter.web.web_configuration import WebConfiguration

_LOG = logging.getLogger(__name__)

Address = tuple[str, int]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config_file(parser)
    add_reach(parser)
    parser.add_argument(
        "--web.listen-address",
        dest="address",
        type=_address,
        default=":9911",
        metavar="ADDRESS",
        help="host:port, :port or [IPv6]:port (default %(default)s: every interface)",
    )
    add_web_config_file(parser)
    parser.add_argument(
        "--web.enable-lifecycle",
        dest="lifecycle",
        action="store_true",
        help="let POST /-/reload and POST /-/quit do what SIGHUP and SIGTERM do",
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
    from exporter.service.memory import map_large_blocks
    from exporter.service.systemd import Systemd
    from exporter.sources.descriptors import raise_limit

    del stdout
    map_large_blocks()
    raise_limit()
    # What it keeps is as private as the logs that it is made of.
    os.umask(0o077)
    manager = Systemd(os.environ)
    try:
        with Signals() as signals:
            return _run(arguments, signals, manager, stderr)
    except KeyboardInterrupt:
        _LOG.info("stopped before there was work to be saved")
        return OK
    finally:
        manager.stopping()


def _run(arguments: argparse.Namespace, signals: Signals, manager: Systemd, stderr: TextIO) -> int:
    from exporter.service.app import App
    from exporter.state.database import State
    from exporter.state.problem import StateError
    from exporter.web.web_configuration import WebConfiguration

    check_config_file(arguments.config_file)
    configuration = _configuration(arguments.config_file, arguments.storage)
    web = WebConfiguration(arguments.web_config_file)
    try:
        with State(configuration.storage.path) as state, web.watch():
            prepare = _prepare(arguments.config_file, arguments.storage, _cache(state))
            app = App(configuration, state, _microseconds, prepare=prepare, manager=manager)
            manager.status("profiling the references and reading the logs")
            server = _server(app, arguments.address, web, lifecycle=arguments.lifecycle)
            about = _about(configuration, state, arguments.address, web)
            return _serve(app, configuration, state, server, about, signals, stderr)
    except StateError as error:
        print(f"driftbell: {error}", file=stderr)
        return FAILED


def _serve(
    app: App,
    configuration: Configuration,
    state: State,
    server: Server,
    about: dict[str, str],
    signals: Signals,
    stderr: TextIO,
) -> int:
    # The server comes first: it says that we are alive while a large reference is profiled.
    try:
        server.start()
    except OSError as error:
        print(f"driftbell: {error}; choose another with --web.listen-address", file=stderr)
        return FAILED
    try:
        address = about["address"].rpartition(":")[0]
        _LOG.info("started", extra={"fields": about | {"address": f"{address}:{server.port}"}})
        for pipeline in pipelines_of(configuration, _cache(state), state.seed, stderr, finish=False):
            app.add(pipeline)
        signals.work(app.stop, app.request_reload)
        code = _work(app)
        return FAILED if server.has_died else code
    finally:
        server.stop()
        app.close()


def _work(app: App) -> int:
    try:
        saved = app.run()
    except Exception:  # noqa: BLE001 - whatever it is, it is logged and ends the process
        # What was read since the last commit may be half counted: the next start reads it again. To go on, or to
        # serve figures that do not move any more, would be worse than to be restarted.
        _LOG.exception("the worker failed")
        return FAILED
    _LOG.info("stopped", extra={"fields": {"saved": saved}})
    return OK if saved else FAILED


def _configuration(file: Path, storage: Path | None) -> Configuration:
    """Load the configuration, log what it says in vain, and let the flag win. Raises ``ConfigurationError``."""
    loaded = load(file)
    for problem in loaded.warnings:
        place = {"file": f"{problem.file}:{problem.line}", "key": problem.path, "hint": problem.hint}
        _LOG.warning(problem.message, extra={"fields": {key: text for key, text in place.items() if text}})
    if storage is None:
        return loaded.configuration
    stated = loaded.configuration.storage.model_copy(update={"path": storage})
    return loaded.configuration.model_copy(update={"storage": stated})


def _prepare(file: Path, storage: Path | None, cache: Path) -> Prepare:
    from exporter.capture.profiles import profile_of
    from exporter.service.reload import Prepared

    def prepare() -> Prepared:
        configuration = _configuration(file, storage)
        return Prepared(configuration, {name: profile_of(model, cache) for name, model in configuration.models.items()})

    return prepare


def _cache(state: State) -> Path:
    return state.folder / "profiles"


def _server(app: App, address: Address, web: WebConfiguration, *, lifecycle: bool) -> Server:
    from exporter.exposition.text import live_tail
    from exporter.snapshot import snapshot_of
    from exporter.web.lifecycle import Lifecycle
    from exporter.web.refusals import Refusals
    from exporter.web.server import Server

    refusals = Refusals()
    return Server(
        *address,
        app.page,
        lambda: app.is_ready,
        site=_site(app, web),
        tail=lambda: live_tail(snapshot_of([*app.own(), *refusals.samples(), *web.samples()])),
        on_death=app.stop,
        terms=lambda: web.terms,
        control=Lifecycle(app.request_reload, _end) if lifecycle else None,
        refusals=refusals,
    )


def _site(app: App, web: WebConfiguration) -> Site:
    from exporter.web.status.site import Sources, StatusSite

    return StatusSite(
        Sources(exporter.__version__, lambda: app.models, app.page, lambda: chain(app.own(), web.samples()), app.ask)
    )


def _end() -> None:
    """Do what SIGTERM does, whatever the main thread is at."""
    os.kill(os.getpid(), signal.SIGTERM)


def _about(configuration: Configuration, state: State, address: Address, web: WebConfiguration) -> dict[str, str]:
    from exporter.decoders import compiled

    host, port = address
    return {
        "version": exporter.__version__,
        "address": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        "models": ", ".join(configuration.models),
        "state": str(state.folder),
        "json_reader": "compiled" if compiled.is_available() else "python",
        **web.about(),
    }


def _address(text: str) -> Address:
    from exporter.web.address import parse_listen_address

    try:
        return parse_listen_address(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _microseconds() -> int:
    return time.time_ns() // 1000
