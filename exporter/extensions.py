"""The compiled parts of the exporter: what each does in C is done in Python where it is missing, with the same outcome.

With ``DRIFTBELL_PURE_PYTHON=1`` in the environment none is used.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any


def extension(name: str) -> Any:
    """Return a compiled module, None if it was not built or is not wanted."""
    if os.environ.get("DRIFTBELL_PURE_PYTHON", "") not in ("", "0"):
        return None
    try:
        return import_module(name)
    except ImportError:  # there was no compiler
        return None
