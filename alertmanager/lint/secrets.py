"""Secrets and the ways they go: files only, and no plain HTTP to other machines."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from alertmanager.lint.check import Said, check
from alertmanager.lint.material import Material, texts
from alertmanager.simulation.tree import Place
from rules.lint.finding import Level

_SECRET = re.compile(
    r"(.*_)?(password|secret|token|credentials|api_key|service_key|routing_key|app_token|bot_token)|bearer_token|slack_api_url"
)
# Addresses that are secrets themselves.
_SECRET_HOSTS = ("hooks.slack.com", "discord.com", "discordapp.com", "webhook.office.com", "chat.googleapis.com")
_LONG_WORD = re.compile(r"[A-Za-z0-9_-]{24,}")
_HARMLESS = frozenset({"smtp_auth_identity"})


@check(
    "M14",
    Level.ERROR,
    "a secret in the configuration, or a file of one that everybody may read",
    why="The configuration is committed, shown on the status page and in every diff.",
    mend="The field with _file, an absolute path, mode 0600 for Alertmanager's user. 0.25 has no url_file for webhooks: a local"
    " relay, and credentials_file.",
)
def secrets_are_files(material: Material) -> Iterator[Said]:
    for place, text in texts(material.document, ()):
        key = next((str(part) for part in reversed(place) if isinstance(part, str)), "")
        if _SECRET.fullmatch(key) and key not in _HARMLESS and text:
            yield Said(f"{key} stands in the configuration: use {key}_file", place)
        elif key.endswith("_file") and text:
            yield from _file(key, text, place)
        elif _is_address(key) and (why := _tells(text)):
            yield Said(f"{key} {why}", place)
    for place, kind, one in material.integrations():
        if kind == "slack" and one.get("api_url"):
            yield Said("api_url of Slack is a secret: use api_url_file", (*place, "api_url"))


def _is_address(key: str) -> bool:
    return key == "url" or key.endswith("_url")


def _tells(text: str) -> str:
    if "{{" in text:
        return ""
    parts = urlsplit(text)
    if parts.username or parts.password:
        return "has a password in it"
    if any((parts.hostname or "").endswith(host) for host in _SECRET_HOSTS):
        return "is a secret itself"
    if parts.query or any(_LONG_WORD.fullmatch(part) for part in parts.path.split("/")):
        return "looks as if it had a token in it"
    return ""


def _file(key: str, text: str, place: Place) -> Iterator[Said]:
    path = Path(text)
    if not path.is_absolute():
        yield Said(f"{key}: {text} depends on where the configuration lies: an absolute path", place)
        return
    try:
        mode = path.stat().st_mode
    except OSError:
        return  # Not on this machine; deploying looks there.
    if mode & stat.S_IROTH:
        yield Said(f"{key}: {text} can be read by everybody", place)


@check(
    "M21",
    Level.WARNING,
    "plain HTTP to another machine, or mail without TLS",
    why="Alerts name models, customers' segments and machines; credentials go along.",
    mend="https, require_tls; or a relay on the same machine.",
)
def nothing_goes_in_the_clear(material: Material) -> Iterator[Said]:
    for place, text in texts(material.document, ()):
        key = next((str(part) for part in reversed(place) if isinstance(part, str)), "")
        parts = urlsplit(text) if _is_address(key) and "{{" not in text else None
        if parts is not None and parts.scheme == "http" and not _is_local(parts.hostname or ""):
            yield Said(f"{key}: {text}", place)
    host = str((material.document.get("global") or {}).get("smtp_smarthost") or "").rpartition(":")[0]
    if (material.document.get("global") or {}).get("smtp_require_tls") is False and not _is_local(host):
        yield Said("smtp_require_tls is false", ("global", "smtp_require_tls"))
    for place, kind, one in material.integrations():
        if (
            kind == "email"
            and one.get("require_tls") is False
            and not _is_local(str(one.get("smarthost") or host).rpartition(":")[0])
        ):
            yield Said("require_tls is false", (*place, "require_tls"))


@check(
    "M31",
    Level.WARNING,
    "a webhook without credentials",
    why="Whoever reaches the address can restart services, or have models trained, or keep a dead watch alive.",
    mend="http_config: {authorization: {credentials_file: ...}}.",
)
def webhooks_have_credentials(material: Material) -> Iterator[Said]:
    for place, kind, one in material.integrations():
        http = one.get("http_config") or {}
        if kind == "webhook" and not any(
            http.get(key) for key in ("authorization", "basic_auth", "oauth2", "tls_config")
        ):
            yield Said(f"{one.get('url') or one.get('url_file')} is called without credentials", place)


def _is_local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
