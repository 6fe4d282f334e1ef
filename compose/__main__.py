"""``python -m compose``."""

from __future__ import annotations

from compose.command_line import main

if __name__ == "__main__":
    raise SystemExit(main())
