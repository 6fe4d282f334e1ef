"""``python -m rules deploy``: lint, and then the target that was chosen."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from rules.deploy import transaction
from rules.deploy.client import PASSING, Client, Patience
from rules.deploy.credentials import Credentials, Source, address
from rules.deploy.failure import DeployError, Exit
from rules.deploy.prometheus import PROMETHEUS, THANOS, Server
from rules.deploy.state import State
from rules.deploy.targets.files import RuleFiles
from rules.deploy.targets.kubernetes import Kubectl, Manifests, manifest, printed
from rules.deploy.targets.ruler import RETRIED, Ruler
from rules.lint.finding import Finding, Level

GENERATED = Path(__file__).parents[1] / "generated"
STATE = ".driftbell-deploy"


def deploy(chosen: argparse.Namespace) -> int:
    return told(lambda: _deploy(chosen))


def told(act: Callable[[], None]) -> int:
    """Act, print why it failed, and return the exit code."""
    try:
        act()
    except DeployError as error:
        sys.stderr.write(f"{error}\n")
        return int(error.code)
    return int(Exit.DONE)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _deploy(chosen: argparse.Namespace) -> None:
    if chosen.target == "kubernetes" and not chosen.apply:
        wanted = _linted(chosen.rules or GENERATED, note)
        sys.stdout.write(
            printed(manifest(name, text, chosen.namespace, labels(chosen.label)) for name, text in wanted.items())
        )
        return
    target = TARGETS[chosen.target](chosen)
    back = chosen.rollback is not None
    wanted = target.state.backup(chosen.rollback) if back else _linted(chosen.rules or GENERATED, say)
    transaction.deploy(target, wanted, say, dry_run=chosen.dry_run)


def note(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _linted(folder: Path, say: Callable[[str], None]) -> dict[str, str]:
    """Read rule files that the lint has nothing against. Raises DeployError."""
    from rules.lint import run
    from rules.lint.exemptions import ExemptionError

    paths = sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")])
    if not paths:
        raise DeployError(Exit.LINT, f"{folder} has no rule files")
    try:
        findings = run.lint(paths)
        texts = {path.name: path.read_text(encoding="utf-8") for path in paths}
    except (OSError, UnicodeDecodeError, ExemptionError) as error:
        raise DeployError(Exit.LINT, f"{error}") from error
    need_clean(findings, len(paths), say)
    return texts


def need_clean(findings: Sequence[Finding], files: int, say: Callable[[str], None]) -> None:
    """Say what a lint has found in so many files. Raises DeployError if there are errors."""
    errors = [each for each in findings if each.level is Level.ERROR]
    if errors:
        said = "\n".join(f"{each.file}:{each.line}: {each.check} {each.rule}: {each.message}" for each in errors)
        raise DeployError(Exit.LINT, f"{said}\nthe lint found {len(errors)} errors: nothing was changed")
    say(f"lint: {files} files, no errors, {sum(each.level is Level.WARNING for each in findings)} warnings")


def client(chosen: argparse.Namespace, url: str, *, passing: frozenset[int] = PASSING, **headers: str) -> Client:
    """Return the connection that the arguments describe. Raises DeployError."""
    credentials = Credentials(
        Source(chosen.token_file, chosen.token_env).secret(),
        chosen.user,
        Source(chosen.password_file, chosen.password_env).secret(),
    )
    if (chosen.client_cert is None) != (chosen.client_key is None):
        raise DeployError(Exit.USAGE, "--client-cert and --client-key belong together")
    for path in (chosen.ca_file, chosen.client_cert, chosen.client_key):
        if path is not None and not Path(path).is_file():
            raise DeployError(Exit.USAGE, f"{path}: there is no such file")
    return Client(
        address(url, credentials, plain_http=chosen.plain_http),
        credentials,
        patience=Patience(chosen.request_timeout, chosen.timeout),
        authority=chosen.ca_file,
        certificate=(chosen.client_cert, chosen.client_key) if chosen.client_cert else None,
        headers=headers,
        passing=passing,
    )


def labels(pairs: list[str]) -> Mapping[str, str]:
    if strange := [pair for pair in pairs if "=" not in pair]:
        raise DeployError(Exit.USAGE, f"--label: {strange[0]} is no NAME=VALUE")
    return dict(pair.split("=", 1) for pair in pairs)


def state_for(chosen: argparse.Namespace, *place: str) -> State:
    """Return what is remembered of a place that is no folder, by default below the current folder."""
    name = "-".join("".join(sign if sign.isalnum() or sign in ".-" else "_" for sign in part) for part in place if part)
    return State((chosen.state or Path.cwd() / STATE / name).absolute())


def _files(chosen: argparse.Namespace) -> RuleFiles:
    folder = chosen.folder.absolute()
    kind = THANOS if chosen.target == "thanos" else PROMETHEUS
    return RuleFiles(
        folder,
        Server(client(chosen, chosen.url), kind, chosen.pid_file),
        State((chosen.state or folder / STATE).absolute()),
        chosen.server_folder.rstrip("/"),
        chosen.wait,
        chosen.keep_alerts,
        chosen.short_retention,
    )


def _ruler(chosen: argparse.Namespace) -> Ruler:
    headers = {"X-Scope-OrgID": chosen.tenant} if chosen.tenant else {}
    return Ruler(
        client(chosen, chosen.url, passing=RETRIED, **headers),
        state_for(chosen, "ruler", urlsplit(chosen.url).netloc, chosen.tenant or ""),
        chosen.ruler_path.rstrip("/"),
        chosen.status_path,
        tuple(chosen.prune),
        chosen.wait,
        chosen.keep_alerts,
    )


def _kubernetes(chosen: argparse.Namespace) -> Manifests:
    return Manifests(
        Kubectl(chosen.kubectl, chosen.context, chosen.timeout),
        state_for(chosen, "kubernetes", chosen.context, chosen.namespace),
        chosen.namespace,
        labels(chosen.label),
        Server(client(chosen, chosen.url)) if chosen.url else None,
        chosen.wait,
        chosen.keep_alerts,
    )


TARGETS: Mapping[str, Callable[[argparse.Namespace], RuleFiles | Ruler | Manifests]] = {
    "files": _files,
    "thanos": _files,
    "ruler": _ruler,
    "kubernetes": _kubernetes,
}
