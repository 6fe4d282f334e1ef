"""``python -m dashboards deploy``: lint, and then the target that was chosen."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from dashboards.deploy import discovery
from dashboards.deploy.documents import document_of, texts_in
from dashboards.deploy.entry import FOLDER, Entry, name_of
from dashboards.deploy.refusal import RETRIED
from dashboards.deploy.seal import sealed
from dashboards.deploy.server import Api
from dashboards.deploy.targets.files import PROVIDER, ProvisionedFiles
from dashboards.deploy.targets.grafana import Grafana
from dashboards.deploy.targets.kubernetes import FLAGS, KIND, KNOWN, manifest
from dashboards.provision import provider
from rules.deploy import transaction
from rules.deploy.action import STATE, client, labels, need_clean, note, say, state_for, told
from rules.deploy.failure import DeployError, Exit
from rules.deploy.state import State
from rules.deploy.targets.kubernetes import Kubectl, printed
from rules.deploy.targets.objects import Objects
from rules.deploy.transaction import Say

GENERATED = Path(__file__).parents[1] / "generated"
_UID = re.compile(r"[A-Za-z0-9_-]{1,40}")


def deploy(chosen: argparse.Namespace) -> int:
    return told(lambda: TARGETS[chosen.target](chosen))


def _grafana(chosen: argparse.Namespace) -> None:
    if not _UID.fullmatch(chosen.folder_uid):
        raise DeployError(Exit.USAGE, f"--folder-uid: {chosen.folder_uid} has more than letters, digits, - and _")
    api = _api(chosen)
    say(f"Grafana's {api.name}")
    state = state_for(chosen, "grafana", urlsplit(chosen.url).netloc, chosen.namespace, chosen.folder_uid)
    back = chosen.rollback is not None
    # What a deployment brought goes when it is taken back.
    prune = chosen.prune or back
    target = Grafana(api, state, chosen.folder_uid, diff=chosen.dry_run, force=chosen.force, prune=prune)
    wanted = (
        state.backup(chosen.rollback) if back else entries(_linted(chosen, say), chosen.folder_uid, chosen.folder_title)
    )
    transaction.deploy(target, wanted, say, dry_run=chosen.dry_run)


def entries(texts: Mapping[str, str], folder: str, title: str) -> dict[str, str]:
    """Return what is to be there: the folder, and each dashboard with its seal."""
    documents = [document_of(name, text) for name, text in texts.items()]
    return {
        FOLDER: json.dumps({"uid": folder, "title": title}) + "\n",
        **{name_of(each["uid"]): Entry(folder, sealed(each)).text for each in documents},
    }


def _api(chosen: argparse.Namespace) -> Api:
    organisation = re.fullmatch(r"org-(\d+)", chosen.namespace)
    headers = {"X-Grafana-Org-Id": organisation[1]} if organisation else {}
    connection = client(chosen, chosen.url, passing=RETRIED, **headers)
    return discovery.chosen(connection, chosen.api, chosen.namespace)


def _files(chosen: argparse.Namespace) -> None:
    folder = chosen.folder.absolute()
    state = State((chosen.state or folder.parent / STATE).absolute())
    place = chosen.provider.absolute() if chosen.provider else None
    target = ProvisionedFiles(folder, state, place, _api(chosen) if chosen.url else None, chosen.wait)
    if chosen.rollback is not None:
        wanted = state.backup(chosen.rollback)
    else:
        seen = chosen.server_folder.rstrip("/") or str(folder)
        own = {PROVIDER: provider(seen, chosen.folder_uid, chosen.folder_title)} if place else {}
        wanted = {**_linted(chosen, say), **own}
    transaction.deploy(target, wanted, say, dry_run=chosen.dry_run)


def _kubernetes(chosen: argparse.Namespace) -> None:
    texts = _linted(chosen, say if chosen.apply else note)
    made = [manifest(*each, chosen.namespace, labels(chosen.label), chosen.folder_title) for each in texts.items()]
    if not chosen.apply:
        sys.stdout.write(printed(made))
        return
    state = state_for(chosen, "dashboards", chosen.context, chosen.namespace)
    target = Objects(Kubectl(chosen.kubectl, chosen.context), state, chosen.namespace, KIND, FLAGS, KNOWN)
    back = chosen.rollback is not None
    wanted = state.backup(chosen.rollback) if back else {each["metadata"]["name"]: printed([each]) for each in made}
    transaction.deploy(target, wanted, say, dry_run=chosen.dry_run)


def _linted(chosen: argparse.Namespace, say: Say) -> dict[str, str]:
    """Read dashboards that the lint has nothing against. Raises DeployError."""
    from dashboards.lint import run
    from rules.lint import exemptions

    texts = texts_in(chosen.dashboards or GENERATED)
    paths = [chosen.dashboards / name for name in texts] if chosen.dashboards else None
    try:
        findings = run.findings(run.material(paths), exemptions.read(run.EXEMPTIONS))
    except (OSError, UnicodeDecodeError, exemptions.ExemptionError) as error:
        raise DeployError(Exit.LINT, f"{error}") from error
    need_clean(findings, len(texts), say)
    return texts


TARGETS: Mapping[str, Callable[[argparse.Namespace], None]] = {
    "grafana": _grafana,
    "files": _files,
    "kubernetes": _kubernetes,
}
