"""Prometheus and Alertmanager as processes on free loopback ports, ended whatever happens."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from compose.stack import programs
from tests.end_to_end.test_prometheus import is_ready, program
from tests.end_to_end.world import eventually


@contextmanager
def prometheus(
    folder: Path, jobs: Mapping[str, str], rule_files: Sequence[Path], alertmanager: str, interval: str
) -> Iterator[str]:
    """Run a server that scrapes ``jobs`` (addresses by name) and itself, and evaluates rules; yield its address."""
    address = free_address()
    config = folder / "prometheus.yml"
    config.write_text(
        json.dumps(
            {
                "global": {"scrape_interval": interval, "scrape_timeout": interval, "evaluation_interval": interval},
                "rule_files": list(map(str, rule_files)),
                "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]},
                "scrape_configs": [
                    {"job_name": job, "static_configs": [{"targets": [target]}]}
                    for job, target in {**jobs, "alertmanager": alertmanager, "prometheus": address}.items()
                ],
            }
        )
    )
    # Alerts are told of as often as rules are evaluated, as far as time is compressed.
    flags = [f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}", "--rules.alert.resend-delay=1s"]
    with _running([program("prometheus"), *flags, f"--web.listen-address={address}"], address, folder):
        yield address


@contextmanager
def alertmanager(folder: Path, configuration: Mapping[str, Any]) -> Iterator[str]:
    """Run a server without peers; yield its address."""
    address = free_address()
    config = folder / "alertmanager.yml"
    config.write_text(yaml.safe_dump(dict(configuration)))
    flags = [f"--config.file={config}", f"--storage.path={folder / 'notified'}", "--cluster.listen-address="]
    executable, place = programs.alertmanager(Path(program("prometheus-alertmanager")), folder)
    with _running([str(executable), *flags, f"--web.listen-address={address}"], address, folder, place):
        yield address


def free_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return f"127.0.0.1:{probe.getsockname()[1]}"


@contextmanager
def _running(command: Sequence[str], address: str, folder: Path, place: Path | None = None) -> Iterator[None]:
    """Run a server in the folder ``place`` until the end; its output is in ``folder``."""
    log = folder / f"{Path(command[0]).name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=place)
    try:
        eventually(lambda: is_ready(address, process), f"{command[0]}, {log.read_text()}")
        yield
    finally:
        process.terminate()
        process.wait(20)
