"""Build a profile in another process, so that the memory that training data take is given back.

Arrow and what it reads leave 120 MiB behind in a process, which a sidecar would carry for as long as it runs. The
other process is this module: it is given the path and the options on stdin, and answers on stdout with a line for
each step of progress, then with a problem, or with the warnings and the profile.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, BinaryIO

import msgspec

from exporter.reference.meter import Progress
from exporter.reference.options import ProfileOptions
from exporter.reference.problem import ReferenceProblem
from exporter.reference.profile import Profile
from exporter.reference.serialisation import from_bytes, to_bytes

Warnings = tuple[str, ...]


class _Order(msgspec.Struct):
    path: str
    options: ProfileOptions
    progress: bool


class _Step(msgspec.Struct, tag="step"):
    done: int
    total: int


class _Failure(msgspec.Struct, tag="failure"):
    text: str


class _Found(msgspec.Struct, tag="found"):
    """The profile follows, to the end of the stream."""

    warnings: Warnings


_ANSWERS = msgspec.json.Decoder(_Step | _Failure | _Found)


def built_elsewhere(path: Path, options: ProfileOptions, progress: Progress | None) -> tuple[Profile, Warnings]:
    """Return the profile of training data and warnings; see ``exporter.reference.cache``.

    Raises ``ReferenceProblem``, also when the other process dies.
    """
    order = msgspec.json.encode(_Order(str(path), options, progress is not None))
    command = [sys.executable, "-m", "exporter.reference.elsewhere"]
    # The other process has to find the same modules, whatever put them on our path.
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603 - our own module
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            # If it is gone already, there is no answer either.
            with suppress(BrokenPipeError), process.stdin:
                process.stdin.write(order)
            found = _answer(process.stdout, progress)
        except BaseException:
            # Should we be told to stop, it has nothing to go on for.
            process.kill()
            raise
    if found is None:
        raise ReferenceProblem(
            f"{path}: the process that profiles it ended with code {process.returncode}; is there memory enough?"
        )
    return found


def _answer(stream: IO[bytes], progress: Progress | None) -> tuple[Profile, Warnings] | None:
    """Return what was found, or None when the stream ends before."""
    for line in stream:
        answer = _ANSWERS.decode(line)
        if isinstance(answer, _Failure):
            raise ReferenceProblem(answer.text)
        if isinstance(answer, _Found):
            content = stream.read()
            return (from_bytes(content), answer.warnings) if content else None
        if progress is not None:
            progress(answer.done, answer.total)
    return None


def serve(order: BinaryIO, answers: BinaryIO) -> None:
    """Be the other process."""
    # Here, since that module hands work to this one.
    from exporter.reference.cache import load_or_build

    stated = order.read()
    # It is written in one piece, and none of it if whoever would have was ended before.
    if not stated:
        return
    wanted = msgspec.json.decode(stated, type=_Order)

    def say(answer: _Step | _Failure | _Found) -> None:
        answers.write(msgspec.json.encode(answer) + b"\n")
        answers.flush()

    report: Progress | None = (lambda done, total: say(_Step(done, total))) if wanted.progress else None
    try:
        profile, warnings = load_or_build(Path(wanted.path), wanted.options, None, report)
    except ReferenceProblem as problem:
        say(_Failure(str(problem)))
        return
    say(_Found(warnings))
    answers.write(to_bytes(profile))
    answers.flush()


if __name__ == "__main__":
    try:
        serve(sys.stdin.buffer, sys.stdout.buffer)
    except BrokenPipeError:
        # Whoever asked was killed: nobody is left to tell, and what is still in the buffer can go nowhere.
        os._exit(1)
