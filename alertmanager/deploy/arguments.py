"""The arguments of ``python -m alertmanager deploy``; what they set going is imported when it is wanted."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rules.deploy.arguments import again, connection, kubectl


def add_to(actions: Any) -> None:
    """Add the action to those of a command line."""
    deploy = actions.add_parser(
        "deploy", help="make a server run the configuration, or leave it as it is (docs/deploy.md)"
    )
    targets = deploy.add_subparsers(dest="target", required=True, metavar="TARGET")
    _files(targets.add_parser("files", help="the configuration file and the templates of an Alertmanager"))
    manifests = targets.add_parser("kubernetes", help="an AlertmanagerConfig: printed, or with --apply applied")
    kubectl(manifests)
    manifests.add_argument("--secret", default="driftbell-alertmanager", help="the Secret with what is read from files")
    _usual(manifests)


def _files(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config-file", type=Path, required=True, help="the server's --config.file")
    parser.add_argument(
        "--templates-folder", type=Path, help="where it reads templates; default: templates beside the file"
    )
    parser.add_argument(
        "--server-templates", default="", help="the same folder as the server sees it, in a container say"
    )
    parser.add_argument("--pid-file", type=Path, help="reload by SIGHUP to the process in this file, not by HTTP")
    connection(parser, "http://127.0.0.1:9093")
    _usual(parser)


def _usual(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--file", type=Path, help="a configuration; default: ours")
    parser.add_argument("--templates", type=Path, help="the folder of its templates (*.tmpl); default: ours")
    parser.add_argument(
        "--state", type=Path, help="the folder of backups and of what is under way; default: beside the file"
    )
    again(parser)
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> int:
    from alertmanager.deploy.action import deploy

    return deploy(chosen)
