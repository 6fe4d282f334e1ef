"""What ``--help`` says of each command beyond its arguments: what it is for, and examples that work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

DOCUMENTATION = "README.md, docs/operations.md, docs/configuration.md"


class Page(NamedTuple):
    """``text`` is two lines; ``examples`` one each; ``exits`` by exit code."""

    text: str
    examples: tuple[str, ...]
    exits: Mapping[int, str]


PROGRAM = Page(
    "A Prometheus exporter for machine-learning models: it reads the prediction log that a service writes and the\n"
    "labels that come later, and serves drift, quality, data quality and traffic at /metrics.",
    (
        "driftbell check-config --config.file=driftbell.yml",
        "driftbell evaluate --config.file=driftbell.yml",
        "driftbell serve --config.file=driftbell.yml",
    ),
    {},
)

_WRONG = "the configuration, a reference or the arguments are wrong; the message says where"

PAGES: Mapping[str, Page] = {
    "serve": Page(
        "Reads the logs as they grow and serves the figures at /metrics until SIGTERM or Ctrl-C.\n"
        "SIGHUP reads the configuration again; what has been counted survives restarts, also after kill -9.",
        (
            "driftbell serve",
            "driftbell serve --config.file=/etc/driftbell/driftbell.yml --storage.path=/var/lib/driftbell",
            "driftbell serve --files.root=/var/log/models --files.root=/srv/training",
            "driftbell serve --web.listen-address=127.0.0.1:9911 --log.format=json",
            "driftbell serve --web.config.file=/etc/driftbell/web.yml --web.enable-lifecycle",
        ),
        {
            0: "stopped by SIGTERM or SIGINT, everything saved",
            1: "it failed while working, or the address or the state could not be had; the log says why",
            2: _WRONG,
            130: "ended at once by a second Ctrl-C (143: by a second SIGTERM); nothing that was saved is lost",
        },
    ),
    "evaluate": Page(
        "Reads all logs that are there once, prints the page that Prometheus would have seen, and exits.\n"
        "For CI, cron and backtests: it keeps no state and changes nothing.",
        (
            "driftbell evaluate --config.file=driftbell.yml",
            "driftbell evaluate --at=2026-02-01T00:00:00Z --labels=all",
        ),
        {
            0: "the page is printed",
            1: "a log could not be read to its end; what could be read is printed",
            2: _WRONG,
            130: "ended by Ctrl-C",
        },
    ),
    "check-config": Page(
        "Says everything that is wrong with a configuration at once, with its line and what to do, looks at the logs\n"
        "for what does not fit them, and estimates series and memory.",
        ("driftbell check-config --config.file=driftbell.yml",),
        {0: "the configuration can be used, whatever was warned of", 2: _WRONG},
    ),
    "profile": Page(
        "Condenses a model's reference data, or the first days of its log, into a small file that `reference:` takes:\n"
        "edges, counts, categories and baselines, but no rows.",
        (
            "driftbell profile holdout.parquet --task=binary --output=fraud.profile.json",
            "driftbell profile --config.file=driftbell.yml --model=fraud",
            "driftbell profile --config.file=driftbell.yml --model=fraud --from-log --for=7d",
            "driftbell profile --from-log --for=7d",
        ),
        {0: "the profile is written", 1: "it could not be written", 2: _WRONG, 130: "ended by Ctrl-C"},
    ),
}


def epilogue(page: Page) -> str:
    """Return what stands below the arguments."""
    parts = ["examples:", *(f"  {example}" for example in page.examples)]
    if page.exits:
        parts += ["", "exit codes:", *(f"  {code:<5} {meaning}" for code, meaning in page.exits.items())]
    return "\n".join([*parts, "", f"documentation: {DOCUMENTATION}"])
