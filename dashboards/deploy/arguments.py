"""The arguments of ``python -m dashboards deploy``; what they set going is imported when it is wanted."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from dashboards.provision import FOLDER_TITLE, FOLDER_UID
from rules.deploy.arguments import again, connection, kubectl


def add_to(actions: Any) -> None:
    """Add the action to those of a command line."""
    deploy = actions.add_parser(
        "deploy", help="make a Grafana show the dashboards, or leave it as it is (docs/deploy.md)"
    )
    targets = deploy.add_subparsers(dest="target", required=True, metavar="TARGET")
    _grafana(targets.add_parser("grafana", help="a running Grafana, through its HTTP API"))
    _files(targets.add_parser("files", help="files that a Grafana provisions dashboards from"))
    _kubernetes(targets.add_parser("kubernetes", help="ConfigMaps: printed, or with --apply applied"))


def _grafana(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--api", choices=("legacy", "apis"), default="", help="default: what the server's version is for"
    )
    parser.add_argument(
        "--namespace",
        default="default",
        help="default: %(default)s; org-2 for the second organisation, stacks-ID in a cloud",
    )
    parser.add_argument("--force", action="store_true", help="overwrite dashboards that somebody changed by hand")
    parser.add_argument("--prune", action="store_true", help="remove ours that are not in the bundle any more")
    connection(parser, "http://127.0.0.1:3000")
    _usual(parser, "the current folder")


def _files(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--folder", type=Path, required=True, help="where Grafana reads dashboards, and nobody else writes"
    )
    parser.add_argument("--server-folder", default="", help="the same folder as Grafana sees it, in a container say")
    parser.add_argument(
        "--provider",
        type=Path,
        help="write this, too: a file in Grafana's provisioning/dashboards that names the folder",
    )
    parser.add_argument(
        "--wait", type=float, default=90, help="seconds for Grafana to show them (default: %(default)g)"
    )
    parser.add_argument("--api", choices=("legacy", "apis"), default="", help=argparse.SUPPRESS)
    parser.add_argument("--namespace", default="default", help=argparse.SUPPRESS)
    connection(parser, "", "the Grafana that is to show them; without it only what is written is verified")
    _usual(parser, "beside the folder of dashboards")


def _kubernetes(parser: argparse.ArgumentParser) -> None:
    kubectl(parser)
    _usual(parser, "the current folder")


def _usual(parser: argparse.ArgumentParser, beside: str) -> None:
    parser.add_argument("--dashboards", type=Path, help="a folder of dashboards (*.json); default: ours")
    parser.add_argument("--folder-uid", default=FOLDER_UID, help="Grafana's folder (default: %(default)s)")
    parser.add_argument("--folder-title", default=FOLDER_TITLE, help="its title if it is made (default: %(default)s)")
    parser.add_argument(
        "--state",
        type=Path,
        help=f"the folder of backups and of what is under way; default: .driftbell-deploy, {beside}",
    )
    again(parser)
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> int:
    # Requests take their time, which building dashboards does without.
    from dashboards.deploy.action import deploy

    return deploy(chosen)
