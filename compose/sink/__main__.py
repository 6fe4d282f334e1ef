"""``python -m compose.sink``: listens until SIGTERM or Ctrl-C; needs the standard library alone."""

from __future__ import annotations

import argparse
import signal
import threading
import time
from collections.abc import Sequence

from compose.sink import messages
from compose.sink.mail import MailServer
from compose.sink.record import Record
from compose.sink.web import Call, WebServer


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m compose.sink", description="Shows what would have been notified.")
    parser.add_argument("--web", default="127.0.0.1:9097", metavar="HOST:PORT", help="for HTTP (%(default)s)")
    parser.add_argument("--mail", default="127.0.0.1:9025", metavar="HOST:PORT", help="for SMTP (%(default)s)")
    chosen = parser.parse_args(arguments)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    _serve(_pair(chosen.web), _pair(chosen.mail), stop)
    return 0


def _serve(web: tuple[str, int], mail: tuple[str, int], stop: threading.Event) -> None:
    record = Record()

    def take(call: Call) -> bool:
        message = messages.of_call(call, time.time())
        if message:
            record.add(message)
        return message is not None

    with (
        WebServer(web, take, record.show) as web_server,
        MailServer(mail, lambda mail: record.add(messages.of_mail(mail, time.time()))) as mail_server,
    ):
        threads = [threading.Thread(target=server.serve_forever) for server in (web_server, mail_server)]
        for thread in threads:
            thread.start()
        stop.wait()
        for server in (web_server, mail_server):
            server.shutdown()
        for thread in threads:
            thread.join()


def _pair(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host, int(port)


if __name__ == "__main__":
    raise SystemExit(main())
