"""A mail server that takes everything for everybody."""

from __future__ import annotations

import socketserver
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage

# A mail longer than this is cut: the sink must not grow with what it is sent.
_LONGEST = 1 << 20
_PATIENCE = 30.0


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks as much SMTP as it takes to be sent a mail: no extensions, no authentication, no encryption."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, address: tuple[str, int], take: Callable[[EmailMessage], None]) -> None:
        self.take = take
        super().__init__(address, _Conversation)


class _Conversation(socketserver.StreamRequestHandler):
    timeout = _PATIENCE
    server: MailServer

    def handle(self) -> None:
        self._say("220 sink")
        while line := self.rfile.readline(_LONGEST):
            command = line.split(maxsplit=1)[0].upper() if line.strip() else b""
            if command == b"DATA":
                self._say("354 go on")
                self.server.take(self._mail())
            self._say("221 bye" if command == b"QUIT" else "250 sink")
            if command == b"QUIT":
                return

    def _mail(self) -> EmailMessage:
        lines, length = [], 0
        while (line := self.rfile.readline(_LONGEST)) not in (b".\r\n", b""):
            length += len(line)
            if length <= _LONGEST:
                lines.append(line.removeprefix(b"."))
        return message_from_bytes(b"".join(lines), EmailMessage, policy=policy.default)

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())
