# SPDX-License-Identifier: GPL-2.0-only
"""A night: suspects first, the set, what failed once more, the long ones, exploration, a hunt.

The set has first claim to the time. A quarter of the budget is kept from the long scenarios for exploration
and hunt. What failed runs twice more with other seeds: not to make it green, which it cannot, but to tell how
often it fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from harness.deadline import Deadline, now
from harness.nights import sessions
from harness.nights.model import LeftOut, Past, Run
from harness.nights.plan import Choice, Unit, by_need, choose, last_nights, suspects, timed, unknown_seconds
from harness.nights.quarantine import Entry
from harness.nights.sessions import Ended, Setting
from harness.wording import counted

_AGAIN = 2
# If more than these fail, the same thing is wrong with all of them.
_MOST_AGAIN = 10
_RESERVED = 0.25
_LEAST_EXPLORED_S = 20.0
# Of an exploration: building machines before, the end of the last example after.
_AROUND_EXPLORING_S = 20.0
_HUNT_START_S = 5.0
_SHOT_S = 4.0
_HUNT_SLACK = 1.3


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a night is to be.

    :ivar soak: also long scenarios, exploration and hunt.
    :ivar hunted: the scenario whose interleavings are hunted, and its name; None: no hunt.
    """

    units: tuple[Unit, ...]
    quarantine: tuple[Entry, ...]
    budget: float
    soak: bool
    hunted: tuple[Path, str] | None


@dataclass
class Nightly:
    """A night while it goes on; `runs`, `left_out` and `statuses` are what it has come to so far.

    :ivar statuses: of sessions that ended without results: somebody must act.
    """

    wanted: Wanted
    past: Past
    setting: Setting
    runs: list[Run] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    @property
    def _deadline(self) -> Deadline:
        return self.setting.deadline

    def run(self) -> None:
        """All of it, until the end of the budget."""
        units = [unit for unit in self.wanted.units if not unit.long]
        first = suspects(self.past, self.wanted.quarantine)
        chosen = self._choose(by_need(units, last_nights(self.past), first), self._deadline.remaining())
        self._wave("suspects", [unit for unit in chosen.units if unit.name in first])
        self._wave("set", [unit for unit in chosen.units if unit.name not in first])
        self._again()
        if self.wanted.soak:
            self._long()
            self._explore()
            if self.wanted.hunted is not None:
                self._hunt(*self.wanted.hunted)

    def _choose(self, units: Sequence[Unit], seconds: float) -> Choice:
        chosen = choose(timed(units, self.past), seconds, self.setting.jobs,
                        unknown_seconds(self.wanted.units))
        self.left_out += chosen.left_out
        return chosen

    def _wave(self, name: str, units: Sequence[Unit], further: int = 0, *, needed: bool = True) -> None:
        """One session.

        :param further: how far its seed is from that of the night.
        :param needed: what does not run is told.
        """
        if not units:
            return
        self.setting.tell(f"{name}: {counted(len(units), 'scenario')}")
        ended = sessions.scenarios(self.setting, name, units, self.setting.seed + further)
        ran = {run.scenario for run in ended.runs}
        self._take(ended, [unit.name for unit in units if unit.name not in ran] if needed else [])

    def _take(self, ended: Ended, missing: Sequence[str]) -> None:
        self.runs += ended.runs
        self.left_out += [LeftOut(name, ended.why or "it gave no result") for name in missing]
        if not ended.runs and ended.status:
            self.statuses.append(ended.status)
        if ended.interrupted:
            raise KeyboardInterrupt

    def _again(self) -> None:
        failed = {run.scenario for run in self.runs if run.failed and run.exit_status == 1}
        units = [unit for unit in self.wanted.units if unit.name in failed][:_MOST_AGAIN]
        for number in range(1, _AGAIN + 1):
            fits = choose(units, self._deadline.remaining(), self.setting.jobs,
                          unknown_seconds(self.wanted.units))
            self._wave(f"again-{number}", fits.units, number, needed=False)

    def _long(self) -> None:
        units = [unit for unit in self.wanted.units if unit.long]
        seconds = self._deadline.remaining() - _RESERVED * self.wanted.budget
        self._wave("long", self._choose(by_need(units, last_nights(self.past), ()), seconds).units)

    def _explore(self) -> None:
        seconds = self._deadline.remaining() / 2 - _AROUND_EXPLORING_S
        if seconds < _LEAST_EXPLORED_S:
            self.left_out.append(LeftOut("explore", f"does not fit: {max(0.0, seconds):.0f} s left"))
            return
        self.setting.tell(f"explore: {seconds / 60:.1f} minutes")
        ended = sessions.exploration(self.setting, seconds / 60)
        self._take(ended, [] if ended.runs else ["explore"])

    def _hunt(self, scenario: Path, name: str) -> None:
        """A small batch to see how long a seed takes, then each time half of what fits into the time."""
        earlier = self.past.series_of(name, "deterministic")
        times = [run.seconds for run in earlier if not run.failed]
        each = median(times[-20:]) if times else _SHOT_S
        begin = max((run.facts.seed for run in earlier), default=0) + 1
        batches = 0
        while (count := self._seeds(each, first=not batches)) > 0:
            batches += 1
            began = now()
            ended = sessions.hunt(self.setting, batches, scenario, name, range(begin, begin + count))
            self._take(ended, [] if ended.runs else [f"hunt {name}, seeds {begin} to {begin + count - 1}"])
            if not ended.runs:
                return
            each = (now() - began) * self.setting.jobs / count
            begin += count
        if not batches:
            left = self._deadline.remaining()
            self.left_out.append(LeftOut(f"hunt {name}", f"does not fit: {left:.0f} s left"))

    def _seeds(self, each: float, *, first: bool) -> int:
        """How many seeds the next batch has if each takes so many seconds; 0: none fits any more."""
        seconds = self._deadline.remaining() - _HUNT_START_S
        fit = int(seconds / (_HUNT_SLACK * each) * self.setting.jobs)
        few = 2 * self.setting.jobs
        return max(0, min(fit, few if first else max(few, fit // 2)))
