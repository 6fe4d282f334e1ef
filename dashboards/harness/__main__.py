"""``python -m dashboards.harness --prometheus URL``: our dashboards on a page of one's own, for whoever has no Grafana at hand."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from dashboards.harness.server import served

_ROOT = Path(__file__).parents[2]
PAGE = _ROOT / ".tools" / "dashboards-look" / "page"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m dashboards.harness", description=__doc__)
    parser.add_argument("--prometheus", default="http://127.0.0.1:9090", help="URL of the server to ask (%(default)s)")
    parser.add_argument("--port", type=int, default=9915, help="where to listen, on loopback (%(default)s)")
    arguments = parser.parse_args()
    if not (PAGE / "index.html").exists():
        sys.stderr.write("the page is not built: make dashboards-page\n")
        return 1
    with served(PAGE, arguments.prometheus, ("127.0.0.1", arguments.port)) as url:
        sys.stdout.write(f"{url}/?board=driftbell-overview (Ctrl-C ends)\n")
        sys.stdout.flush()
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            return 0


if __name__ == "__main__":
    sys.exit(main())
