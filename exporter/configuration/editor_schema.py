"""The JSON Schema of the configuration file, for editors that complete and check while one types.

It is generated and committed beside this module, so that it can be named by its path without running
anything. It knows the shape; cross checks are only made by ``parse``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from exporter.configuration.schema import Configuration

SCHEMA_FILE = Path(__file__).with_name("driftbell.schema.json")
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the file, shorthands included."""
    schema = Configuration.model_json_schema(mode="validation")
    return {"$schema": _DIALECT, **schema, "title": "Driftbell configuration"}


def schema_text() -> str:
    """Return what ``SCHEMA_FILE`` has to hold."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
