"""What makes the alerts on the model itself fire: its age, its versions, its reference."""

from __future__ import annotations

from exporter import catalogue
from rules.testing.inputs import GONE, Series, constant, count, during, level, series
from rules.testing.limits import limits
from rules.testing.specification import Case, Fires, Specification

_STALE_LAST, _VERSIONS_LAST, _LAST = 260, 720, 130


def specifications() -> tuple[Specification, ...]:
    return (
        Specification("MLModelStale", _stale(), _STALE_LAST),
        Specification("MLSeveralVersions", _versions(), _VERSIONS_LAST, sample=5, step=5, said_at=440),
        Specification("MLReferenceMissing", _reference(), _LAST),
        # Two exporters are what it is about.
        Specification("MLReferencesDiffer", _references(), _LAST, pair=False),
    )


def _stale() -> tuple[Case, ...]:
    last, retrained = _STALE_LAST, 200
    base = limits("model_age", {"info": 3600, "warning": 7200, "critical": 1e9}, last)

    def trained(at: float) -> Series:
        return series(catalogue.MODEL_TRAINED, level((retrained, at), (last + 1 - retrained, retrained * 60)))

    # Trained after a minute, an hour is over after 61.
    due = (Fires("info", 62, retrained, value="1.086e+04"), Fires("warning", 122, retrained, value="1.086e+04"))
    steep = limits("model_age", {"info": 1e6, "warning": 3600}, last)
    return (
        Case("breach", (*base, trained(60)), due),
        Case("reversed", (*steep, trained(60)), (Fires("warning", 62, retrained),)),
        Case("unknown", (*base, trained(0))),
        Case("young", (*base, series(catalogue.MODEL_TRAINED, constant(15_000, last)))),
        Case("no_data", base),
        Case("no_limit", (trained(60),)),
    )


def _requests(samples: str, version: str, endpoint: str = "") -> Series:
    return series(catalogue.REQUESTS, samples, model_version=version, endpoint=endpoint)


def _versions() -> tuple[Case, ...]:
    last = _VERSIONS_LAST // 5
    always = _requests(count((last + 1, 10)), "1")
    # From the first hour until 500 minutes; an hour later nothing is left of it.
    second = _requests(count((12, GONE), (88, 10), (last - 99, 0)), "2")
    due = Fires("info", (60, 70), (550, 560), value="2")
    return (
        Case("breach", (always, second), (due,)),
        Case("slow", (always, _requests(count((last + 1, 1 / 16)), "2")), (Fires("info", (0, 10)),)),
        Case("three", (always, second, _requests(count((last + 1, 10)), "3")), (Fires("info", (0, 5)),)),
        Case("one", (always,)),
        Case("one_twice", (always, Series(always.metric, always.samples, {**always.labels, "instance": "b:9108"}))),
        Case("idle", (always, _requests(constant(50, last), "2"))),
        Case("endpoints", (_requests(count((last + 1, 10)), "1", "/a"), _requests(count((last + 1, 10)), "1", "/b"))),
        Case(
            "rollout",
            (always, _requests(count((12, GONE), (60, 10), (last - 71, 0)), "2")),
            (Fires("info", (60, 70), (410, 420)),),
        ),
        Case("no_data", ()),
    )


def _reference() -> tuple[Case, ...]:
    def rows(samples: str, name: str = "training") -> Series:
        return series(catalogue.REFERENCE_ROWS, samples, reference=name)

    due = Fires("warning", 10, 100, value="1")
    without = level((10, 500), (90, GONE), (_LAST - 99, 500))
    return (
        Case("breach", (rows(without),), (due,)),
        Case("healthy", (rows(constant(500, _LAST)),)),
        Case("another", (rows(without), rows(constant(500, _LAST), "last_week"))),
        Case("empty", (rows(constant(0, _LAST)),)),
        Case("too_short", (rows(level((10, 500), (59, GONE), (_LAST - 68, 500))),), (Fires("warning", 10, 69),)),
        Case("never", (), (Fires("warning", 0),)),
    )


def _references() -> tuple[Case, ...]:
    def info(samples: str, instance: str, digest: str, name: str = "training") -> Series:
        return series(catalogue.REFERENCE_INFO, samples, instance=instance, reference=name, hash=digest)

    one = info(constant(1, _LAST), "a:9108", "aaa")
    due = Fires("warning", 10, 60, {"reference": "training"}, value="2")
    return (
        Case("breach", (one, info(during(10, 60, 1, GONE, _LAST), "b:9108", "bbb")), (due,)),
        Case("healthy", (one, info(constant(1, _LAST), "b:9108", "aaa"))),
        Case("two_references", (one, info(constant(1, _LAST), "a:9108", "bbb", "last_week"))),
        Case(
            "too_short",
            (one, info(during(10, 39, 1, GONE, _LAST), "b:9108", "bbb")),
            (Fires("warning", 10, 39, {"reference": "training"}),),
        ),
        Case("no_data", ()),
    )
