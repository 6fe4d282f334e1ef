"""What somebody would have been told, made from what Alertmanager sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from compose.sink.web import Call


@dataclass(frozen=True, slots=True)
class Message:
    """``way`` is how it would have been said, ``to`` to whom; ``at`` is seconds since the epoch."""

    at: float
    way: str
    to: str
    firing: bool
    title: str
    text: str


def of_call(call: Call, at: float) -> Message | None:
    """Return what a call says, None if its path is none of ours. What is missing in it is left empty."""
    reader = _READERS.get(call.path)
    return reader(call.body, at) if reader else None


def of_mail(mail: EmailMessage, at: float) -> Message:
    part = mail.get_body(("plain",))
    title = str(mail["subject"] or "")
    text = str(part.get_content()).replace("\r\n", "\n") if part else ""
    return Message(at, "mail", str(mail["to"] or ""), not title.startswith(_RESOLVED), title, text)


# How the titles of alertmanager/templates begin when all is well again.
_RESOLVED = "Resolved"
_Body = dict[str, Any]


def _page(body: _Body, at: float) -> Message:
    payload = body.get("payload") or {}
    text = (payload.get("custom_details") or {}).get("firing", "")
    return Message(at, "pager", "on call", body.get("event_action") == "trigger", payload.get("summary", ""), text)


def _chat(body: _Body, at: float) -> Message:
    (said, *_) = body.get("attachments") or [{}]
    title = said.get("title", "")
    return Message(at, "chat", body.get("channel", ""), not title.startswith(_RESOLVED), title, said.get("text", ""))


def _webhook(to: str) -> Callable[[_Body, float], Message]:
    def read(body: _Body, at: float) -> Message:
        alerts = body.get("alerts") or []
        names = sorted({str(alert.get("labels", {}).get("alertname", "")) for alert in alerts})
        text = "\n".join(str(alert.get("annotations", {}).get("summary", "")) for alert in alerts)
        return Message(at, "webhook", to, body.get("status") == "firing", ", ".join(names), text)

    return read


HEARTBEAT = "heartbeat"
_READERS: dict[str, Callable[[_Body, float], Message]] = {
    "/pager": _page,
    "/chat": _chat,
    "/remediate": _webhook("remediation"),
    "/retrain": _webhook("retraining"),
    "/heartbeat": _webhook(HEARTBEAT),
}
