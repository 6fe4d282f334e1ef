"""Counters follow the clock on the wall, windows that of the events: what a real Prometheus makes of both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.end_to_end.simulation import (
    DAY,
    ERRORS,
    HOUR,
    MINUTE,
    RATE,
    ROWS,
    SCRAPE,
    START,
    Pod,
    Traffic,
    append,
    request,
    run,
)
from tests.end_to_end.stored import Stored, stored

OLD_ROWS = 4320
DROP_ROWS = 720
FIRST_DROP = START + HOUR + 2 * MINUTE
DROPS_END = START + 135 * MINUTE
OUTAGE = (START + 20 * MINUTE, START + 140 * MINUTE)


@pytest.fixture(scope="module")
def pods(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Pod]:
    folder = tmp_path_factory.mktemp("clocks")
    made = [scenario(folder / str(i)) for i, scenario in enumerate((steady, outage, old_logs, killed, drops))]
    return {name: pod for each in made for name, pod in each.items()}


@pytest.fixture(scope="module")
def answers(pods: Mapping[str, Pod], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stored]:
    with stored(pods.values(), tmp_path_factory.mktemp("stored")) as server:
        yield server


def steady(folder: Path) -> Mapping[str, Pod]:
    traffic, pod = Traffic(folder), Pod(Traffic(folder), "steady")
    pod.start(START)
    run(START, START + 40 * MINUTE, [pod], lambda now: traffic.write(now - SCRAPE, now))
    return {"steady": pod}


def outage(folder: Path) -> Mapping[str, Pod]:
    """The exporter is down for two hours; it takes some scrapes to make up for it."""
    traffic, pod = Traffic(folder), Pod(Traffic(folder), "outage", batch_bytes=100_000, steps=1)
    pod.start(START)
    run(START, OUTAGE[0], [pod], lambda now: traffic.write(now - SCRAPE, now))
    pod.kill()
    run(*OUTAGE, [], lambda now: traffic.write(now - SCRAPE, now))
    pod.start(OUTAGE[1])
    run(OUTAGE[1], OUTAGE[1] + 40 * MINUTE, [pod], lambda now: traffic.write(now - SCRAPE, now))
    return {"outage": pod}


def old_logs(folder: Path) -> Mapping[str, Pod]:
    """Three days of logs, read so slowly that it takes many scrapes."""
    traffic = Traffic(folder)
    traffic.write(START - 3 * DAY, START, OLD_ROWS)
    found = Pod(traffic, "found", batch_bytes=20_000, steps=1)
    from_now = Pod(traffic, "from now", more="start_at: now", batch_bytes=20_000, steps=1)
    for pod in (found, from_now):
        pod.start(START)
        pod.work(START)
    run(START, START + 25 * MINUTE, [found, from_now], lambda now: traffic.write(now - SCRAPE, now))
    return {"found": found, "from now": from_now}


def killed(folder: Path) -> Mapping[str, Pod]:
    traffic, pod = Traffic(folder), Pod(Traffic(folder), "killed")
    pod.start(START)

    def before(now: float) -> None:
        traffic.write(now - SCRAPE, now)
        if now % (7 * SCRAPE) == 0:
            # Read, and not committed yet.
            pod.work(now - SCRAPE)
            pod.kill()
            pod.start(now)

    run(START, START + 15 * MINUTE, [pod], before)
    return {"killed": pod}


def drops(folder: Path) -> Mapping[str, Pod]:
    """Each hour's requests come in five files two minutes after the hour, and are read bit by bit."""
    traffic = Traffic(folder)
    pod = Pod(
        traffic,
        "drops",
        predictions="{path: 'drop*.jsonl', delivery: {batch: 1h}}",
        batch_bytes=10_000,
        steps=2,
    )

    def before(now: float) -> None:
        hours, since = divmod(now - START, HOUR)
        if hours and since == 2 * MINUTE:
            for part in range(5):
                numbers = range(part, DROP_ROWS, 5)
                first = round(hours - 1) * DROP_ROWS
                lines = [request(first + number, START + (first + number) * HOUR / DROP_ROWS) for number in numbers]
                append(folder / f"drop{hours:.0f}-{part}.jsonl", lines)

    pod.start(START + 50 * MINUTE)
    run(START + 50 * MINUTE, DROPS_END, [pod], before)
    return {"drops": pod}


def requests(job: str) -> str:
    return f'ml_requests_total{{job="{job}"}}'


def rate(job: str) -> str:
    return f"sum by (model_name) (rate({requests(job)}[5m]))"


def vetoed(job: str) -> str:
    """A rate where nothing says that it shows something else than the traffic of the moment."""
    delayed = f'ml_exporter_delayed_rows_total{{job="{job}",source="predictions"}}'
    return f"{rate(job)} unless on (model_name) (sum by (model_name) (increase({delayed}[5m])) > 0)"


def test_steady_traffic_is_what_it_is(answers: Stored) -> None:
    end = START + 40 * MINUTE
    rates = answers.values(rate("steady"), START + 5 * MINUTE + SCRAPE, end)
    assert rates == pytest.approx([RATE] * len(rates))
    assert len(rates) > 100
    whole = f"sum(increase({requests('steady')}[{40 * MINUTE - SCRAPE}s]))"
    assert answers.value(whole, end) == pytest.approx(40 * MINUTE * RATE - ROWS)
    assert answers.value(f"sum(resets({requests('steady')}[1h]))", end) == 0


def test_a_catch_up_loses_nothing_and_repeats_nothing(answers: Stored) -> None:
    end = OUTAGE[1] + 40 * MINUTE
    whole = f"sum(increase({requests('outage')}[{end - START - SCRAPE}s]))"
    assert answers.value(whole, end) == pytest.approx((end - START) * RATE - ROWS)
    assert answers.value(f"sum(resets({requests('outage')}[4h]))", end) == 0
    assert answers.value('sum(ml_labels_total{job="outage",outcome="orphan"})', end) == 0
    assert answers.value('sum(ml_exporter_late_rows_total{job="outage"})', end) == 0


def test_the_spike_of_a_catch_up_can_be_vetoed(answers: Stored) -> None:
    start, end = OUTAGE[1], OUTAGE[1] + 40 * MINUTE
    assert max(answers.values(rate("outage"), start, end)) > 10 * RATE
    calm = answers.values(vetoed("outage"), start, end)
    assert max(calm) < 1.2 * RATE
    assert len(calm) > 100


def test_a_catch_up_is_no_outage(answers: Stored) -> None:
    everything = (START, OUTAGE[1] + 40 * MINUTE)
    assert min(answers.values(vetoed("outage"), *everything)) > 0


def test_old_logs_are_no_burst(answers: Stored) -> None:
    end = START + 25 * MINUTE
    increases = answers.values(f"sum(increase({requests('found')}[5m]))", START, end)
    assert max(increases) < 1.2 * RATE * 5 * MINUTE
    counts = answers.values(f"sum({requests('found')})", START, end)
    # It took many scrapes to read them, and no counter was there until it was done.
    assert len(counts) < 25 * MINUTE // SCRAPE - 5
    assert counts[0] >= OLD_ROWS
    assert counts[-1] == OLD_ROWS + 25 * MINUTE * RATE
    lag = answers.values('ml_exporter_source_lag_seconds{job="found",source="predictions"}', START, end)
    assert (max(lag) > DAY, lag[-1]) == (True, 0)
    gauges = answers.values('ml_window_requests{job="found",model_version=""}', START, end)
    assert len(gauges) > len(counts) + 3


def test_only_what_comes_after_the_start_counts_if_wanted(answers: Stored) -> None:
    end = START + 25 * MINUTE
    assert answers.value(f"sum({requests('from now')})", end) == 25 * MINUTE * RATE
    assert answers.value('ml_exporter_ignored_rows_total{job="from now",source="predictions"}', end) == OLD_ROWS
    assert max(answers.values(f"sum(increase({requests('from now')}[5m]))", START, end)) < 1.2 * RATE * 5 * MINUTE


def test_no_kill_makes_a_counter_fall(answers: Stored, pods: Mapping[str, Pod]) -> None:
    end = START + 15 * MINUTE
    counters = {name for line in pods["killed"].page if (name := line.partition("{")[0]).endswith(("_total", "_count"))}
    assert len(counters) > 10
    for name in counters:
        assert set(answers.values(f'resets({name}{{job="killed"}}[1h])', end, end)) == {0}, name
    assert answers.value(f"sum({requests('killed')})", end) == 15 * MINUTE * RATE


def test_windows_of_drops_are_always_whole(answers: Stored) -> None:
    first, end = FIRST_DROP + 2 * MINUTE, DROPS_END
    rows = answers.values('ml_window_requests{job="drops",model_version=""}', first, end)
    assert len(rows) == (end - first) // SCRAPE + 1
    assert min(rows) > 0.97 * DROP_ROWS
    ratios = answers.values('ml_error_ratio{job="drops",model_version=""}', first, end)
    assert ratios == pytest.approx([1 / ERRORS] * len(rows), rel=0.05)


def test_windows_of_drops_are_absent_rather_than_empty(answers: Stored) -> None:
    assert min(answers.values('ml_window_requests{job="drops",model_version=""}', START, DROPS_END)) > 0


def test_rates_of_drops_can_be_told_from_others(answers: Stored) -> None:
    end = DROPS_END
    batch = 'group by (job, model_name) (ml_exporter_source_info{source="predictions",delivery="batch"})'
    assert len(answers.values(f"{rate('drops')} > 0", START, end)) > 10
    assert answers.values(f"{rate('drops')} unless on (model_name) {batch}", FIRST_DROP, end) == []
    assert answers.value('ml_exporter_source_period_seconds{job="drops",source="predictions"}', end) == HOUR
    info = answers.instant('ml_exporter_source_info{source="predictions"}', START + 15 * MINUTE)
    assert {dict(labels)["delivery"] for labels in info} == {"continuous"}


def test_from_when_on_a_model_counts_survives_a_kill_at_once(tmp_path: Path) -> None:
    traffic = Traffic(tmp_path)
    traffic.write(START - HOUR, START, 100)
    pod = Pod(traffic, "job", more="start_at: now", steps=1)
    pod.start(START)
    pod.work(START)
    pod.kill()
    traffic.write(START, START + SCRAPE)
    pod.start(START + SCRAPE)
    pod.scrape(START + SCRAPE)
    pod.scrape(START + 2 * SCRAPE)
    pod.kill()
    assert [float(line.split()[-1]) for line in pod.page if line.startswith("ml_requests_total")] == [ROWS]
