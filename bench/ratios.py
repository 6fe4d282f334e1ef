"""What is compared with what, and the bars."""

from __future__ import annotations

from dataclasses import dataclass

from bench.contest import Contestant
from bench.data import LINES


@dataclass(frozen=True, slots=True)
class Ratio:
    """``peer / ours`` in CPU seconds for the same work, which shall be at least ``bar``; None: no bar, named only.

    ``ours_per_peer`` is how many times our turn does the peer's work. With ``at_most`` the ratio is ours / peer.
    """

    name: str
    peer: Contestant
    bar: float | None
    ours_per_peer: float = 1.0
    at_most: bool = False


@dataclass(frozen=True, slots=True)
class Contest:
    """Our contestant and those that take turns with it; ``same_value`` says that all must return the same number.

    ``rate`` is how many records a turn of ours works through, and how many a CPU second shall do at least.
    """

    name: str
    ours: Contestant
    ratios: tuple[Ratio, ...] = ()
    same_value: bool = False
    rate: tuple[int, float] | None = None


def _ours(module: str, *arguments: str) -> Contestant:
    return Contestant(f"bench.ours.{module}", arguments)


def _script(module: str, *arguments: str) -> Contestant:
    return Contestant(f"bench.peers.{module}", arguments, "script")


_WIDE_PEERS = (
    ("scipy", _script("scipy_drift"), 5),
    ("nannyml", Contestant("bench.peers.nannyml_drift", (), "nannyml"), 5),
    ("alibi-detect", Contestant("bench.peers.alibi_drift", (), "alibi-detect"), 5),
    ("whylogs", Contestant("bench.peers.whylogs_drift", (), "whylogs"), 20),
    ("evidently", Contestant("bench.peers.evidently_drift", (), "evidently"), 70),
)

# Features that are evaluated for each of 20 calls: 16 of a window, 400 times.
_FROM_COUNTS = 400 * 16 / 20
# In 120 evaluations, of 100 features in 2 windows.
_SERVED = 120 * 2 * 100 / 20

CONTESTS = (
    Contest(
        "lines-to-columns",
        _ours("lines"),
        (
            Ratio("duckdb-read_json", _script("duckdb_lines"), 1.25, at_most=True),
            Ratio("orjson-10000-lines", _script("orjson_lines", "10000"), 2.5),
            Ratio("orjson-100-lines", _script("orjson_lines", "100"), 1.4),
        ),
        same_value=True,
    ),
    Contest(
        "100-lines-to-columns",
        _ours("lines_100"),
        (Ratio("orjson-100-lines", _script("orjson_lines", "100"), None),),
        same_value=True,
    ),
    Contest(
        "counting-1024-edges",
        _ours("counting", "1024"),
        (Ratio("searchsorted-bincount", _script("searchsorted_counting", "1024"), 4),),
        same_value=True,
    ),
    Contest(
        "counting-64-edges",
        _ours("counting", "64"),
        (Ratio("searchsorted-bincount", _script("searchsorted_counting", "64"), None),),
        same_value=True,
    ),
    Contest(
        "drift-100000x50",
        _ours("wide_window"),
        tuple(Ratio(name, peer, bar) for name, peer, bar in _WIDE_PEERS),
    ),
    Contest(
        "drift-100000x50-shipped",
        _ours("wide_window_shipped"),
        tuple(Ratio(name, peer, None) for name, peer, _ in _WIDE_PEERS),
    ),
    Contest(
        "evaluation-from-counts-per-feature",
        _ours("evaluation_from_counts", "2048", "40000"),
        (Ratio("scipy-ks_2samp-50000-10000", _script("scipy_ks"), 200, ours_per_peer=_FROM_COUNTS),),
    ),
    Contest(
        "evaluation-from-counts-per-feature-10000-edges",
        _ours("evaluation_from_counts", "10000", "40000"),
        (Ratio("scipy-ks_2samp-50000-10000", _script("scipy_ks"), None, ours_per_peer=_FROM_COUNTS),),
    ),
    Contest(
        "evaluation-from-packed-panes-per-feature",
        _ours("evaluation", "2048", "40000"),
        (Ratio("scipy-ks_2samp-50000-10000", _script("scipy_ks"), None, ours_per_peer=16),),
    ),
    Contest(
        "served-evaluation-per-feature",
        _ours("evaluation_served", "2048"),
        (Ratio("scipy-ks_2samp-50000-10000", _script("scipy_ks"), 200, ours_per_peer=_SERVED),),
    ),
    Contest(
        "evaluation-does-not-grow",
        _ours("evaluation", "2048", "200000"),
        (Ratio("a-fifth-of-the-rows", _ours("evaluation", "2048", "40000"), 1.25, at_most=True),),
    ),
    Contest(
        "cost-of-twice-the-rows",
        _ours("counting_rows", "200000"),
        (Ratio("half-of-them", _ours("counting_rows", "100000"), 2.2, at_most=True),),
    ),
    Contest(
        "exposition-10000-series",
        _ours("exposition"),
        (Ratio("generate_latest", _script("client_exposition"), 5),),
    ),
    Contest(
        "gzip-scrape-10000-series",
        _ours("scrape"),
        (Ratio("start_http_server", _script("client_scrape"), 50, ours_per_peer=10),),
    ),
    Contest(
        "label-join-1000000",
        _ours("join"),
        (
            Ratio("dict", _script("dict_join"), 1.5),
            Ratio("dict-of-the-same-work", _script("dict_join_same_work"), None),
        ),
        same_value=True,
    ),
    Contest(
        "log-to-gauges",
        _ours("log_to_gauges"),
        (Ratio("script-evaluating-once", _script("script_log_to_gauges"), 5),),
        rate=(LINES, 200_000),
    ),
    Contest(
        "log-to-gauges-2048-edges",
        _ours("log_to_gauges", "2048"),
        (Ratio("script-evaluating-once", _script("script_log_to_gauges"), None),),
        rate=(LINES, 200_000),
    ),
)
