"""From the log to the pager with the real servers: who is told of an incident, in which words, how often, and of its end.

Time is compressed: all durations of the rules and of the routing are divided by ``FACTOR``. Nothing else is changed but
the addresses of those who are notified, and that it is always business hours.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from alertmanager.document import TEMPLATES, configuration
from alertmanager.settings import DEFAULT
from compose.sink.web import Call
from rules.command_line import GENERATED
from tests.end_to_end.alerting import compression, servers
from tests.end_to_end.alerting.incidents import Record, Traffic
from tests.end_to_end.alerting.sinks import http_sink, mail_sink
from tests.end_to_end.world import eventually, sidecar

FACTOR = 90
# Notifications are grouped for no longer than a few evaluations.
LONGEST_WAIT = "2s"
INTERVAL = "500ms"
DEADLINE = 90.0


@dataclass(frozen=True)
class Told:
    """What everybody has been told so far."""

    calls: list[Call]
    mails: list[EmailMessage]

    def at(self, path: str) -> list[Call]:
        return [call for call in self.calls if call.path == path]

    def mails_to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if mail["to"] == address]

    def pages(self, action: str) -> list[Record]:
        return [call.body for call in self.at("/v2/enqueue") if call.body["event_action"] == action]

    def chats(self) -> list[Record]:
        return [call.body["attachments"][0] for call in self.at("/chat")]

    @property
    def number(self) -> int:
        """Of all messages but heartbeats."""
        return len(self.calls) - len(self.at("/heartbeat")) + len(self.mails)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """Let all incidents begin and end, and wait for what is said of them."""
    folder = tmp_path_factory.mktemp("alerting")
    traffic = Traffic(folder)
    with ExitStack() as stack:
        http, calls = stack.enter_context(http_sink())
        smtp, mails = stack.enter_context(mail_sink())
        so_far = Told(calls, mails)
        now = time.time()
        traffic.write(now - 10, now)
        exporter = stack.enter_context(sidecar(traffic))
        alertmanager = stack.enter_context(servers.alertmanager(folder, routing(folder, http, smtp)))
        jobs = {"driftbell": exporter.address}
        stack.enter_context(servers.prometheus(folder, jobs, rule_files(folder), alertmanager, INTERVAL))
        thread = threading.Thread(target=traffic.run, args=(now,))
        thread.start()
        stack.callback(thread.join)
        stack.callback(traffic.stop)
        eventually(lambda: so_far.at("/heartbeat"), "a heartbeat", DEADLINE)
        assert so_far.number == 0, so_far
        traffic.is_wrong = True
        eventually(lambda: so_far.number >= MESSAGES // 2, f"what is wrong: {said(so_far)}", DEADLINE)
        traffic.is_wrong = False
        eventually(lambda: so_far.number >= MESSAGES, f"what is right again: {said(so_far)}", DEADLINE)
        yield so_far


# Emergency: webhook, pager and mail; critical: pager and chat; warning: chat; info: mail. Each once, and once more at its end.
MESSAGES = 2 * (3 + 2 + 1 + 1)


def said(told: Told) -> list[object]:
    return [call.body for call in told.calls if call.path != "/heartbeat"] + [mail.as_string() for mail in told.mails]


def rule_files(folder: Path) -> list[Path]:
    paths = []
    for generated in sorted(GENERATED.glob("*.yml")):
        path = folder / f"rules-{generated.name}"
        path.write_text(compression.rules(generated.read_text("utf-8"), FACTOR))
        paths.append(path)
    return paths


def routing(folder: Path, http: str, smtp: str) -> dict[str, Any]:
    """The generated routing, with our addresses and secrets."""
    secrets = folder / "secrets"
    secrets.mkdir()
    for name in ("smtp_password", "pagerduty_routing_key", "remediation_token", "retraining_token", "heartbeat_token"):
        (secrets / name).write_text(f"secret-{name}")
    (secrets / "slack_url").write_text(f"http://{http}/chat")
    settings = replace(
        DEFAULT,
        secrets=str(secrets),
        templates=str(TEMPLATES / "*.tmpl"),
        pager_url=f"http://{http}/v2/enqueue",
        remediation_url=f"http://{http}/remediate",
        retraining_url=f"http://{http}/retrain",
        heartbeat_url=f"http://{http}/heartbeat",
        mail_server=smtp,
        mail_encrypted=False,
    )
    always = [{"weekdays": ["sunday:saturday"]}]
    made = compression.routing(configuration(settings), FACTOR, LONGEST_WAIT)
    return {**made, "time_intervals": [{**each, "time_intervals": always} for each in made["time_intervals"]]}


def test_everybody_is_told_once_and_of_the_end_once(told: Told) -> None:
    assert told.number == MESSAGES, said(told)
    assert [call.body["status"] for call in told.at("/remediate")] == ["firing", "resolved"]
    assert len(told.pages("trigger")) == len(told.pages("resolve")) == 2
    triggered, resolved = ({page["dedup_key"] for page in told.pages(action)} for action in ("trigger", "resolve"))
    assert len(triggered) == 2
    assert triggered == resolved
    assert sorted(chat["title"] for chat in told.chats()) == [
        f"CRITICAL price-critical: {MISSING}",
        f"Resolved price-critical: {MISSING}",
        f"Resolved price-warning: {MISSING}",
        f"WARNING price-warning: {MISSING}",
    ]
    assert [mail["subject"] for mail in told.mails_to("ml-emergency@example.com")] == [
        f"EMERGENCY price-emergency: {OUTAGE}",
        f"Resolved price-emergency: {OUTAGE}",
    ]
    assert [mail["subject"] for mail in told.mails_to("ml-digest@example.com")] == [
        f"INFO price-info: {ERRORS}",
        f"Resolved price-info: {ERRORS}",
    ]


MISSING = "A feature is missing more often than its threshold allows."
OUTAGE = "A model answers hardly any request."
ERRORS = "Too many of a model's requests end in a server error."


def test_whoever_is_told_sees_what_is_wrong_how_much_and_where_to_go_on(told: Told) -> None:
    by_model = {
        "price-emergency": ("MLOutage", "of the requests of price-emergency end in a server error (5xx)", "0.5"),
        "price-critical": ("MLMissingValues", "price-critical, feature transfer: ", "0.2"),
        "price-warning": ("MLMissingValues", "price-warning, feature transfer: ", "0.05"),
        "price-info": ("MLHighErrorRate", "of the requests of price-info end in a server error (5xx)", "0.01"),
    }
    texts = [*firing_texts(told)]
    assert len(texts) == MESSAGES // 2 - 1, "all but the webhook's"
    for text in texts:
        ((alert, sentence, threshold),) = (about for model, about in by_model.items() if model in text)
        assert text.startswith(f"{alert}: ")
        assert sentence in text
        assert f"\nThreshold: {threshold}\n" in text
        assert "\nOwner: energy-markets\n" in text
        assert f"\nRunbook: https://runbooks.example.com/driftbell/{alert}.md\n" in text
        assert "\nDashboard: https://grafana.example.com/d/driftbell-" in text
        # What a template leaves that did not find what it looked for.
        assert re.findall(r"<no value>|\{\{|map\[|<nil>", text) == []
        value = float(re.search(r"^Value: (.*)$", text, re.MULTILINE)[1])  # type: ignore[index]  # there, or it fails
        assert float(threshold) < value <= 1


def firing_texts(told: Told) -> Iterator[str]:
    """What people are shown when something is wrong: by the pager, in the chat, by mail."""
    yield from (page["payload"]["custom_details"]["firing"] for page in told.pages("trigger"))
    yield from (chat["text"] for chat in told.chats() if not chat["title"].startswith("Resolved"))
    yield from (text_of(mail) for mail in told.mails if not mail["subject"].startswith("Resolved"))


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_the_webhook_that_remedies_is_told_what_a_program_needs(told: Told) -> None:
    first = told.at("/remediate")[0]
    assert first.authorization == "Bearer secret-remediation_token"
    (alert,) = first.body["alerts"]
    assert alert["labels"]["alertname"] == "MLOutage"
    assert alert["labels"]["model_name"] == "price-emergency"
    assert alert["labels"]["severity"] == "emergency"
    assert told.at("/retrain") == []


def test_pages_say_how_urgent_they_are(told: Told) -> None:
    assert {page["payload"]["summary"] for page in told.pages("trigger")} == {
        f"EMERGENCY price-emergency: {OUTAGE}",
        f"CRITICAL price-critical: {MISSING}",
    }
    assert {page["payload"]["severity"] for page in told.pages("trigger")} == {"critical"}
    assert {page["routing_key"] for page in told.pages("trigger")} == {"secret-pagerduty_routing_key"}


def test_the_heartbeat_goes_on_through_it_all(told: Told) -> None:
    beats = told.at("/heartbeat")
    assert len(beats) > 5
    assert {beat.authorization for beat in beats} == {"Bearer secret-heartbeat_token"}
    assert {beat.body["commonLabels"]["alertname"] for beat in beats} == {"MLWatchdog"}
