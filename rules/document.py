"""Rules as the YAML that Prometheus reads: the same bytes for the same rules, fields in the order of Prometheus' own pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import yaml

from rules.bundle import Bundle
from rules.groups.model import CHANGE, OWNER
from rules.panels import PANELS
from rules.promql import MODEL, pretty
from rules.rule import Alert, Group, Record
from rules.seal import sealed
from rules.settings import DEFAULT, Settings
from rules.templates import NUMBER


def documents(rules: Bundle, settings: Settings = DEFAULT) -> dict[str, str]:
    """Return the text of each file, by its name."""
    return {f"{name}.yml": sealed(text(groups, settings)) for name, groups in rules.items()}


def text(groups: Sequence[Group], settings: Settings) -> str:
    return yaml.dump(
        {"groups": [_group(group, settings) for group in groups]},
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=1_000,
    )


def _group(group: Group, settings: Settings) -> dict[str, Any]:
    rules = [_alert(rule, settings) if isinstance(rule, Alert) else _record(rule) for rule in group.rules]
    return {"name": group.name, **({"interval": f"{group.interval}s"} if group.interval else {}), "rules": rules}


def _record(record: Record) -> dict[str, Any]:
    labels = {"labels": dict(record.labels)} if record.labels else {}
    return {"record": record.name, "expr": pretty(record.expression), **labels}


def _alert(alert: Alert, settings: Settings) -> dict[str, Any]:
    return {
        "alert": alert.name,
        "expr": pretty(with_owner(alert)),
        **({"for": alert.after} if alert.after not in ("", "0m") else {}),
        **({"keep_firing_for": alert.hold} if alert.hold else {}),
        "labels": labels_of(alert),
        "annotations": annotations_of(alert, settings),
    }


def with_owner(alert: Alert) -> str:
    """Return an alert's expression; of a model's with the label ``owner``, by which it can be routed."""
    if not alert.of_model:
        return alert.expression
    return f"({alert.expression}) * on ({', '.join(MODEL)}) group_left (owner) {OWNER}"


def labels_of(alert: Alert) -> dict[str, str]:
    nature = "symptom" if alert.symptom else "cause"
    return {"severity": alert.severity, "category": alert.category, "alert_type": nature, **alert.labels}


def annotations_of(alert: Alert, settings: Settings) -> dict[str, str]:
    changes = {"changes": _CHANGES} if alert.of_model and alert.severity in ("critical", "emergency") else {}
    return {
        "summary": alert.summary,
        "description": alert.description,
        "value": NUMBER,
        **({"threshold": alert.threshold} if alert.threshold else {}),
        **changes,
        "runbook_url": f"{settings.runbooks}/{alert.name}.md",
        "dashboard_url": dashboard_url(alert, settings),
    }


def dashboard_url(alert: Alert, settings: Settings) -> str:
    """Return the address of the panel that shows what the alert is about."""
    panel = PANELS[alert.name]
    names = ("job", *alert.variables) if alert.variables else ()
    variables = [f"var-{quote(name)}={{{{ $labels.{name} | urlquery }}}}" for name in names]
    return f"{settings.dashboards}/d/{panel.dashboard}?{'&'.join([*variables, f'viewPanel={panel.number}'])}"


_CHANGES = (
    f'{{{{ range query (printf "{CHANGE}{{job=%q,model_name=%q}}" $labels.job $labels.model_name) }}}}'
    "{{ .Labels.change }}; {{ else }}nothing that is known {{ end }}within a day"
)


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as blocks, and no references from one place to another."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML calls it
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)
