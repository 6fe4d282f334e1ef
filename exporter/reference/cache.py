"""Load a profile, or build it once and keep it."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from exporter.reference.build import build_profile
from exporter.reference.classes import in_order
from exporter.reference.meter import Progress
from exporter.reference.options import ProfileOptions
from exporter.reference.problem import ReferenceProblem
from exporter.reference.profile import Profile
from exporter.reference.serialisation import VERSION, from_bytes, is_profile, to_bytes
from exporter.reference.table import read_table
from exporter.regular_file import opened
from exporter.sources import reach

Warnings = tuple[str, ...]

# Part of a cached profile's name: a change in what is built from the same data must change it.
BUILD = 3
_START = 256


Build = Callable[[Path, ProfileOptions, Progress | None], tuple[Profile, Warnings]]


def built(path: Path, options: ProfileOptions, progress: Progress | None) -> tuple[Profile, Warnings]:
    """Profile training data in this process."""
    return build_profile(read_table(path, progress, options.text_columns()), options)


def load_or_build(
    path: Path,
    options: ProfileOptions,
    cache_dir: Path | None,
    progress: Progress | None = None,
    build: Build = built,
) -> tuple[Profile, Warnings]:
    """Return the profile of ``path``, a profile file or training data, and warnings, one sentence each.

    A profile of training data is kept in ``cache_dir`` (if given) under the hash of the file's content
    and the options. A damaged entry is built again, and a cache that cannot be written is no reason to
    fail; either is a warning. ``build`` says how (or where) it is built. Raises ``ReferenceProblem`` naming ``path``.
    """
    if not reach.is_within(path):
        raise ReferenceProblem(f"{path}: {reach.OUTSIDE}")
    try:
        if is_profile(_start(path)):
            return _checked(from_bytes(_content(path)), options), ()
        return _built_or_cached(path, options, cache_dir, progress, build)
    except OSError as error:
        raise ReferenceProblem(
            f"{path}: cannot be read: {error.strerror or error}; check the reference's path"
        ) from error
    except ReferenceProblem as problem:
        text = str(problem)
        raise problem if text.startswith(f"{path}: ") else ReferenceProblem(f"{path}: {text}") from problem


def _start(path: Path) -> bytes:
    with opened(path) as file:
        return file.read(_START)


def _content(path: Path) -> bytes:
    with opened(path) as file:
        return file.read()


def _checked(profile: Profile, options: ProfileOptions) -> Profile:
    """Refuse a ready-made profile that was built for another kind of model."""
    for name, built, stated in (
        ("task", profile.task, options.task),
        ("classes", in_order(profile.classes), options.classes and in_order(options.classes)),
        ("positive_class", profile.positive_class, options.positive_class),
    ):
        if stated is not None and built != stated:
            raise ReferenceProblem(f"the profile was built with {name} {built!r}, the configuration says {stated!r}")
    return profile


def _built_or_cached(
    path: Path, options: ProfileOptions, cache_dir: Path | None, progress: Progress | None, build: Build
) -> tuple[Profile, Warnings]:
    if cache_dir is None:
        return build(path, options, progress)
    entry = cache_dir / f"{_key(path, options)}.profile.json"
    complaints: list[str] = []
    try:
        return _from_entry(_content(entry))
    except FileNotFoundError:
        pass  # Not built yet: the usual first start.
    except (OSError, ReferenceProblem) as error:
        complaints.append(f"{entry}: the cached profile of {path} cannot be used and was built again: {error}")
    profile, warnings = build(path, options, progress)
    try:
        _write(entry, _to_entry(profile, warnings))
    except OSError as error:
        complaints.append(f"{entry}: the profile of {path} cannot be kept and is built at each start: {error}")
    return profile, (*complaints, *warnings)


def _key(path: Path, options: ProfileOptions) -> str:
    with opened(path) as file:
        content = hashlib.file_digest(file, "sha256").hexdigest()
    # The name's ending decides how the content is read.
    parts = (content, "".join(path.suffixes), options.canonical(), str(VERSION), str(BUILD))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _to_entry(profile: Profile, warnings: Warnings) -> bytes:
    """An entry is a line with the warnings of the build, then the profile."""
    return msgspec.json.encode(warnings) + b"\n" + to_bytes(profile)


def _from_entry(content: bytes) -> tuple[Profile, Warnings]:
    head, _, body = content.partition(b"\n")
    try:
        warnings = msgspec.json.decode(head, type=Warnings)
    except msgspec.DecodeError as error:
        raise ReferenceProblem(f"damaged entry: {error}") from error
    return from_bytes(body), warnings


def _write(entry: Path, content: bytes) -> None:
    """Write so that a reader, or a crash, sees all of it or nothing."""
    entry.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=entry.parent, prefix=".profile-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(entry)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
