"""The web configuration in force, read again when its files change.

Certificates are renewed and users are changed while the exporter runs. What cannot be used leaves what was in force,
and so does what would let more people in than before: that takes a restart.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from exporter import catalogue
from exporter.configuration.loading import text_of, validated
from exporter.configuration.problem import ConfigurationError, Problem, Severity, path_text
from exporter.snapshot import Sample
from exporter.web.terms import OPEN, Terms, loosened, terms_of
from exporter.web.tls import TlsProblem
from exporter.web.web_advice import advise
from exporter.web.web_file import WebFile

_LOG = logging.getLogger(__name__)

# How often the files are looked at, in seconds.
_PAUSE = 1.0

_Stamp = tuple[tuple[int, ...] | None, ...]


class WebConfiguration:
    """``terms`` are those in force, from any thread; without a file, none.

    Raises ``ConfigurationError`` when the file cannot be used to begin with.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._files: tuple[Path, ...] = () if path is None else (path,)
        self._stamp: _Stamp = ()
        self._is_good = True
        self.terms = OPEN if path is None else self._read(path, self._stamp_now())

    def look(self) -> bool:
        """Read the files again if they have changed; return whether there are other terms."""
        stamp = self._stamp_now()
        if self._path is None or stamp == self._stamp:
            return False
        try:
            terms = self._read(self._path, stamp)
        except ConfigurationError as error:
            self._refuse([str(problem) for problem in error.problems])
            return False
        if reason := loosened(self.terms, terms):
            self._refuse([f"{self._path}: {reason}, which takes effect after a restart only"])
            return False
        self.terms, self._is_good = terms, True
        _LOG.info("the web configuration was read again", extra={"fields": {"file": str(self._path)}})
        return True

    @contextmanager
    def watch(self, pause: float = _PAUSE) -> Iterator[None]:
        """Look every ``pause`` seconds, in a thread: a file system that hangs keeps no client waiting."""
        if self._path is None:
            yield
            return
        ended = threading.Event()
        thread = threading.Thread(target=self._watch, args=(ended, pause), name="web configuration", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()

    def about(self) -> dict[str, str]:
        """Return for the log what is asked of clients; nothing without a file."""
        if self._path is None:
            return {}
        return {"tls": str(self.terms.tls is not None).lower(), "passwords": str(bool(self.terms.users)).lower()}

    def samples(self) -> list[Sample]:
        return [] if self._path is None else [Sample(catalogue.WEB_CONFIG_SUCCESSFUL, (), int(self._is_good))]

    def _watch(self, ended: threading.Event, pause: float) -> None:
        while not ended.wait(pause):
            try:
                self.look()
            except Exception:  # noqa: BLE001 - logged, whatever it is
                # Whatever it is, the terms in force stay, and the next look may go well.
                self._is_good = False
                _LOG.exception("the web configuration could not be read again")

    def _read(self, path: Path, stamp: _Stamp) -> Terms:
        """Return the terms that the file states; ``stamp`` counts as seen from here on, whatever comes of it."""
        self._stamp = stamp
        name = str(path)
        file, document = validated(WebFile, text_of(path), file=name, folder=path.parent, smallest="")
        self._files = (path, *_files_of(file))
        # Each file's stamp is older than what is read of it: a change in between is seen the next time.
        self._stamp = (stamp[0], *map(_stamp_of, self._files[1:]))
        try:
            terms = terms_of(file)
        except TlsProblem as problem:
            keys = ("tls_server_config",)
            place = document.mark(keys, of_key=True)
            found = Problem(path_text(keys), place.line, place.column, str(problem), file=name)
            raise ConfigurationError([found]) from problem
        self._warn(
            Problem(path_text(keys), *document.mark(keys, of_key=True), *fault[:2], name, Severity.WARNING)
            for keys, fault in advise(file, document)
        )
        return terms

    def _warn(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            place = {"file": f"{problem.file}:{problem.line}", "key": problem.path, "hint": problem.hint}
            _LOG.warning(problem.message, extra={"fields": place})

    def _refuse(self, reasons: list[str]) -> None:
        self._is_good = False
        for reason in reasons:
            _LOG.error(
                "the web configuration was not taken on: the old one is in force", extra={"fields": {"reason": reason}}
            )

    def _stamp_now(self) -> _Stamp:
        return tuple(_stamp_of(path) for path in self._files)


def _files_of(file: WebFile) -> Iterator[Path]:
    tls = file.tls_server_config
    if tls is not None:
        yield from (path for path in (tls.cert_file, tls.key_file, tls.client_ca_file) if path)


def _stamp_of(path: Path) -> tuple[int, ...] | None:
    """Return what changes with a file's content, also when another file takes its place; None if there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 - the same, without building another object each second
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino, found.st_dev
