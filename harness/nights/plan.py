# SPDX-License-Identifier: GPL-2.0-only
"""What a night runs, in which order, and what does not fit into its time. Pure: it starts nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from harness.nights.model import LeftOut, Past
from harness.nights.quarantine import Entry

# What nobody has measured yet is taken to need the median of the rest, or this.
_UNKNOWN_S = 5.0
# Start of a session; and what a scenario needs beside the time that is recorded of it.
_SESSION_S = 3.0
_BESIDE_S = 0.2
_SLACK = 1.15


@dataclass(frozen=True, slots=True)
class Unit:
    """A scenario that can be run.

    :ivar target: what `harness run` calls it.
    :ivar seconds: how long it takes, as recorded; None: not known.
    :ivar long: runs only when there is time beside the set.
    """

    name: str
    target: str
    seconds: float | None = None
    long: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """Units that fit, in the order in which they were chosen, and those that do not."""

    units: tuple[Unit, ...]
    left_out: tuple[LeftOut, ...] = ()
    expected: float = 0.0


def expected(units: Sequence[Unit], jobs: int, unknown: float) -> float:
    """Seconds for a session of these, `jobs` at a time, the longest first."""
    ends = [0.0] * jobs
    times = sorted((unit.seconds if unit.seconds is not None else unknown for unit in units), reverse=True)
    for seconds in times:
        least = ends.index(min(ends))
        ends[least] += seconds + _BESIDE_S
    return _SESSION_S + max(ends) * _SLACK if units else 0.0


def unknown_seconds(units: Sequence[Unit]) -> float:
    """What a unit is taken to need of which no duration is recorded."""
    known = [unit.seconds for unit in units if unit.seconds is not None]
    return median(known) if known else _UNKNOWN_S


def choose(units: Sequence[Unit], seconds: float, jobs: int, unknown: float) -> Choice:
    """As many as fit into the time, taken in the order of `units`; what does not fit is named."""
    chosen: list[Unit] = []
    left: list[LeftOut] = []
    for unit in units:
        if expected([*chosen, unit], jobs, unknown) <= seconds:
            chosen.append(unit)
        else:
            needs = unit.seconds if unit.seconds is not None else unknown
            over = max(0.0, seconds - expected(chosen, jobs, unknown))
            left.append(LeftOut(unit.name, f"does not fit: {needs:.0f} s expected, {over:.0f} s left"))
    return Choice(tuple(chosen), tuple(left), expected(chosen, jobs, unknown))


def timed(units: Sequence[Unit], past: Past) -> list[Unit]:
    """The same; where no duration is recorded on this host, that of the last night which ran it."""
    took = {run.scenario: run.seconds for night in past.nights for run in night.runs}
    return [replace(unit, seconds=took.get(unit.name)) if unit.seconds is None else unit for unit in units]


def suspects(past: Past, quarantine: Sequence[Entry]) -> frozenset[str]:
    """Scenarios that failed when they last ran, and quarantined ones: a night wants to know of them first."""
    last: dict[str, bool] = {}
    for night in past.nights:
        failed = {run.scenario for run in night.runs if run.failed}
        last |= {run.scenario: run.scenario in failed for run in night.runs if run.verdict.name != "SKIP"}
    return frozenset({name for name, bad in last.items() if bad} | {entry.scenario for entry in quarantine})


def last_nights(past: Past) -> Mapping[str, str]:
    """The date on which each scenario ran last."""
    return {run.scenario: night.date for night in past.nights for run in night.runs}


def by_need(units: Sequence[Unit], ran: Mapping[str, str], first: Collection[str]) -> list[Unit]:
    """The order in which units get time: suspects, then what has not run for longest, then the short ones.

    So a budget that is too small for all reaches all of them over some nights.
    """
    return sorted(units, key=lambda unit: (unit.name not in first, ran.get(unit.name, ""),
                                           unit.seconds if unit.seconds is not None else 0.0, unit.name))
