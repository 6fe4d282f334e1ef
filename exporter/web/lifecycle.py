"""``/-/reload`` and ``/-/quit``: what a signal does, for those who reach the port only. Off unless asked for.

Prometheus has them under the same names, for POST and PUT. A page in a browser could send such a request in the name
of whoever looks at it; browsers say where it comes from, and it is refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass

from exporter.redaction import redacted
from exporter.web.response import Response

METHODS = ("POST", "PUT")
RELOAD, QUIT = "/-/reload", "/-/quit"
PATHS = (RELOAD, QUIT)

# A large reference takes longer to profile; a client had better not wait for it.
_PATIENCE = 60.0
_OWN_SITES = {b"none", b"same-origin"}

_OFF = Response(403, b"The lifecycle API is off: start with --web.enable-lifecycle.\n")
_FOREIGN = Response(403, b"A page of another site may not ask for this.\n")
_RELOADED = Response(200, b"Reloaded.\n")
_PENDING = Response(202, b"Still reading: ml_exporter_config_last_reload_successful will say what came of it.\n")
_STOPPING = Response(200, b"Stopping.\n")


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """``reload`` begins one and returns what will come of it: nothing, or an error whose text may be shown."""

    reload: Callable[[], Future[None]]
    quit: Callable[[], None]


async def answer(lifecycle: Lifecycle | None, path: str, headers: Iterable[tuple[bytes, bytes]]) -> Response:
    """Do what one of ``PATHS`` says; the method is one of ``METHODS``."""
    if lifecycle is None:
        return _OFF
    if _is_foreign(dict(headers)):
        return _FOREIGN
    if path == QUIT:
        lifecycle.quit()
        return _STOPPING
    outcome = lifecycle.reload()
    try:
        # Others may wait for the same outcome: it is not for us to cancel.
        await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(outcome)), _PATIENCE)
    except TimeoutError:
        return _PENDING
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what came of it
        reasons = redacted(str(error)) or type(error).__name__
        return Response(500, f"The old configuration is in force:\n{reasons}\n".encode())
    return _RELOADED


def _is_foreign(headers: dict[bytes, bytes]) -> bool:
    """Say whether a browser sent this for a page of somebody else."""
    site, origin = headers.get(b"sec-fetch-site"), headers.get(b"origin")
    if site is not None:
        return site not in _OWN_SITES
    return origin is not None and origin.partition(b"://")[2] != headers.get(b"host")
