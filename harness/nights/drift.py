# SPDX-License-Identifier: GPL-2.0-only
"""Whether something became slower or faster: the median of the last nights against that of the nights before.

One value for each night, the median of its runs: neither one slow run nor one bad night makes a drift.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median

from harness.nights.model import Past, Series
from harness.outcome import Verdict
from harness.report.facts import BOOT, RATE

TIME = "time"
# What it is called, its unit, and whether more of it is worse.
NAMES: Mapping[str, tuple[str, str, bool]] = {
    BOOT: ("boot time", "s", True),
    RATE: ("throughput", "messages/s", False),
    TIME: ("duration", "s", True),
}
# Durations below this are mostly the start of a process.
_SHORTEST_S = 0.5


@dataclass(frozen=True, slots=True)
class Measure:
    """When something has drifted.

    :ivar last: as many nights make up the present; at least as many must lie before them.
    :ivar threshold: per cent by which the medians must differ.
    :ivar nights: the last ones are looked at, however many there are.
    """

    last: int = 3
    threshold: float = 20.0
    nights: int = 60

    @property
    def definition(self) -> str:
        """In words."""
        return (f"A figure has drifted if the median of its last {self.last} nights differs from the "
                f"median of those before them by {self.threshold:g} % or more, of the last {self.nights} "
                "nights. The value of a night is the median of its runs that passed. "
                f"Fewer than {2 * self.last} nights with a value tell nothing.")


@dataclass(frozen=True, slots=True)
class Trend:
    """One figure of one series over the nights.

    :ivar values: date and value of each night that has one.
    :ivar before: median of the nights before the last ones; None: too few nights to tell.
    :ivar now: median of the last ones.
    """

    series: Series
    name: str
    values: tuple[tuple[str, float], ...]
    before: float | None = None
    now: float | None = None
    drifted: bool = False

    @property
    def change(self) -> float | None:
        """In per cent of `before`; None if it cannot be told."""
        if self.before is None or self.now is None or not self.before:
            return None
        return 100 * (self.now - self.before) / self.before

    @property
    def worse(self) -> bool:
        """Whether the change is one for the worse."""
        return self.change is not None and (self.change > 0) == NAMES[self.name][2]


def trends(past: Past, measure: Measure) -> tuple[Trend, ...]:
    """All figures that two nights or more have: those that drifted for the worse first, then the better."""
    found = []
    for (series, name), by_night in _values(past.last(measure.nights)).items():
        values = tuple((night, median(figures)) for night, figures in by_night.items())
        if len(values) > 1:
            found.append(_trend(series, name, values, measure))
    return tuple(sorted(found, key=_weight))


def _weight(trend: Trend) -> tuple[bool, bool, float, str, str]:
    return (not trend.drifted, not trend.worse, -abs(trend.change or 0.0), trend.name, str(trend.series))


def _values(past: Past) -> dict[tuple[Series, str], dict[str, list[float]]]:
    found: dict[tuple[Series, str], dict[str, list[float]]] = {}
    for night in past.nights:
        for run in night.runs:
            if run.verdict is not Verdict.PASS:
                continue
            figures = {**run.facts.measures, **dict(_duration(run.seconds))}
            for name, value in figures.items():
                if name in NAMES:
                    found.setdefault((run.series, name), {}).setdefault(night.date, []).append(value)
    return found


def _duration(seconds: float) -> Iterator[tuple[str, float]]:
    if seconds >= _SHORTEST_S:
        yield TIME, seconds


def _trend(series: Series, name: str, values: tuple[tuple[str, float], ...], measure: Measure) -> Trend:
    if len(values) < 2 * measure.last:
        return Trend(series, name, values)
    figures = [value for _, value in values]
    before, now = median(figures[: -measure.last]), median(figures[-measure.last:])
    found = Trend(series, name, values, before, now)
    drifted = found.change is not None and abs(found.change) >= measure.threshold
    return Trend(series, name, values, before, now, drifted)
