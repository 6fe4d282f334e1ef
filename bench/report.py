"""From turns to lines: ``name ratio bar ok|short|skipped``, and the table of docs/benchmarks.md."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from bench.contest import Turn
from bench.ratios import Contest, Ratio


@dataclass(frozen=True, slots=True)
class Line:
    """One figure; ``low`` and ``high`` are the quartiles over rounds. ``note`` says why there is none."""

    name: str
    figure: float | None
    low: float | None
    high: float | None
    bar: float | None
    at_most: bool
    note: str = ""

    @property
    def verdict(self) -> str:
        if self.figure is None:
            return "skipped"
        if self.bar is None:
            return "-"
        return "ok" if (self.figure <= self.bar if self.at_most else self.figure >= self.bar) else "short"

    def __str__(self) -> str:
        if self.figure is None:
            return f"{self.name} - {self._bar} skipped ({self.note})"
        return f"{self.name} {_short(self.figure)} {self._bar} {self.verdict}{self._spread}"

    @property
    def _bar(self) -> str:
        return "-" if self.bar is None else f"{'<=' if self.at_most else '>='}{_short(self.bar)}"

    @property
    def _spread(self) -> str:
        return "" if self.low is None or self.high is None else f" ({_short(self.low)} to {_short(self.high)})"

    @property
    def row(self) -> str:
        """The figure as a row of a Markdown table."""
        figure = "none" if self.figure is None else _short(self.figure)
        return f"| {self.name} | {figure}{self._spread} | {self._bar} | {self.verdict} |"

    @property
    def document(self) -> dict[str, object]:
        return asdict(self) | {"verdict": self.verdict}


def line_of(name: str, figures: Sequence[float], bar: float | None, *, at_most: bool) -> Line:
    """Return the median of some figures and their quartiles."""
    if len(figures) < 2:
        return Line(name, figures[0], None, None, bar, at_most)
    low, median, high = statistics.quantiles(figures, n=4, method="inclusive")
    return Line(name, median, low, high, bar, at_most)


def lines_of(contest: Contest, turns: Mapping[str, Sequence[Turn]], failures: Mapping[str, str]) -> Iterator[Line]:
    """Yield a line for each ratio of a contest, and for its rate."""
    ours = turns.get("ours", ())
    for ratio in contest.ratios:
        name, peers = f"{contest.name}/{ratio.name}", turns.get(ratio.name, ())
        if not ours or not peers:
            why = failures.get("ours") or failures.get(ratio.name, "no turn")
            yield Line(name, None, None, None, ratio.bar, ratio.at_most, why)
            continue
        if contest.same_value and (why := _disagreement(ours, peers)):
            yield Line(name, None, None, None, ratio.bar, ratio.at_most, why)
            continue
        yield line_of(name, _ratios(ratio, ours, peers), ratio.bar, at_most=ratio.at_most)
    if contest.rate and ours:
        records, bar = contest.rate
        rates = [records / turn.cpu for turn in ours]
        yield line_of(f"{contest.name}/records-per-core-second", rates, bar, at_most=False)


def _ratios(ratio: Ratio, ours: Sequence[Turn], peers: Sequence[Turn]) -> list[float]:
    """Return the ratio of each round, so that what slows a round down slows both."""
    if ratio.at_most:
        return [mine.cpu / peer.cpu for mine, peer in zip(ours, peers, strict=True)]
    return [peer.cpu * ratio.ours_per_peer / mine.cpu for mine, peer in zip(ours, peers, strict=True)]


def _disagreement(ours: Sequence[Turn], peers: Sequence[Turn]) -> str:
    mine, theirs = ours[0].value, peers[0].value
    return "" if abs(mine - theirs) <= 1e-9 * max(abs(mine), 1) else f"found {theirs}, ours {mine}"


def _short(number: float) -> str:
    return f"{number:.3g}" if abs(number) < 1000 else f"{number:.0f}"
