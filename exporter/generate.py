"""Write the files that are made from code: ``python -m exporter.generate``, or with ``--check`` say which are stale."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from exporter.catalogue_page import metrics_page
from exporter.configuration.editor_schema import SCHEMA_FILE, schema_text
from exporter.configuration.page import configuration_page

_DOCS = Path(__file__).parent.parent / "docs"

GENERATED: Mapping[Path, Callable[[], str]] = {
    _DOCS / "metrics.md": metrics_page,
    _DOCS / "configuration.md": configuration_page,
    SCHEMA_FILE: schema_text,
}


def main(argv: Sequence[str]) -> int:
    """Write every generated file, or with ``--check`` return 1 if one differs from what would be written."""
    stale = [path for path, text in GENERATED.items() if not path.exists() or path.read_text() != text()]
    if "--check" in argv:
        for path in stale:
            print(f"{path}: out of date; run make generate", file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        path.write_text(GENERATED[path]())
        print(f"{path}: written", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
