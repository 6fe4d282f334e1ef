"""``python -m alertmanager deploy``: lint, and then the target that was chosen."""

from __future__ import annotations

import argparse
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import yaml

from alertmanager.deploy.files import ConfigurationFiles
from alertmanager.deploy.manifest import KIND, manifest
from alertmanager.deploy.server import Server
from alertmanager.document import CONFIGURATION, TEMPLATES
from rules.deploy import transaction
from rules.deploy.action import STATE, client, labels, say, state_for, told
from rules.deploy.failure import DeployError, Exit
from rules.deploy.state import State
from rules.deploy.targets.kubernetes import Kubectl, printed
from rules.deploy.targets.objects import Objects

GENERATED = Path(__file__).parents[1] / "generated" / CONFIGURATION
OBJECT = "driftbell"
KNOWN = "only what the cluster holds was verified: the operator's log says what it made of it"


def deploy(chosen: argparse.Namespace) -> int:
    return told(lambda: (_files if chosen.target == "files" else _kubernetes)(chosen))


def _files(chosen: argparse.Namespace) -> None:
    path = chosen.config_file.absolute()
    templates = (chosen.templates_folder or path.parent / "templates").absolute()
    target = ConfigurationFiles(
        path,
        templates,
        Server(client(chosen, chosen.url), chosen.pid_file),
        State((chosen.state or path.parent / STATE).absolute()),
        chosen.server_templates.rstrip("/"),
    )
    wanted = target.state.backup(chosen.rollback) if chosen.rollback is not None else _linted(chosen)
    if CONFIGURATION not in wanted:
        raise DeployError(Exit.USAGE, "before the last deployment there was no configuration to go back to")
    transaction.deploy(target, wanted, say, dry_run=chosen.dry_run)


def _kubernetes(chosen: argparse.Namespace) -> None:
    with redirect_stdout(sys.stdout if chosen.apply else sys.stderr):
        document = yaml.safe_load(_linted(chosen)[CONFIGURATION])
    text = printed([_manifest(chosen, document)])
    if not chosen.apply:
        sys.stdout.write(
            f"# Its secrets are keys of the Secret {chosen.secret}; its templates belong to the Alertmanager.\n"
        )
        sys.stdout.write(text)
        return
    state = state_for(chosen, "alertmanager", chosen.context, chosen.namespace)
    target = Objects(Kubectl(chosen.kubectl, chosen.context), state, chosen.namespace, KIND, known=KNOWN)
    wanted = {OBJECT: text} if chosen.rollback is None else state.backup(chosen.rollback)
    transaction.deploy(target, wanted, say, dry_run=chosen.dry_run)


def _manifest(chosen: argparse.Namespace, document: Any) -> dict[str, Any]:
    try:
        return manifest(document, OBJECT, chosen.namespace, chosen.secret, labels(chosen.label))
    except ValueError as error:
        raise DeployError(Exit.UNSUITABLE, f"{error}") from error


def _linted(chosen: argparse.Namespace) -> dict[str, str]:
    """Read the configuration and its templates, if the lint has nothing against them. Raises DeployError."""
    # Ours are linted with the cases of who hears of what; others have their own receivers.
    from alertmanager.command_line import main

    named = [str(chosen.file)] if chosen.file else []
    folder = ["--templates", str(chosen.templates)] if chosen.templates else []
    code = main(["lint", *named, *folder])
    if code != 0:
        raise DeployError(Exit.LINT, "the lint found errors: nothing was changed")
    try:
        paths = sorted((chosen.templates or TEMPLATES).glob("*.tmpl"))
        texts = {path.name: path.read_text(encoding="utf-8") for path in paths}
        return {CONFIGURATION: (chosen.file or GENERATED).read_text(encoding="utf-8"), **texts}
    except (OSError, UnicodeDecodeError) as error:
        raise DeployError(Exit.LINT, f"{error}") from error
