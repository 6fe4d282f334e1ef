"""The pages as they come over HTTP."""

from __future__ import annotations

import asyncio
import gzip
import http.client
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest

from exporter.exposition.page import Page
from exporter.figures.spread import Spreads
from exporter.web.server import Server
from exporter.web.site import Visit
from exporter.web.status import site
from exporter.web.status.style import POLICY
from exporter.web.terms import Terms
from tests.exporter.web.certificates import HOST
from tests.exporter.web.served import basic, hash_of
from tests.exporter.web.status.scenario import ALL, BROKEN, WELL, Scene, features
from tests.exporter.web.status.served_site import served_site, sources_of

STRANGE = Scene('a/../b"><é?', {"x": 0.1})
SECONDS = 20.0


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served_site([*ALL, STRANGE]) as found:
        yield found


def ask(
    server: Server, path: str, method: str = "GET", headers: Mapping[str, str] | None = None
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(HOST, server.port, timeout=SECONDS)
    try:
        connection.request(method, path, headers=headers or {})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def test_pages_come_with_their_policy_and_nothing_is_kept(server: Server) -> None:
    for path in ("/", f"/models/{BROKEN.name}"):
        response, body = ask(server, path)
        assert (response.status, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert response.headers.get_all("content-security-policy") == [POLICY]
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
        assert BROKEN.name in body.decode()


def test_a_model_is_found_by_its_name_only(server: Server) -> None:
    assert ask(server, "/models/" + quote(STRANGE.name, safe=""))[0].status == 200
    for path in (
        "/models",
        "/models/",
        "/models/nobody",
        "/models/../metrics",
        f"/models/{BROKEN.name}/",
        "//",
        "/index.html",
    ):
        response, body = ask(server, path)
        assert (response.status, body) == (404, b"Not found.\n"), path


def test_what_a_page_is_asked_with_changes_nothing_but_that_it_comes_again(server: Server) -> None:
    model = f"/models/{WELL.name}"
    refreshed = {
        path: ask(server, path)[0].headers["refresh"] for path in ("/", "/?still", "/?x=y", model, f"{model}?live")
    }
    assert refreshed == {"/": "60", "/?still": None, "/?x=y": "60", model: None, f"{model}?live": "60"}
    assert ask(server, "/?x=<script>")[1] == ask(server, "/")[1]
    assert b'href="/?still"' in ask(server, "/")[1]
    assert f'href="{model}?live"'.encode() in ask(server, model)[1]


def test_pages_are_compressed_for_who_reads_that(server: Server) -> None:
    for path in ("/", f"/models/{BROKEN.name}"):
        plain, body = ask(server, path)
        response, packed = ask(server, path, headers={"Accept-Encoding": "gzip"})
        assert response.headers["content-encoding"] == "gzip"
        assert response.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
        assert gzip.decompress(packed) == body


def test_head_is_get_without_the_body_and_nothing_else_is_allowed(server: Server) -> None:
    for path in ("/", f"/models/{BROKEN.name}"):
        response, body = ask(server, path, "HEAD")
        assert (response.status, body) == (200, b"")
        assert int(response.headers["content-length"]) == len(ask(server, path)[1])
        response, _ = ask(server, path, "POST")
        assert (response.status, response.headers["allow"]) == (405, "GET, HEAD")


def test_users_prove_themselves_before_they_see_a_page() -> None:
    terms = Terms(users={b"anna": hash_of("secret").encode()})
    with served_site([WELL], terms=lambda: terms) as server:
        for path in ("/", f"/models/{WELL.name}", "/models/nobody"):
            assert ask(server, path)[0].status == 401
            assert ask(server, path, headers=basic("anna", "wrong"))[0].status == 401
        assert ask(server, "/", headers=basic("anna", "secret"))[0].status == 200


def test_a_worker_that_does_not_answer_costs_the_drawings_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site, "_PATIENCE", 0.05)
    sources = sources_of([BROKEN])
    with served_site([BROKEN], sources._replace(ask=lambda _: Future[Spreads]())) as server:
        response, body = ask(server, f"/models/{BROKEN.name}")
    assert response.status == 200
    assert b"too busy" in body


def test_the_worker_is_asked_for_pages_that_are_made_and_for_no_others() -> None:
    """Who asks for many pages is sent away without the worker hearing of it."""
    gate, asked = threading.Event(), list[str]()
    sources = sources_of([BROKEN])

    def ask_worker(model: str) -> Future[Spreads]:
        asked.append(model)
        assert gate.wait(SECONDS)
        return sources.ask(model)

    with served_site([BROKEN], sources._replace(ask=ask_worker)) as server, ThreadPoolExecutor(12) as people:
        visits = [people.submit(ask, server, f"/models/{BROKEN.name}") for _ in range(12)]
        deadline = time.monotonic() + SECONDS
        while sum(each.done() for each in visits) < 7 and time.monotonic() < deadline:
            threading.Event().wait(0.01)
        assert len(asked) == 1
        gate.set()
        assert sorted(each.result()[0].status for each in visits) == [200] * 5 + [503] * 7
    assert len(asked) == 5


def test_nobody_waits_again_for_a_worker_that_has_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site, "_PATIENCE", 0.05)
    asked = list[Future[Spreads]]()
    sources = sources_of([BROKEN])

    def ask_worker(_: str) -> Future[Spreads]:
        asked.append(Future())
        return asked[-1]

    with served_site([BROKEN], sources._replace(ask=ask_worker)) as server:
        for _ in range(2):
            assert b"too busy" in ask(server, f"/models/{BROKEN.name}")[1]
        assert len(asked) == 1
        asked[0].set_result(BROKEN.spreads())
        ask(server, f"/models/{BROKEN.name}")
    assert len(asked) == 2


def test_the_end_waits_for_no_answer() -> None:
    asked, has_asked = Future[Spreads](), threading.Event()
    sources = sources_of([BROKEN])

    def ask_worker(_: str) -> Future[Spreads]:
        has_asked.set()
        return asked

    pages = site.StatusSite(sources._replace(ask=ask_worker))

    async def leave() -> None:
        visit = asyncio.ensure_future(pages.answer(Visit(f"/models/{BROKEN.name}", b"", "", "me")))
        # The visit begins while this one waits in a thread of its own.
        assert await asyncio.to_thread(has_asked.wait, SECONDS)
        pages.close()
        assert b"too busy" in (await visit).body

    asyncio.run(leave())
    assert asked.cancelled()


def test_a_model_that_a_reload_has_taken_away_meanwhile_is_not_found() -> None:
    sources = sources_of([WELL])
    names = iter([[WELL.name]])
    pages = site.StatusSite(sources._replace(models=lambda: next(names, [])))
    visit = Visit(f"/models/{WELL.name}", b"", "", "me")
    assert pages.has(visit.path)
    assert asyncio.run(pages.answer(visit)).status == 404


@pytest.mark.parametrize("error", [ArithmeticError("x"), None])
def test_what_goes_wrong_is_for_who_asked(error: Exception | None, caplog: pytest.LogCaptureFixture) -> None:
    def ask_worker(_: str) -> Future[Spreads]:
        answer: Future[Spreads] = Future()
        answer.set_exception(ArithmeticError("worker"))
        return answer

    def page() -> Page:
        if error:
            raise error
        return sources.page() or Page((), ())

    sources = sources_of([WELL])
    with served_site([WELL], sources._replace(ask=ask_worker, page=page)) as server:
        response, body = ask(server, f"/models/{WELL.name}")
        assert ask(server, "/-/healthy")[0].status == 200
    assert response.status == (500 if error else 200)
    assert b"ArithmeticError" not in body
    assert "distributions could not be looked up" in caplog.text
    assert ("a status page could not be made" in caplog.text) is (error is not None)


def test_who_asks_for_many_pages_at_once_is_told_to_wait_and_scrapes_go_on() -> None:
    """The page waits for a gate: whoever scrapes meanwhile is answered."""
    gate, begun = threading.Event(), threading.Event()
    sources = sources_of([WELL])

    def names() -> list[str]:
        # Asked by the event loop as well, which must not wait.
        if threading.current_thread().name.startswith("status pages"):
            begun.set()
            assert gate.wait(SECONDS)
        return [WELL.name]

    with served_site([WELL], sources._replace(models=names)) as server, ThreadPoolExecutor(8) as people:
        asked = [people.submit(ask, server, "/") for _ in range(8)]
        assert begun.wait(SECONDS)
        assert ask(server, "/metrics")[0].status == 200
        statuses = []
        deadline = time.monotonic() + SECONDS
        while sum(each.done() for each in asked) < 3 and time.monotonic() < deadline:
            threading.Event().wait(0.01)
        gate.set()
        statuses = sorted(each.result()[0].status for each in asked)
    # One is made, four wait, the others are sent away.
    assert statuses == [200] * 5 + [503] * 3


def test_nothing_of_a_page_is_loaded_before_somebody_looks() -> None:
    program = "import sys, exporter.commands.serve, exporter.web.status.site; print(*(m for m in sys.modules if 'web.status' in m))"
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path(site.__file__).parents[3]
    )
    assert found.stdout.split() == ["exporter.web.status", "exporter.web.status.site"]


def test_a_wide_model_comes_compressed_small() -> None:
    wide = Scene("wide", features(500, 1.4))
    with served_site([wide]) as server:
        _, body = ask(server, "/models/wide", headers={"Accept-Encoding": "gzip"})
    assert len(body) < 150_000
