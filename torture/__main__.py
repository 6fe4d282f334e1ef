"""``python -m torture``: every campaign in turn; ``python -m torture NAME [OPTIONS]``: one of them.

A campaign is a module of this folder with ``main(arguments) -> exit code``, which prints its figures as it goes; the
first line of its docstring says here what it does.
"""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Sequence
from importlib import import_module

import torture

# Measures rather than breaks, and takes its time for it: only when it is asked for.
_ALONE = {"soak"}


def campaigns() -> list[str]:
    """The names of what can be run."""
    return [name for _, name, _ in pkgutil.iter_modules(torture.__path__) if not name.startswith("_")]


def main(arguments: Sequence[str]) -> int:
    """Run one campaign with its options, or all with their defaults; 0 when nothing was found."""
    names = campaigns()
    if not arguments:
        return max(run(name, []) for name in names if name not in _ALONE)
    name, *options = arguments
    if name not in names:
        sys.stderr.write(_usage(names))
        return 2
    return run(name, options)


def run(name: str, options: Sequence[str]) -> int:
    sys.stdout.write(f"# {name} {' '.join(options)}".rstrip() + "\n")
    sys.stdout.flush()
    return int(import_module(f"torture.{name}").main(options))


def _usage(names: Sequence[str]) -> str:
    lines = [f"  {name:<10} {(import_module(f'torture.{name}').__doc__ or '').splitlines()[0]}" for name in names]
    return "\n".join(["usage: python -m torture [NAME [OPTIONS]]", *lines, ""])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
