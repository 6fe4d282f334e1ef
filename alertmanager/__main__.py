"""``python -m alertmanager``."""

from __future__ import annotations

import sys

from alertmanager.command_line import main

if __name__ == "__main__":
    sys.exit(main())
