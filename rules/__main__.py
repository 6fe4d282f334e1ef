"""``python -m rules``."""

from __future__ import annotations

import sys

from rules.command_line import main

if __name__ == "__main__":
    sys.exit(main())
