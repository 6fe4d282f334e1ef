"""What is started, in this order, and with which arguments."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from compose.addresses import Addresses
from compose.stack import programs
from compose.stack.child import Service
from compose.stack.files import COMPOSE, MOUNTS, ROOT, Files

# What rules look back, and a day; compose.yml says the same.
RETENTION = "31d"
GRAFANA_ENVIRONMENT = {
    "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
    "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
    "GF_ANALYTICS_REPORTING_ENABLED": "false",
    "GF_AUTH_ANONYMOUS_ENABLED": "true",
    "GF_AUTH_ANONYMOUS_ORG_ROLE": "Viewer",
    "GF_AUTH_DISABLE_LOGIN_FORM": "true",
    "GF_NEWS_NEWS_FEED_ENABLED": "false",
    "GF_PLUGINS_PREINSTALL_DISABLED": "true",
    "GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION": "true",
}
HOME_DASHBOARD = "driftbell-overview.json"


def services(files: Files, at: Addresses) -> Iterator[Service]:
    """Yield them. Raises StackError when a program is missing that is needed."""
    yield _python("sink", ["compose.sink", f"--web={at.sink}", f"--mail={at.mail}"], f"http://{at.sink}/-/healthy")
    yield _python("replayer", ["compose.replayer", f"--into={files.logs}"])
    yield _exporter(files, at)
    yield _alertmanager(files, at)
    yield _prometheus(files, at)
    if (grafana := programs.found("grafana", "grafana-server")) is not None:
        yield _grafana(grafana, files, at)


def _python(name: str, arguments: list[str], ready: str = "") -> Service:
    return Service(name, [sys.executable, "-m", *arguments], ready, ROOT)


def _exporter(files: Files, at: Addresses) -> Service:
    flags = [f"--config.file={files.exporter}", f"--storage.path={files.folder / 'state'}"]
    return _python(
        "exporter",
        ["exporter", "serve", *flags, f"--web.listen-address={at.exporter}"],
        f"http://{at.exporter}/-/ready",
    )


def _alertmanager(files: Files, at: Addresses) -> Service:
    program = programs.alertmanager(programs.needed("prometheus-alertmanager", "alertmanager"), files.folder)
    flags = [
        f"--config.file={files.alertmanager}",
        f"--storage.path={files.folder / 'notified'}",
        "--cluster.listen-address=",
        f"--web.listen-address={at.alertmanager}",
    ]
    return Service(
        "alertmanager", [str(program.executable), *flags], f"http://{at.alertmanager}/-/ready", program.place
    )


def _prometheus(files: Files, at: Addresses) -> Service:
    flags = [
        f"--config.file={files.prometheus}",
        f"--storage.tsdb.path={files.folder / 'series'}",
        f"--storage.tsdb.retention.time={RETENTION}",
        f"--web.listen-address={at.prometheus}",
    ]
    return Service("prometheus", [str(programs.needed("prometheus")), *flags], f"http://{at.prometheus}/-/ready")


def _grafana(program: Path, files: Files, at: Addresses) -> Service:
    host, _, port = at.grafana.rpartition(":")
    home = MOUNTS["/etc/driftbell/dashboards"] / HOME_DASHBOARD
    environment = {
        **GRAFANA_ENVIRONMENT,
        "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH": str(home),
        "GF_PATHS_DATA": str(files.folder / "grafana"),
        "GF_PATHS_LOGS": str(files.folder / "grafana-logs"),
        "GF_PATHS_PLUGINS": str(files.folder / "grafana-plugins"),
        "GF_PATHS_PROVISIONING": str(files.provisioning),
        "GF_SERVER_HTTP_ADDR": host,
        "GF_SERVER_HTTP_PORT": port,
    }
    command = [str(program), "server"] if program.name == "grafana" else [str(program)]
    homes = [Path("/usr/share/grafana"), program.resolve().parents[1]]
    where = next((str(each) for each in homes if (each / "public").exists()), "")
    return Service(
        "grafana",
        [*command, *([f"--homepath={where}"] if where else [])],
        f"http://{at.grafana}/api/health",
        COMPOSE,
        environment,
    )
