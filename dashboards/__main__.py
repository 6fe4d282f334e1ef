"""``python -m dashboards``."""

from dashboards.command_line import main

raise SystemExit(main())
