"""A month of simulated time: with restarts and kills the same figures as without."""

from __future__ import annotations

import random
from pathlib import Path

from tests.end_to_end.crash.pages import differences, fallen, series_of
from tests.end_to_end.simulation import DAY, HOUR, START, Pod, Traffic

DAYS = 30
STEP = 6
ROWS = 60
# What lasts for the whole month, and what comes and goes within it.
MORE = """\
slos: {up: {availability: true, objective: 0.99, period: 30d}, fast: {latency: 1s, objective: 0.9, calendar: week}}
    drift: {min_rows: 3, sequential: {slice: 1h}}
    version_ttl: 20d
    idle_timeout: 3h"""


def test_restarts_change_nothing_in_a_month(tmp_path: Path) -> None:
    traffic = Traffic(tmp_path / "logs")
    steady = Pod(traffic, "steady", more=MORE)
    restless = Pod(traffic, "restless", more=MORE)
    random_ = random.Random(30)
    for pod in (steady, restless):
        pod.start(START)
    restarts, last = 0, series_of("")
    for hour in range(STEP, 24 * DAYS + 1, STEP):
        now = START + hour * HOUR
        traffic.write(now - STEP * HOUR, now - random_.uniform(0, 600), ROWS)
        if random_.random() < 0.5:
            # Read, and not yet committed; or committed, and not yet read on.
            restless.kill()
            restless.start(now - random_.uniform(0, 60))
            restarts += 1
        for pod in (steady, restless):
            pod.work(now)
        if hour % 24 == 0:
            for pod in (steady, restless):
                pod.scrape(now)
            page = series_of("\n".join(restless.page))
            assert differences(page, series_of("\n".join(steady.page))) == [], f"day {hour // 24}"
            assert fallen(last, page) == []
            last = page
    assert restarts > 40
    assert len(last) > 100
    requests = [value for key, value in last.items() if key.startswith("ml_requests_total{")]
    assert sum(requests) == DAYS * DAY / HOUR / STEP * ROWS
    for pod in (steady, restless):
        pod.kill()
