"""Steps and commits until the logs are read, in processes that die after so many events: statements of SQLite, steps.

Prints how many were killed. The processes are forks of this one, which has no threads and has loaded everything.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from pathlib import Path

from exporter.capture.profiles import profile_of
from exporter.configuration import load
from exporter.pipeline import Pipeline
from exporter.state import persistence
from exporter.state.database import State
from tests.exporter.synthetic import NOW


class Fuse:
    """Kills this process, as nothing can be caught or cleaned up after, once it has been touched often enough."""

    def __init__(self, events: int) -> None:
        self.left = events

    def touch(self, _: object = None) -> None:
        self.left -= 1
        if self.left < 0:
            os.kill(os.getpid(), signal.SIGKILL)


def work(logs: Path, folder: Path, events: int) -> None:
    fuse = Fuse(events)
    model = next(iter(load(logs / "driftbell.yml").configuration.models.values()))
    with State(folder) as state:
        pipeline = Pipeline(model, profile_of(model, None), 7, batch_bytes=4000)
        persistence.restore(pipeline, state)
        state._database.set_trace_callback(fuse.touch)
        more = True
        while more:
            more = pipeline.step(NOW)
            fuse.touch()
            with state.transaction():
                persistence.save(pipeline, state)
            persistence.saved(pipeline)


def main(logs: Path, folder: Path) -> int:
    """Return the number of kills until one process lived to the end."""
    random_ = random.Random(9)
    for kills in range(50):
        child = os.fork()
        if not child:
            work(logs, folder, random_.randrange(5, 400) + 4 * kills)
            os._exit(0)
        if os.waitpid(child, 0)[1] == 0:
            return kills
        random_.random()
    raise RuntimeError("no process came to the end")


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), Path(sys.argv[2])))  # noqa: T201  # read by the test
