from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable
from typing import TypeVar

import bcrypt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.web import passwords as module
from exporter.web.passwords import Credentials, Passwords, credentials_of, matches
from tests.exporter.web.served import hash_of

T = TypeVar("T")


class Checks:
    """Compares as bcrypt would, at once, and notes what it was asked: ``users`` have their names as hashes."""

    def __init__(self, passwords: dict[bytes, bytes]) -> None:
        self.passwords = passwords
        self.asked: list[tuple[bytes, bytes]] = []

    def __call__(self, password: bytes, hashed: bytes) -> bool:
        self.asked.append((password, hashed))
        return self.passwords[hashed] == password


USERS = {b"ada": b"hash of ada", b"bob": b"hash of bob"}


@pytest.fixture
def checks() -> Checks:
    return Checks({b"hash of ada": b"right", b"hash of bob": b"other", b"new hash": b"renewed"})


def run(work: Callable[[], Awaitable[T]]) -> T:
    async def within() -> T:
        return await work()

    return asyncio.run(within())


def admitted(checks: Checks, *attempts: tuple[bytes, bytes], users: dict[bytes, bytes] = USERS) -> list[bool]:
    async def work() -> list[bool]:
        passwords = Passwords(checks)
        return [await passwords.admit(users, Credentials(*attempt), "here") for attempt in attempts]

    return run(work)


def test_what_was_right_is_checked_once_and_what_was_wrong_each_time(checks: Checks) -> None:
    right, wrong = (b"ada", b"right"), (b"ada", b"wrong")
    assert admitted(checks, right, right, wrong, wrong, right) == [True, True, False, False, True]
    assert checks.asked == [(b"right", b"hash of ada"), (b"wrong", b"hash of ada"), (b"wrong", b"hash of ada")]


def test_a_name_that_nobody_has_costs_as_much_as_one_of_the_users_and_never_gets_in(checks: Checks) -> None:
    """Not even with the password of the user whose hash stands in."""
    names = [f"nobody{number}".encode() for number in range(20)]
    attempts = [(name, password) for name in names for password in (b"right", b"other")]
    assert not any(admitted(checks, *attempts, *attempts))
    assert len(checks.asked) == 2 * len(attempts)
    compared = {name: hashed for (name, _), (_, hashed) in zip(attempts, checks.asked, strict=False)}
    assert set(compared.values()) == set(USERS.values())


def test_the_same_name_is_always_compared_with_the_same_hash(checks: Checks) -> None:
    assert not any(admitted(checks, *[(b"nobody", b"right")] * 10))
    assert len({hashed for _, hashed in checks.asked}) == 1


def test_another_hash_is_another_case(checks: Checks) -> None:
    async def work() -> list[bool]:
        passwords, attempt = Passwords(checks), Credentials(b"ada", b"right")
        before = await passwords.admit(USERS, attempt, "here")
        after = await passwords.admit(USERS | {b"ada": b"new hash"}, attempt, "here")
        gone = await passwords.admit({b"bob": b"hash of bob"}, attempt, "here")
        return [before, after, gone]

    assert run(work) == [True, False, False]


@given(st.tuples(st.binary(), st.binary(), st.binary()), st.tuples(st.binary(), st.binary(), st.binary()))
def test_no_two_cases_share_what_is_remembered(one: tuple[bytes, ...], other: tuple[bytes, ...]) -> None:
    passwords = Passwords()
    assert (passwords._digest(*one) == passwords._digest(*other)) is (one == other)
    assert passwords._digest(*one) != Passwords()._digest(*one)


def test_no_password_is_kept(checks: Checks) -> None:
    async def work() -> Passwords:
        passwords = Passwords(checks)
        assert await passwords.admit(USERS, Credentials(b"ada", b"right"), "here")
        return passwords

    known = run(work)._known
    assert [len(key) for key in known] == [32]
    assert not any(b"right" in key for key in known)


def test_what_is_remembered_is_bounded(checks: Checks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_REMEMBERED", 1)
    ada, bob = (b"ada", b"right"), (b"bob", b"other")
    assert all(admitted(checks, ada, bob, bob, ada))
    assert len(checks.asked) == 3


@pytest.mark.parametrize("prefix", ["2a", "2b", "2y"])
def test_hashes_of_every_kind_are_compared(prefix: str) -> None:
    hashed = hash_of("right").replace("$2b$", f"${prefix}$").encode()
    assert matches(b"right", hashed)
    assert not matches(b"wrong", hashed)


def test_only_as_much_of_a_password_counts_as_bcrypt_looks_at() -> None:
    hashed = bcrypt.hashpw(b"x" * 72, bcrypt.gensalt(4))
    assert matches(b"x" * 100, hashed)
    assert not matches(b"x" * 71, hashed)
    assert not matches(b"a\0b", hashed)


@given(st.binary().filter(lambda user: b":" not in user), st.binary())
def test_every_name_and_password_can_be_sent(user: bytes, password: bytes) -> None:
    text = base64.b64encode(user + b":" + password).decode()
    assert credentials_of(f"Basic {text}") == Credentials(user, password)
    assert credentials_of(f"basic  {text} ") == Credentials(user, password)


@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic ", "Basic !!!!", "Basic YTpi YTpi", "Basic YWI=", "Basic YTp", "Bearer YTpi", "YTpi"]
)
def test_what_is_no_basic_authentication_is_nothing(header: str) -> None:
    assert credentials_of(header) is None


@given(st.text())
def test_no_header_is_an_accident(header: str) -> None:
    credentials_of(header)
    credentials_of(f"Basic {header}")
