"""The page at ``/``: what this is and where its figures are."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Driftbell</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 40rem; padding: 0 1rem; }}
</style>
</head>
<body>
<main>
<h1>Driftbell</h1>
<p>Drift, quality and data-quality figures of machine-learning models, for Prometheus. Version {version}.</p>
<nav aria-label="Endpoints">
<ul>
<li><a href="/metrics">Metrics</a></li>
<li><a href="/-/healthy">Health: is the process alive?</a></li>
<li><a href="/-/ready">Readiness: are there figures to scrape?</a></li>
</ul>
</nav>
<h2>Models</h2>
{models}
</main>
</body>
</html>
"""


def landing_page(version: str, models: Sequence[str]) -> str:
    """Return the HTML page; ``models`` are named in the given order."""
    return _PAGE.format(version=escape(version), models=_list_of(models))


def _list_of(models: Sequence[str]) -> str:
    if not models:
        return "<p>None configured.</p>"
    items = "\n".join(f"<li>{escape(model)}</li>" for model in models)
    return f"<ul>\n{items}\n</ul>"
