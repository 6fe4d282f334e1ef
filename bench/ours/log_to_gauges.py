"""From the log file to the page: what `serve` does with a log that is there, its state committed."""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.data import LINES
from bench.ours.model import configuration_of, pipeline_of
from exporter.service.app import App
from exporter.state.database import State

# The page must be that of the whole log.
_ALL_OF_THEM = re.compile(rb"^ml_requests_total\{[^}]*\} %d$" % LINES, re.MULTILINE)


def prepare(folder: Path, edges: str = "10000") -> Callable[[], int]:
    configuration = configuration_of(folder, edges)

    def work() -> int:
        state_folder = Path(tempfile.mkdtemp(dir=folder, prefix="state-"))
        with State(state_folder) as state:
            app = App(configuration, state, lambda: time.time_ns() // 1000)
            app.add(pipeline_of(folder, edges, finish=False))
            while app.step():
                pass
            # The step that found the end has evaluated; this is the commit with which `serve` ends.
            app.commit()
            page = app.body()
            app.close()
        shutil.rmtree(state_folder)
        assert page is not None
        assert _ALL_OF_THEM.search(page)
        return len(page)

    return work
