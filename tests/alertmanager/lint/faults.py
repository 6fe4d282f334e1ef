"""For each check changes to our configuration, each of which it finds; and which other checks find it as well."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

Change = Callable[[dict[str, Any]], object]


@dataclass(frozen=True)
class Fault:
    """``also`` are other checks that find it."""

    code: str
    changes: tuple[Change, ...]
    also: frozenset[str]


def fault(code: str, *changes: Change, also: Iterable[str] = ()) -> Fault:
    return Fault(code, changes, frozenset(also))


def receiver(document: dict[str, Any], name: str) -> Any:
    return next(each for each in document["receivers"] if each["name"] == name)


def one(document: dict[str, Any], name: str, kind: str) -> Any:
    return receiver(document, name)[f"{kind}_configs"][0]


def routes(document: dict[str, Any]) -> Any:
    return document["route"]["routes"]


def severity(document: dict[str, Any], name: str) -> Any:
    return next(each for each in routes(document) if each["matchers"] == [f'severity="{name}"'])


def inhibition(document: dict[str, Any], source: str) -> Any:
    return next(each for each in document["inhibit_rules"] if source in each["source_matchers"][0])


def inhibit(document: dict[str, Any], source: str, target: str, *equal: str) -> None:
    document["inhibit_rules"].append({"source_matchers": [source], "target_matchers": [target], "equal": list(equal)})


def put(part: dict[str, Any], **values: Any) -> None:
    part.update(values)


def nest(route: dict[str, Any], depth: int) -> None:
    for _ in range(depth):
        route["routes"] = [{"matchers": ['severity="warning"']}]
        route = route["routes"][0]


def interval(document: dict[str, Any], **parts: Any) -> None:
    document["time_intervals"][0]["time_intervals"] = [parts]


HOURS = {"active_time_intervals": ["business-hours"]}
MODEL = ("job", "model_name")

FAULTS: list[Fault] = [
    # Fields and kinds of receivers that 0.25 does not know.
    fault("M01", lambda d: put(d, tracing={})),
    fault("M01", lambda d: put(d["global"], smtp_tls_config={})),
    fault("M01", lambda d: put(severity(d, "warning"), group_waits="30s")),
    fault("M01", lambda d: put(inhibition(d, "MLOutage"), name="outage")),
    fault(
        "M01",
        lambda d: put(one(d, "retraining", "webhook"), http_configs=one(d, "retraining", "webhook").pop("http_config")),
        also={"M31"},
    ),
    fault("M01", lambda d: put(one(d, "retraining", "webhook"), url_file="/x"), also={"M02"}),
    fault("M01", lambda d: put(one(d, "retraining", "webhook"), timeout="5s")),
    fault("M01", lambda d: put(receiver(d, "warning"), msteams_configs=[{"webhook_url": "https://x.example.com"}])),
    fault("M01", lambda d: put(one(d, "digest", "email"), subject="x")),
    fault("M01", lambda d: put(one(d, "heartbeat", "webhook")["http_config"]["authorization"], credential="x")),
    fault("M01", lambda d: put(one(d, "heartbeat", "webhook")["http_config"], http_headers={})),
    fault("M01", lambda d: put(d["time_intervals"][0]["time_intervals"][0], day=["monday"])),
    fault("M01", lambda d: put(d["time_intervals"][0]["time_intervals"][0]["times"][0], end="19:00")),
    # What Alertmanager refuses.
    fault("M02", lambda d: d.pop("route")),
    fault("M02", lambda d: d["route"].pop("receiver")),
    fault("M02", lambda d: put(d["route"], matchers=['severity="info"'])),
    fault("M02", lambda d: put(d["route"], routes={"receiver": "warning"})),
    fault("M02", lambda d: put(d, receivers={"name": "x"})),
    fault("M02", lambda d: put(severity(d, "critical"), receiver="crit")),
    fault("M02", lambda d: put(severity(d, "info"), active_time_intervals=["office"])),
    fault("M02", lambda d: put(severity(d, "info"), mute_time_intervals=["office"])),
    fault("M02", lambda d: d["receivers"].append(receiver(d, "warning"))),
    fault("M02", lambda d: d["time_intervals"].append(d["time_intervals"][0])),
    fault("M02", lambda d: put(receiver(d, "digest"), name="")),
    fault("M02", lambda d: put(severity(d, "critical"), matchers=["severity"])),
    fault("M02", lambda d: put(severity(d, "critical"), matchers=['severity=~"("'])),
    fault("M02", lambda d: put(severity(d, "critical"), match_re={"severity": "("})),
    fault("M02", lambda d: put(inhibition(d, "MLOutage"), target_matchers="MLX")),
    fault("M02", lambda d: put(severity(d, "critical"), group_wait="soon")),
    fault("M02", lambda d: put(severity(d, "critical"), group_interval="0s")),
    fault("M02", lambda d: put(severity(d, "critical"), group_by=["job", "job"])),
    fault("M02", lambda d: put(severity(d, "critical"), group_by=["...", "job"])),
    fault("M02", lambda d: put(severity(d, "critical"), group_by=["model-name"])),
    fault("M02", lambda d: put(severity(d, "critical"), **{"continue": "maybe"})),
    fault("M02", lambda d: interval(d, weekdays=["mon"])),
    fault("M02", lambda d: interval(d, times=[{"start_time": "18:00", "end_time": "08:00"}])),
    fault("M02", lambda d: interval(d, location="Mars/Olympus")),
    fault("M02", lambda d: one(d, "digest", "email").pop("to")),
    fault("M02", lambda d: d["global"].pop("smtp_smarthost")),
    fault("M02", lambda d: one(d, "critical", "pagerduty").pop("routing_key_file")),
    fault("M02", lambda d: one(d, "critical", "slack").pop("api_url_file")),
    fault("M02", lambda d: one(d, "retraining", "webhook").pop("url")),
    fault("M02", lambda d: put(one(d, "critical", "pagerduty"), routing_key="0")),
    # Receivers that do nothing.
    fault("M03", lambda d: receiver(d, "digest").pop("email_configs"), also={"M05", "M25"}),
    fault("M03", lambda d: d["receivers"].append({"name": "nobody"}), also={"M18"}),
    # Routes that nothing reaches.
    fault(
        "M04",
        lambda d: routes(d).insert(1, {"matchers": ['severity=~"emergency|critical"'], "receiver": "critical"}),
        also={"M25"},
    ),
    fault("M04", lambda d: routes(d).insert(0, {"receiver": "warning"}), also={"M19", "M20", "M25", "M28"}),
    fault("M04", lambda d: severity(d, "info").pop("matchers")),
    fault("M04", lambda d: put(severity(d, "info"), routes=[{"matchers": ['severity="warning"']}])),
    fault(
        "M04",
        lambda d: routes(d).insert(
            1,
            {
                "matchers": [
                    'category=~"quality|traffic|slo|pipeline|resources|model|drift|data"',
                    'severity="critical"',
                ],
                "receiver": "warning",
            },
        ),
        also={"M19", "M25"},
    ),
    # Alerts that nobody hears of.
    fault("M05", lambda d: put(severity(d, "info"), mute_time_intervals=["business-hours"]), also={"M11"}),
    fault("M05", lambda d: routes(d).remove(severity(d, "warning")), also={"M18"}),
    fault("M05", lambda d: put(severity(d, "warning"), matchers=['severity="warn"']), also={"M06"}),
    # Names that the rules do not know.
    fault("M06", lambda d: routes(d).append({"matchers": ['alertname="MLGone"'], "receiver": "warning"})),
    fault("M06", lambda d: routes(d).append({"matchers": ['team="a"'], "receiver": "warning"})),
    fault("M06", lambda d: routes(d).append({"matchers": ['category=~"x.*"'], "receiver": "warning"})),
    fault("M06", lambda d: put(inhibition(d, "MLOutage"), source_matchers=['alertname="MLOutrage"']), also={"M29"}),
    fault(
        "M06",
        lambda d: put(
            inhibition(d, "MLIngestStalled"), target_matchers=['category=~"traffic|driff"', 'severity!="emergency"']
        ),
    ),
    fault("M06", lambda d: put(d["route"], group_by=["job", "model", "severity"]), also={"M13"}),
    fault(
        "M06",
        lambda d: put(inhibition(d, "MLSchemaViolation"), source_matchers=['alertname=~"MLMissing|MLSchemaViolation"']),
    ),
    fault(
        "M06",
        lambda d: put(inhibition(d, "MLSchemaViolation"), source_matchers=['alertname=~"ML.*X|MLSchemaViolation"']),
    ),
    # Inhibitions across things.
    fault(
        "M07",
        lambda d: inhibition(d, "MLOutage").pop("equal"),
        lambda d: put(inhibition(d, "MLOutage"), target_matchers=['severity=~"critical|emergency"']),
        also={"M08"},
    ),
    fault("M07", lambda d: inhibition(d, "MLOutage").pop("equal")),
    fault("M07", lambda d: put(inhibition(d, "MLOutage"), equal=["job"])),
    fault("M07", lambda d: put(inhibition(d, "MLOutage"), equal=["job", "model"])),
    fault(
        "M07",
        lambda d: put(
            inhibition(d, "MLOutage"),
            equal=["job", "model_name", "slo"],
            target_matchers=['alertname="MLErrorBudgetBurn"'],
        ),
        also={"M29"},
    ),
    fault("M07", lambda d: put(inhibition(d, "MLExporterDown"), equal=["job", "model_name"]), also={"M29"}),
    fault("M07", lambda d: put(inhibition(d, "MLSchemaViolation"), equal=["job", "model_name"])),
    fault("M07", lambda d: inhibition(d, 'severity="critical"')["equal"].remove("feature_name")),
    fault("M07", lambda d: inhibition(d, 'severity="critical"')["equal"].remove("job")),
    fault("M07", lambda d: inhibition(d, 'severity="warning"')["equal"].append("instance")),
    fault("M07", lambda d: inhibition(d, 'severity="emergency"').pop("target_matchers")),
    # What must not be muted.
    fault("M08", lambda d: put(inhibition(d, "MLIngestStalled"), target_matchers=['category="quality"'])),
    fault("M08", lambda d: inhibit(d, 'alertname="MLExporterAbsent"', 'alertname="MLExporterDown"', "job")),
    fault(
        "M08",
        lambda d: inhibit(d, 'alertname="MLExporterAbsent"', 'alertname="MLWatchdog"', "owner"),
        also={"M07"},
    ),
    fault("M09", lambda d: inhibit(d, 'alertname="MLHighErrorRate"', 'alertname="MLOutage"', *MODEL), also={"M08"}),
    fault("M09", lambda d: inhibit(d, 'alertname="MLNoTraffic"', 'alertname="MLIngestStalled"', *MODEL)),
    fault("M23", lambda d: inhibit(d, 'alertname="MLModelStale"', 'alertname="MLNoTraffic"', *MODEL)),
    fault(
        "M23",
        lambda d: put(
            inhibition(d, "MLSchemaViolation"),
            target_matchers=['alertname=~"MLDataDriftDetected|MLConceptDriftDetected"'],
            equal=[*MODEL],
        ),
        also={"M07"},
    ),
    fault(
        "M24",
        lambda d: inhibit(d, 'alertname="MLMissingValues"', 'alertname="MLLowModelAccuracy"', *MODEL),
        also={"M08", "M23"},
    ),
    fault(
        "M24",
        lambda d: inhibit(d, 'alertname="MLMissingValues"', 'category="slo"', *MODEL),
        lambda d: d["inhibit_rules"][-1].update(source_matchers=['alertname="MLMissingValues"', 'severity="critical"']),
    ),
    fault(
        "M29",
        lambda d: inhibit(d, 'alertname="MLMissingValues"', 'alertname="MLOutOfRangeValues"', *MODEL, "feature_name"),
        lambda d: put(d["inhibit_rules"][-1], target_matchers=['alertname="MLOutOfRangeValues"', 'severity="info"']),
    ),
    fault("M32", lambda d: d["inhibit_rules"].remove(inhibition(d, 'severity="warning"'))),
    # Hours.
    fault("M10", lambda d: put(severity(d, "emergency"), **HOURS)),
    fault("M10", lambda d: put(severity(d, "emergency")["routes"][0], mute_time_intervals=["business-hours"])),
    fault("M10", lambda d: put(routes(d)[0], mute_time_intervals=["business-hours"])),
    fault("M10", lambda d: put(severity(d, "critical"), **HOURS)),
    fault(
        "M11",
        lambda d: put(severity(d, "info"), active_time_intervals=["gone"]),
        lambda d: d["time_intervals"].append({"name": "gone", "time_intervals": [{"years": ["2020"]}]}),
        lambda d: d["time_intervals"].pop(0),
        also={"M05"},
    ),
    fault(
        "M11",
        lambda d: put(severity(d, "warning"), mute_time_intervals=["gone"]),
        lambda d: d["time_intervals"].append({"name": "gone", "time_intervals": [{"years": ["2020"]}]}),
    ),
    fault("M28", lambda d: severity(d, "info").pop("active_time_intervals"), also={"M18"}),
    # Times and groups.
    fault("M12", lambda d: put(severity(d, "warning"), group_wait="10m")),
    fault("M12", lambda d: put(severity(d, "warning"), repeat_interval="1m")),
    fault("M12", lambda d: put(severity(d, "warning"), repeat_interval="7m")),
    fault("M12", lambda d: put(severity(d, "warning"), repeat_interval="10d")),
    fault("M12", lambda d: put(severity(d, "critical"), group_wait="2m")),
    fault("M12", lambda d: put(severity(d, "emergency"), group_interval="1h")),
    fault("M13", lambda d: put(severity(d, "critical"), group_by=["job", "severity"])),
    fault("M13", lambda d: put(severity(d, "critical"), group_by=["model_name", "severity"])),
    fault("M13", lambda d: put(severity(d, "critical"), group_by=[*MODEL, "severity", "feature_name"])),
    fault("M13", lambda d: put(severity(d, "critical"), group_by=["..."])),
    fault(
        "M13",
        lambda d: put(severity(d, "critical"), matchers=['severity=~"critical|warning"'], group_by=[*MODEL]),
        lambda d: routes(d).remove(severity(d, "warning")),
        also={"M18", "M25"},
    ),
    fault("M12", lambda d: put(severity(d, "critical"), repeat_interval="1d")),
    # Secrets.
    fault(
        "M14",
        lambda d: d["global"].update({"smtp_auth_password": "x"}),
        lambda d: d["global"].pop("smtp_auth_password_file"),
    ),
    fault(
        "M14",
        lambda d: put(one(d, "critical", "pagerduty"), routing_key="x"),
        lambda d: one(d, "critical", "pagerduty").pop("routing_key_file"),
    ),
    fault(
        "M14",
        lambda d: put(one(d, "critical", "slack"), api_url="https://chat.example.com/x"),
        lambda d: one(d, "critical", "slack").pop("api_url_file"),
    ),
    fault("M14", lambda d: put(one(d, "heartbeat", "webhook")["http_config"], authorization={"credentials": "x"})),
    fault(
        "M14",
        lambda d: put(one(d, "heartbeat", "webhook")["http_config"], basic_auth={"username": "a", "password": "x"}),
    ),
    fault("M14", lambda d: put(one(d, "heartbeat", "webhook"), url="https://user:pass@beat.example.com")),
    fault("M14", lambda d: put(one(d, "heartbeat", "webhook"), url="https://beat.example.com/ping?key=1")),
    fault("M14", lambda d: put(one(d, "heartbeat", "webhook"), url="https://hooks.slack.com/services/x")),
    fault("M14", lambda d: put(one(d, "heartbeat", "webhook"), url=f"https://beat.example.com/{'0a' * 16}")),
    fault("M14", lambda d: put(one(d, "critical", "slack"), api_url_file="secrets/slack")),
    fault("M14", lambda d: put(one(d, "critical", "slack"), api_url_file="/etc/passwd")),
    fault("M21", lambda d: put(one(d, "heartbeat", "webhook"), url="http://beat.example.com")),
    fault("M21", lambda d: put(d["global"], smtp_require_tls=False)),
    fault("M21", lambda d: put(one(d, "digest", "email"), require_tls=False)),
    fault("M31", lambda d: one(d, "retraining", "webhook").pop("http_config")),
    # Messages.
    fault("M15", lambda d: put(one(d, "critical", "slack"), text='{{ template "driftbell.txt" . }}'), also={"M30"}),
    fault("M15", lambda d: put(one(d, "critical", "slack"), text="{{ range .Alerts }}"), also={"M30"}),
    fault("M15", lambda d: put(one(d, "critical", "slack"), footer="{{ .Alert.Status }}")),
    fault("M15", lambda d: put(one(d, "critical", "slack"), footer="{{ .CommonLabels.team }}")),
    fault("M15", lambda d: put(one(d, "critical", "slack"), footer="{{ .CommonAnnotations.runbook }}")),
    fault("M15", lambda d: put(one(d, "critical", "slack"), footer="{{ .Status | trimSpace }}")),
    fault("M15", lambda d: put(d, templates=["/etc/alertmanager/*.gotmpl"])),
    fault("M16", lambda d: put(one(d, "critical", "slack"), title="")),
    fault("M30", lambda d: one(d, "critical", "slack").pop("title")),
    fault(
        "M30",
        lambda d: put(one(d, "critical", "slack"), text="{{ range .Alerts }}{{ .Annotations.description }}{{ end }}"),
    ),
    fault("M30", lambda d: one(d, "digest", "email").pop("html")),
    fault("M30", lambda d: one(d, "critical", "pagerduty").pop("details")),
    fault("M30", lambda d: put(one(d, "digest", "email"), html='{{ template "email.default.html" . }}')),
    # Forms and use.
    fault("M17", lambda d: put(severity(d, "warning"), matchers=["severity=warning"])),
    fault(
        "M17",
        lambda d: put(severity(d, "warning"), match={"severity": "warning"}),
        lambda d: severity(d, "warning").pop("matchers"),
    ),
    fault("M17", lambda d: put(d, mute_time_intervals=d.pop("time_intervals"))),
    fault("M18", lambda d: d["receivers"].append({**receiver(d, "digest"), "name": "spare"})),
    fault("M18", lambda d: d["time_intervals"].append({"name": "spare", "time_intervals": [{"weekdays": ["monday"]}]})),
    fault("M18", lambda d: put(severity(d, "info"), **{"continue": True})),
    fault("M18", lambda d: put(severity(d, "emergency"), **{"continue": True})),
    fault("M18", lambda d: nest(severity(d, "warning"), 6)),
    fault("M18", lambda d: inhibition(d, "MLOutage")["equal"].append("job")),
    # Channels.
    fault("M19", lambda d: receiver(d, "critical").pop("slack_configs"), also={"M25"}),
    fault("M20", lambda d: put(routes(d)[0], group_wait="30s", group_interval="30s")),
    fault("M20", lambda d: put(routes(d)[0], group_interval="4m", repeat_interval="4m")),
    fault("M20", lambda d: put(routes(d)[0], repeat_interval="1m")),
    fault("M20", lambda d: put(one(d, "heartbeat", "webhook"), send_resolved=True)),
    fault(
        "M20",
        lambda d: put(severity(d, "info"), receiver="heartbeat"),
        lambda d: d["receivers"].remove(receiver(d, "digest")),
        also={"M25"},
    ),
    fault("M25", lambda d: put(severity(d, "critical"), receiver="warning"), also={"M18", "M19"}),
    fault("M25", lambda d: put(severity(d, "emergency"), receiver="critical"), also={"M18"}),
    fault("M25", lambda d: put(severity(d, "warning"), receiver="critical")),
    fault("M25", lambda d: put(severity(d, "info"), receiver="critical"), also={"M18"}),
    fault("M25", lambda d: routes(d)[2].pop("continue")),
    fault("M25", lambda d: routes(d).pop(2), also={"M18"}),
    fault("M25", lambda d: severity(d, "emergency")["routes"][0].update(receiver="critical-risk"), also={"M18"}),
    fault(
        "M25",
        lambda d: put(receiver(d, "heartbeat"), email_configs=receiver(d, "digest")["email_configs"]),
        also={"M20"},
    ),
    fault("M27", lambda d: one(d, "critical", "slack").pop("send_resolved")),
    fault("M27", lambda d: put(one(d, "critical", "pagerduty"), send_resolved=False)),
    fault("M27", lambda d: put(one(d, "retraining", "webhook"), send_resolved=True)),
]
