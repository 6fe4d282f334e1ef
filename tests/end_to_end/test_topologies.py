"""Several exporters of one model: what sums over a fleet, and what must not be summed over a pair."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.end_to_end.simulation import MINUTE, RATE, SCRAPE, START, Pod, Traffic, run
from tests.end_to_end.stored import Series, Stored, stored

PODS = ("a", "b", "c")
FLEET_ENDS = START + 41 * MINUTE
PAIR_ENDS = START + 20 * MINUTE
# Counters that add up over a fleet.
ADDITIVE = (
    "ml_requests_total",
    "ml_failed_requests_total",
    "ml_errors_total",
    "ml_request_duration_seconds_count",
    "ml_predictions_total",
    "ml_feature_bin_rows_total",
    "ml_confusion_rows_total",
    'ml_labels_total{outcome!="orphan"}',
)
ORPHANS = 'ml_labels_total{outcome="orphan"}'
READ = 'ml_exporter_rows_total{source="labels"}'
IGNORED = 'ml_exporter_ignored_rows_total{source="labels"}'


@pytest.fixture(scope="module")
def pods(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Pod]:
    folder = tmp_path_factory.mktemp("topologies")
    return {**fleet(folder / "fleet"), **pair(folder / "pair")}


@pytest.fixture(scope="module")
def answers(pods: Mapping[str, Pod], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stored]:
    with stored(pods.values(), tmp_path_factory.mktemp("stored")) as server:
        yield server


def fleet(folder: Path) -> Mapping[str, Pod]:
    """Three exporters with a third of the requests each and all labels, and one that sees everything."""
    traffic = Traffic(folder)
    labels = "path: labels.jsonl, horizon: 10m, settle: 2m"
    whole = Pod(traffic, "whole", predictions="'predictions-*.jsonl'", labels=f"{{{labels}}}")
    parts = [
        Pod(traffic, "fleet", name, predictions=f"predictions-{name}.jsonl", labels=f"{{{labels}, shared: true}}")
        for name in PODS
    ]
    for pod in (whole, *parts):
        pod.start(START)
    logs = [f"predictions-{name}.jsonl" for name in PODS]
    run(START, START + 10 * MINUTE, [whole, *parts], lambda now: traffic.write(now - SCRAPE, now, logs=logs))
    # A little longer, until every label has settled and none can find its prediction any more.
    run(
        START + 10 * MINUTE,
        FLEET_ENDS,
        [whole, *parts],
        lambda now: None if now % (2 * MINUTE) else traffic.write(now - SCRAPE, now, len(PODS), logs=logs),
    )
    return {"whole": whole, **{f"fleet {name}": pod for name, pod in zip(PODS, parts, strict=True)}}


def pair(folder: Path) -> Mapping[str, Pod]:
    """Two exporters on the same logs, one of which is killed and comes back after two minutes."""
    traffic = Traffic(folder)
    first, second = (Pod(traffic, "pair", name) for name in "ab")
    for pod in (first, second):
        pod.start(START)
    run(START, START + 8 * MINUTE, [first, second], lambda now: traffic.write(now - SCRAPE, now))
    second.kill()
    run(START + 8 * MINUTE, START + 10 * MINUTE, [first], lambda now: traffic.write(now - SCRAPE, now))
    second.start(START + 10 * MINUTE)
    run(START + 10 * MINUTE, PAIR_ENDS, [first, second], lambda now: traffic.write(now - SCRAPE, now))
    return {"first": first, "second": second}


def of(job: str, selector: str) -> str:
    """A selector of a job's series."""
    name, _, rest = selector.partition("{")
    return f'{name}{{job="{job}"{"," + rest if rest else "}"}'


@pytest.mark.parametrize("selector", ADDITIVE)
def test_a_fleet_adds_up_to_one(answers: Stored, selector: str) -> None:
    parts = answers.instant(f"sum without (job, instance) ({of('fleet', selector)})", FLEET_ENDS)
    whole = answers.instant(f"sum without (job, instance) ({of('whole', selector)})", FLEET_ENDS)
    assert parts == whole
    assert total(whole) > 0


def test_each_pod_of_a_fleet_has_a_share(answers: Stored) -> None:
    shares = answers.instant(f"sum by (instance) ({of('fleet', 'ml_requests_total')})", FLEET_ENDS)
    assert len(shares) == len(PODS)
    assert max(points[0][1] for points in shares.values()) < 0.5 * total(shares)


def test_labels_of_other_pods_are_no_orphans(answers: Stored) -> None:
    for job in ("fleet", "whole"):
        assert answers.value(f"sum({of(job, ORPHANS)})", FLEET_ENDS) == 0
    read = answers.value(f"sum({of('fleet', READ)})", FLEET_ENDS)
    ignored = answers.value(f"sum({of('fleet', IGNORED)})", FLEET_ENDS)
    # Every label is read three times and is one pod's; those of the horizon are not given up yet.
    assert 0.85 * read * 2 / 3 < ignored < read * 2 / 3
    assert answers.value(f"sum({of('whole', 'ml_exporter_ignored_rows_total')})", FLEET_ENDS) == 0


def test_either_of_a_pair_is_the_whole(answers: Stored) -> None:
    for selector in ADDITIVE:
        both = answers.instant(f"max without (job, instance) ({of('pair', selector)})", PAIR_ENDS)
        for instance in "ab":
            one = answers.instant(
                f'sum without (job, instance) ({of("pair", selector)} and {{instance="{instance}"}})', PAIR_ENDS
            )
            assert one == both, selector
        twice = answers.instant(f"sum without (job, instance) ({of('pair', selector)})", PAIR_ENDS)
        assert total(twice) == 2 * total(both) > 0


def test_a_restart_of_one_of_a_pair_is_not_to_be_seen(answers: Stored) -> None:
    requests = of("pair", "ml_requests_total")
    rates = answers.values(f"max without (instance) (rate({requests}[2m]))", START + 3 * MINUTE, PAIR_ENDS)
    assert min(rates) == pytest.approx(RATE)
    counts = answers.values(f"max without (instance) ({requests})", START + SCRAPE, PAIR_ENDS)
    assert counts == sorted(counts)
    assert counts[-1] == (PAIR_ENDS - START) * RATE
    assert set(answers.values(f"resets({requests}[1h])", PAIR_ENDS, PAIR_ENDS)) == {0}


def total(series: Series) -> float:
    return sum(points[0][1] for points in series.values())
