"""Servers of the tests: answers as they were scripted, and a ruler that keeps groups."""

from __future__ import annotations

import json
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml

_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
Answer = tuple[int, str] | tuple[int, str, dict[str, str]]
Respond = Callable[["Request"], Answer]
# Of a request that is never answered, in seconds.
SILENCE = 0.4


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    body: str
    headers: dict[str, str]


@contextmanager
def serving(respond: Respond, certificate: tuple[str, str] | None = None) -> Iterator[tuple[str, list[Request]]]:
    """Run a server on a free port, and yield its address and the requests that it got; a certificate is a chain and a key."""
    got: list[Request] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body in one packet: the second would wait for the other side to acknowledge the first.
        wbufsize = -1

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            got.append(
                Request(self.command, self.path, body, {key.lower(): value for key, value in self.headers.items()})
            )
            status, text, *more = respond(got[-1])
            if status == 0:
                # The connection breaks off, at once or after a while.
                time.sleep(SILENCE if text == "silence" else 0)
                self.close_connection = True
                return
            self.send_response(status)
            headers = more[0] if more else {}
            for name, value in headers.items():
                self.send_header(name, value)
            # One that promises more than it has breaks off.
            self.close_connection |= "content-length" in headers
            if "content-length" not in headers:
                self.send_header("content-length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - named by the library

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            # A client that is interrupted hangs up.
            if not isinstance(sys.exception(), ConnectionError):
                super().handle_error(request, client_address)

    with Server(("127.0.0.1", 0), Handler) as server:
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_port}", got
        finally:
            server.shutdown()
            thread.join()


@dataclass
class StandIn:
    """A ruler: ``rules`` are groups by namespace. ``faults`` are answers to give instead, of the requests that they match."""

    rules: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    faults: list[tuple[str, Answer]] = field(default_factory=list)
    # By group: what its last evaluation said.
    errors: dict[str, str] = field(default_factory=dict)
    tells: bool = True
    # From the first request of this kind on, everything is refused.
    breaks_at: str = ""
    broken: bool = False
    active: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def __call__(self, request: Request) -> Answer:
        for fault in self.faults:
            if f"{request.method} {request.path}".startswith(fault[0]):
                self.faults.remove(fault)
                return fault[1]
        self.broken |= bool(self.breaks_at) and f"{request.method} {request.path}".startswith(self.breaks_at)
        if self.broken:
            return 400, "broken"
        path = urlsplit(request.path).path
        if path == "/prometheus/api/v1/rules":
            return (200, json.dumps(self._status())) if self.tells else (404, "page not found")
        rest = [unquote(part) for part in path.removeprefix("/prometheus/config/v1/rules").split("/") if part]
        return self._configured(request, rest)

    def _configured(self, request: Request, rest: list[str]) -> Answer:
        match request.method, rest:
            case "GET", []:
                return (200, yaml.dump(self.rules, Dumper=_Dumper)) if self.rules else (404, "no rule groups found")
            case "POST", [namespace]:
                group = yaml.safe_load(request.body)
                groups = self.rules.setdefault(namespace, [])
                groups[:] = sorted(
                    [each for each in groups if each["name"] != group["name"]] + [group], key=lambda g: g["name"]
                )
                return 202, '{"status":"success"}'
            case "DELETE", [namespace, name]:
                groups = self.rules.get(namespace, [])
                if name not in [each["name"] for each in groups]:
                    return 404, "group does not exist"
                groups[:] = [each for each in groups if each["name"] != name]
                if not groups:
                    del self.rules[namespace]
                return 202, '{"status":"success"}'
        return 404, "page not found"

    def _status(self) -> dict[str, Any]:
        return {
            "status": "success",
            "data": {
                "groups": [
                    {
                        "file": namespace,
                        "interval": 60,
                        "name": group["name"],
                        "rules": [self._rule(group, each) for each in group["rules"]],
                    }
                    for namespace, groups in self.rules.items()
                    for group in groups
                ]
            },
        }

    def _rule(self, group: dict[str, Any], rule: dict[str, Any]) -> dict[str, Any]:
        error = self.errors.get(group["name"], "")
        return {
            "name": rule.get("alert") or rule["record"],
            "type": "alerting" if "alert" in rule else "recording",
            "query": rule["expr"],
            "duration": 300 if "for" in rule else 0,
            "labels": rule.get("labels", {}),
            "annotations": rule.get("annotations", {}),
            "lastError": error,
            "health": "err" if error else "ok",
            "lastEvaluation": "2026-11-21T20:00:00Z",
            "alerts": self.active.get(str(rule.get("alert")), []),
        }
