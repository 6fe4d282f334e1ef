"""amtool, Alertmanager's own tool: does it route as the simulation does, and how does it fill in a template?"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_SECONDS = 30


class AmtoolError(RuntimeError):
    """What amtool complains about."""


def amtool() -> str | None:
    """Return the program, None where it is not installed."""
    return shutil.which("amtool")


def receivers(program: str, configuration: Path, labels: Mapping[str, str]) -> tuple[str, ...]:
    """Return who hears of an alert, whatever the hour and whatever else fires. Raises AmtoolError."""
    pairs = [f"{label}={value}" for label, value in labels.items() if value]
    said = _run(program, "config", "routes", "test", f"--config.file={configuration}", *pairs)
    return tuple(said.strip().split(","))


def check(program: str, configuration: Path) -> str:
    """Return what is wrong with a configuration, "" if nothing is."""
    try:
        _run(program, "check-config", str(configuration))
    except AmtoolError as error:
        lines = [line.partition("FAILED: ")[2] for line in str(error).splitlines()]
        return next(filter(None, lines), str(error))
    return ""


def render(program: str, templates: Path, text: str, data: Mapping[str, Any], kind: str = "text") -> str:
    """Fill in a template with the data of a notification. Raises AmtoolError."""
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(data, file)
        file.flush()
        arguments = (f"--template.glob={templates}", f"--template.text={text}", f"--template.type={kind}")
        return _run(program, "template", "render", *arguments, f"--template.data={file.name}")


def _run(program: str, *arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - the tool, with arguments of ours
            [program, *arguments], capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AmtoolError(str(error)) from error
    if done.returncode:
        # Some of its actions complain on the one, some on the other.
        raise AmtoolError(f"{done.stdout.strip()}\n{done.stderr.strip()}".strip())
    return done.stdout
