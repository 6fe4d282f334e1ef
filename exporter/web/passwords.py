"""Who a client is: HTTP's basic authentication (RFC 7617) against bcrypt hashes.

bcrypt is slow on purpose, so what was found right is remembered: not the password, but a hash of everything that
matters, keyed with a secret of this process, each part behind its length, so that no two cases share one
(CVE-2022-46146 was about that). What was wrong is not remembered: it costs the same each time. So does a name that
nobody has: its password is compared with somebody's, so that the time does not tell which names there are.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import NamedTuple

from exporter.web.turns import Turns

_BASIC = re.compile(r"basic +([A-Za-z0-9+/=]+)", re.IGNORECASE)
_REMEMBERED = 256
# bcrypt looks at no more of a password. Some versions of the library refuse a longer one, others cut it.
_LONGEST = 72


class Credentials(NamedTuple):
    user: bytes
    password: bytes


def credentials_of(authorization: str) -> Credentials | None:
    """Return what an ``Authorization`` header holds; None if it is none of this kind.

    >>> credentials_of("Basic cHJvbWV0aGV1czphOmI=")
    Credentials(user=b'prometheus', password=b'a:b')
    """
    found = _BASIC.fullmatch(authorization.strip())
    try:
        user, colon, password = base64.b64decode(found[1], validate=True).partition(b":") if found else (b"", b"", b"")
    except binascii.Error:
        return None
    return Credentials(user, password) if colon else None


def matches(password: bytes, hashed: bytes) -> bool:
    """Compare a password with a bcrypt hash; this takes its time."""
    import bcrypt

    return bcrypt.checkpw(password[:_LONGEST], hashed)


class Passwords:
    """``check`` compares a password with a hash, in a thread, one at a time. To be used in one event loop."""

    def __init__(self, check: Callable[[bytes, bytes], bool] = matches) -> None:
        self._check = check
        self._secret = secrets.token_bytes(32)
        self._known: OrderedDict[bytes, None] = OrderedDict()
        self._turns: Turns[bool] = Turns("passwords")

    async def admit(self, users: Mapping[bytes, bytes], credentials: Credentials, client: str) -> bool:
        """Say whether these are a user's name and password. Raises ``BusyError`` when too many of them wait.

        ``users`` maps names to hashes and is not empty; ``client`` is whose turn it takes.
        """
        hashed = users.get(credentials.user)
        stand_in = hashed or self._somebody(users, credentials.user)
        key = self._digest(credentials.user, stand_in, credentials.password)
        if hashed is not None and key in self._known:
            self._known.move_to_end(key)
            return True
        is_right = await self._turns.take(client, lambda: self._check(credentials.password, stand_in))
        if hashed is None or not is_right:
            return False
        self._known[key] = None
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return True

    def close(self) -> None:
        self._turns.close()

    def _somebody(self, users: Mapping[bytes, bytes], name: bytes) -> bytes:
        """Return the hash of one of the users, always the same for a name, so that its cost is one that a user has."""
        hashes = list(users.values())
        return hashes[int.from_bytes(self._digest(name)) % len(hashes)]

    def _digest(self, *parts: bytes) -> bytes:
        framed = b"".join(len(part).to_bytes(8) + part for part in parts)
        return hmac.digest(self._secret, framed, hashlib.sha256)
