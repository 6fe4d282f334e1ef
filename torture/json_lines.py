"""Read lines that are nearly right with the compiled reader and without: they must agree, and no sanitizer may complain."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import sysconfig
import time
from collections.abc import Sequence
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

_ROOT = Path(__file__).resolve().parent.parent
_SOURCE = _ROOT / "exporter" / "native" / "json_columns.c"
_MODULE = "exporter.decoders._json_columns"
_SANITIZERS = ("address", "undefined")
_LINES = 200


def main(arguments: Sequence[str]) -> int:
    """Build the reader with sanitizers and read with it in a process of its own; 0 when nothing was found."""
    options = _options(arguments)
    if options.library is not None:
        return _read(options)
    sys.stdout.write(f"seed {options.seed}\n")
    with TemporaryDirectory() as folder:
        library = Path(folder) / "_json_columns.abi3.so"
        subprocess.run(_compilation(library), check=True)  # noqa: S603 - our own command
        environment = {
            **os.environ,
            "LD_PRELOAD": " ".join(map(_runtime, ("libasan.so", "libubsan.so"))),
            # Python's own memory is not to be hidden from the sanitizer; what Python leaks at its end is not ours.
            "PYTHONMALLOC": "malloc",
            "ASAN_OPTIONS": "detect_leaks=0",
        }
        again = [sys.executable, "-m", "torture.json_lines", f"--library={library}", *arguments]
        command = [*again, f"--seed={options.seed}"]
        return subprocess.run(command, check=False, cwd=_ROOT, env=environment).returncode  # noqa: S603 - our own command


def _compilation(library: Path) -> list[str]:
    sanitize = [f"-fsanitize={','.join(_SANITIZERS)}", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"]
    include = f"-I{sysconfig.get_path('include')}"
    return ["gcc", "-g", "-O1", "-shared", "-fPIC", *sanitize, include, str(_SOURCE), "-o", str(library)]


def _runtime(name: str) -> str:
    command = ["gcc", f"-print-file-name={name}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603 - our own command


def _read(options: argparse.Namespace) -> int:
    _use(options.library)
    from exporter.decoders import compiled
    from tests.fuzz.near_lines import payload
    from tests.fuzz.targets import ParserError, json_labels, json_predictions

    assert compiled.native.__file__ == str(options.library)
    until, count = time.monotonic() + options.seconds, 0
    while time.monotonic() < until:
        lines = payload(Random(f"{options.seed} {count}"), _LINES)  # noqa: S311 - inputs, not secrets
        try:
            json_predictions(lines)
            json_labels(lines)
        except ParserError as error:
            sys.stdout.write(f"payload {count}: {error}\n")
            return 1
        count += 1
    sys.stdout.write(
        f"{count} payloads of {_LINES} lines, no difference, nothing found by {' and '.join(_SANITIZERS)}\n"
    )
    return 0


def _use(library: Path) -> None:
    """Let the exporter import this build of its reader."""
    spec = spec_from_file_location(_MODULE, library, loader=ExtensionFileLoader(_MODULE, str(library)))
    assert spec is not None
    assert spec.loader is not None
    sys.modules[_MODULE] = module_from_spec(spec)
    spec.loader.exec_module(sys.modules[_MODULE])


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m torture json_lines", description=__doc__)
    parser.add_argument("--seconds", type=float, default=300, help="how long (default %(default)s)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="by default the clock's; it is printed")
    parser.add_argument("--library", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
