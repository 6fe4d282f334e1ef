"""What came so far: the newest messages, and of heartbeats only how many and when."""

from __future__ import annotations

import json
import threading
from collections import deque
from dataclasses import asdict
from datetime import UTC, datetime
from html import escape

from compose.sink.messages import HEARTBEAT, Message
from compose.sink.web import Page

_KEPT = 200
_STYLE = """
body { font: 15px/1.4 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
article { border-left: .4rem solid #b00020; padding: .2rem .8rem; margin: .8rem 0; background: #f6f6f6 }
article.resolved { border-color: #2e7d32 }
h2 { font-size: 1rem; margin: .2rem 0 } p { margin: .2rem 0; color: #555 } pre { white-space: pre-wrap; margin: .3rem 0; max-height: 13rem; overflow: auto }
"""


class Record:
    """Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: deque[Message] = deque(maxlen=_KEPT)
        self._beats = 0
        self._last_beat: float | None = None

    def add(self, message: Message) -> None:
        with self._lock:
            if message.to == HEARTBEAT:
                self._beats += 1
                self._last_beat = message.at
            else:
                self._messages.append(message)

    def show(self, path: str) -> Page | None:
        """Return the page of a path, None if there is none."""
        if path == "/":
            return self._html()
        if path == "/messages":
            return self._json()
        return Page("text/plain", "Healthy.\n") if path == "/-/healthy" else None

    def _json(self) -> Page:
        with self._lock:
            found = {
                "heartbeats": self._beats,
                "last_heartbeat": self._last_beat,
                "messages": [asdict(message) for message in self._messages],
            }
        return Page("application/json", json.dumps(found, indent=1) + "\n")

    def _html(self) -> Page:
        with self._lock:
            messages, beats, last = list(self._messages), self._beats, self._last_beat
        beat = f"{beats} heartbeats, the last at {_time(last)}" if last is not None else "no heartbeat yet"
        body = "".join(map(_article, reversed(messages))) or "<p>Nobody would have been told of anything yet.</p>"
        head = '<meta charset="utf-8"><meta http-equiv="refresh" content="15"><title>Notifications</title>'
        text = (
            f'<!doctype html><html lang="en"><head>{head}<style>{_STYLE}</style></head><body><h1>Notifications</h1>'
            f"<p>What would have been said to whom, the newest first; the same as <a href='/messages'>JSON</a>. {beat}.</p>"
            f"{body}</body></html>\n"
        )
        return Page("text/html", text)


def _article(message: Message) -> str:
    state = "firing" if message.firing else "resolved"
    said = f"{_time(message.at)}, by {message.way} to {message.to or 'nobody'}, {state}"
    text = f"<pre>{escape(message.text.strip())}</pre>" if message.text.strip() else ""
    return f'<article class="{state}"><h2>{escape(message.title)}</h2><p>{escape(said)}</p>{text}</article>'


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%H:%M:%S UTC")
