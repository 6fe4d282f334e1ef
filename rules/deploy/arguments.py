"""The arguments of ``python -m rules deploy``; what they set going is imported when it is wanted."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_to(actions: Any) -> None:
    """Add the action to those of a command line."""
    deploy = actions.add_parser("deploy", help="make a server run the rules, or leave it as it is (docs/deploy.md)")
    targets = deploy.add_subparsers(dest="target", required=True, metavar="TARGET")
    _files(targets.add_parser("files", help="rule files of a Prometheus"))
    _files(targets.add_parser("thanos", help="rule files of a Thanos ruler"))
    _ruler(targets.add_parser("ruler", help="the ruler of Mimir, Cortex or Grafana Cloud"))
    _kubernetes(targets.add_parser("kubernetes", help="PrometheusRule manifests: printed, or with --apply applied"))


def _files(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--folder", type=Path, required=True, help="where the server reads rule files")
    parser.add_argument("--server-folder", default="", help="the same folder as the server sees it, in a container say")
    parser.add_argument("--pid-file", type=Path, help="reload by SIGHUP to the process in this file, not by HTTP")
    parser.add_argument(
        "--short-retention", action="store_true", help="deploy though the server keeps less than rules look back"
    )
    connection(parser, "http://127.0.0.1:9090")
    usual(parser, wait=90)


def _ruler(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tenant", help="sent as X-Scope-OrgID")
    parser.add_argument("--ruler-path", default="/prometheus/config/v1/rules", help="default: %(default)s, as in Mimir")
    parser.add_argument(
        "--status-path", default="/prometheus/api/v1/rules", help='default: %(default)s; "" if it does not tell'
    )
    parser.add_argument("--prune", action="append", default=[], metavar="NAMESPACE", help="empty it, too; repeatable")
    connection(parser, None)
    usual(parser, wait=120)


def _kubernetes(parser: argparse.ArgumentParser) -> None:
    kubectl(parser)
    connection(parser, "", "the Prometheus that is to load them; without it only what the cluster holds is verified")
    usual(parser, wait=180)


def kubectl(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--apply", action="store_true", help="apply them with kubectl; otherwise they are printed")
    parser.add_argument("--namespace", default="monitoring", help="default: %(default)s")
    parser.add_argument("--label", action="append", default=[], metavar="NAME=VALUE", help="repeatable")
    parser.add_argument("--kubectl", default="kubectl", help="the program (default: %(default)s)")
    parser.add_argument("--context", default="", help="kubectl's context")


def connection(parser: argparse.ArgumentParser, url: str | None, about: str = "the server's address") -> None:
    """Add how a server is reached. Secrets have no argument of their own: everybody on a machine can read arguments."""
    parser.add_argument("--url", required=url is None, default=url, help=about)
    parser.add_argument("--token-file", type=Path, help="a file with a bearer token")
    parser.add_argument("--token-env", metavar="VARIABLE", help="the environment variable with a bearer token")
    parser.add_argument("--user", help="for basic authentication")
    parser.add_argument("--password-file", type=Path)
    parser.add_argument("--password-env", metavar="VARIABLE")
    parser.add_argument("--ca-file", help="the authority of the server's certificate, if the system does not know it")
    parser.add_argument("--client-cert", help="a certificate to show to the server, with --client-key")
    parser.add_argument("--client-key")
    parser.add_argument("--plain-http", action="store_true", help="send credentials without TLS to another machine")
    parser.add_argument(
        "--request-timeout", type=float, default=10, help="seconds for an answer (default: %(default)g)"
    )
    parser.add_argument(
        "--timeout", type=float, default=60, help="seconds for all attempts at it (default: %(default)g)"
    )


def usual(parser: argparse.ArgumentParser, wait: float) -> None:
    parser.add_argument("--rules", type=Path, help="a folder of rule files; default: ours")
    parser.add_argument(
        "--state", type=Path, help="the folder of backups and of what is under way; default: beside the rules"
    )
    parser.add_argument(
        "--wait", type=float, default=wait, help="seconds for every rule to be evaluated (default: %(default)g)"
    )
    parser.add_argument("--keep-alerts", action="store_true", help="refuse if active alerts would lose their state")
    again(parser)
    parser.set_defaults(run=_run)


def again(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="show the plan, and change nothing")
    parser.add_argument(
        "--rollback",
        nargs="?",
        const="",
        metavar="BACKUP",
        help="deploy what was there before the last deployment, or the one named",
    )


def _run(chosen: argparse.Namespace) -> int:
    # Requests and parsing PromQL take their time, which building rules does without.
    from rules.deploy.action import deploy

    return deploy(chosen)
