# SPDX-License-Identifier: GPL-2.0-only
"""Failures over the nights, by title: since when, where, whether fixed; and those of one night told apart.

A failure is *fixed* in a scenario when that passes with other images or another text than it failed with. A
pass with the same ones is none: then the scenario is flaky. Images that are not known count as other ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness.nights.model import Past, Run, Series


@dataclass(slots=True)
class Episode:
    """One failure in one series, from its first bad run until it was fixed.

    :ivar last_good: the run before the first bad one that passed, if any.
    :ivar bad: the runs that failed so.
    :ivar fixed: the run that passed with something changed; None: it is open.
    """

    title: str
    series: Series
    last_good: Run | None
    bad: list[Run]
    fixed: Run | None = None

    @property
    def fixed_on(self) -> str:
        """The night of the pass that ended it; empty if it is open."""
        return self.fixed.night if self.fixed is not None else ""

    def revisions(self, past: Past) -> str:
        """Between which revisions it came, as git takes them; empty if that is not known."""
        return past.revisions(self.last_good.night, self.bad[0].night) if self.last_good is not None else ""

    @property
    def nights(self) -> tuple[str, ...]:
        """Dates on which it was seen."""
        return tuple(dict.fromkeys(run.night for run in self.bad))


@dataclass(frozen=True, slots=True)
class Failure:
    """All that is known of one title.

    :ivar episodes: the last one of each series: where it is open, and where it was fixed.
    :ivar earlier: those that were fixed before the failure came again there.
    """

    title: str
    episodes: tuple[Episode, ...]
    earlier: tuple[Episode, ...] = ()

    @property
    def open(self) -> bool:
        """Whether it is not fixed everywhere."""
        return any(episode.fixed is None for episode in self.episodes)

    @property
    def _meant(self) -> tuple[Episode, ...]:
        """The open ones; all if it is fixed everywhere."""
        return tuple(episode for episode in self.episodes if episode.fixed is None) or self.episodes

    @property
    def first_bad(self) -> Run:
        """The first bad run of what is open; of what was fixed, if all is."""
        return min((episode.bad[0] for episode in self._meant), key=lambda run: run.night)

    @property
    def last_bad(self) -> Run:
        """The last run that failed so."""
        return max((episode.bad[-1] for episode in self._meant), key=lambda run: run.night)

    @property
    def last_good(self) -> Run | None:
        """The last pass before the first bad night, in the scenario in which it came first."""
        return min(self._meant, key=lambda episode: episode.bad[0].night).last_good

    @property
    def bad_nights(self) -> tuple[str, ...]:
        """Dates on which it was seen anywhere, earlier episodes included."""
        every = (*self.earlier, *self.episodes)
        return tuple(sorted({night for episode in every for night in episode.nights}))

    @property
    def series(self) -> tuple[Series, ...]:
        """Where it was seen."""
        return tuple(episode.series for episode in self.episodes)

    @property
    def fixed_on(self) -> str:
        """The night since which it has been gone everywhere; empty if it is open."""
        return "" if self.open else max(episode.fixed_on for episode in self.episodes)


@dataclass(slots=True)
class _Book:
    """The episodes of one series, by title."""

    open: dict[str, Episode] = field(default_factory=dict)
    closed: list[Episode] = field(default_factory=list)

    def take(self, run: Run, last_good: Run | None) -> None:
        if run.failed:
            known = self.open.get(run.title)
            if known is None:
                self.open[run.title] = Episode(run.title, run.series, last_good, [run])
            else:
                known.bad.append(run)
            return
        for title, episode in list(self.open.items()):
            if run.version is None or all(run.version != bad.version for bad in episode.bad):
                self.closed.append(replace(self.open.pop(title), fixed=run))


def failures(past: Past) -> tuple[Failure, ...]:
    """All failures, open ones first, then by their last bad night, the newest first."""
    by_title: dict[str, list[Episode]] = {}
    for runs in past.series().values():
        for episode in _episodes(runs):
            by_title.setdefault(episode.title, []).append(episode)
    found = [_failure(title, episodes) for title, episodes in by_title.items()]
    found.sort(key=lambda failure: failure.title)
    found.sort(key=lambda failure: (failure.open, failure.last_bad.night), reverse=True)
    return tuple(found)


def _episodes(runs: Sequence[Run]) -> list[Episode]:
    book = _Book()
    last_good: Run | None = None
    for run in runs:
        if run.verdict.name == "SKIP":
            continue
        book.take(run, last_good)
        if not run.failed:
            last_good = run
    return [*book.closed, *book.open.values()]


def _failure(title: str, episodes: Sequence[Episode]) -> Failure:
    """Of episodes in several series, those of each in the order of time."""
    last = {episode.series: episode for episode in episodes}
    earlier = [episode for episode in episodes if all(episode is not other for other in last.values())]
    chosen = sorted(last.values(), key=lambda episode: (episode.fixed_on, str(episode.series)))
    return Failure(title, tuple(chosen), tuple(earlier))


@dataclass(frozen=True, slots=True)
class Told:
    """One failure of one night, with what the nights before say of it.

    :ivar runs: how often it was seen in the night, of how many runs of that scenario.
    :ivar first_bad: the night since which it has been there.
    :ivar last_good: the last night before that in which the scenario passed; empty if there is none.
    :ivar earlier: the last bad night before it was fixed and came again; empty if it did not.
    """

    run: Run
    bad: int
    runs: int
    first_bad: str
    last_good: str
    earlier: str = ""


@dataclass(frozen=True, slots=True)
class Sorted:
    """The failures of a night: new ones, known ones, and what the night before had and this one has not."""

    new: tuple[Told, ...] = ()
    known: tuple[Told, ...] = ()
    fixed: tuple[Episode, ...] = ()
    passed_unchanged: tuple[Episode, ...] = ()


def sort_out(past: Past) -> Sorted:
    """The failures of the last night.

    New is what no night before had in that scenario, or what had been fixed and is back. Of what failed in
    the scenario's last night before this one and passes now, what changed is *fixed*, the rest *passed
    unchanged*.
    """
    if not past.nights:
        return Sorted()
    tonight = past.nights[-1]
    new: list[Told] = []
    known: list[Told] = []
    fixed: list[Episode] = []
    unchanged: list[Episode] = []
    for series, runs in sorted(past.series().items(), key=lambda item: str(item[0])):
        now = [run for run in runs if run.night == tonight.date and run.verdict.name != "SKIP"]
        if not now:
            continue
        before = [run for run in runs if run.night != tonight.date and run.verdict.name != "SKIP"]
        for told in _told(series, runs, now):
            (new if told.first_bad == tonight.date else known).append(told)
        passed = any(not run.failed for run in now)
        gone = _gone(before, {run.title for run in now if run.failed}) if passed else {}
        for episode in _episodes(runs):
            if episode.title in gone and episode.bad[-1].night == gone[episode.title]:
                (fixed if episode.fixed is not None else unchanged).append(episode)
    return Sorted(tuple(new), tuple(known), tuple(fixed), tuple(unchanged))


def _told(series: Series, runs: Sequence[Run], now: Sequence[Run]) -> list[Told]:
    """One entry for each title that the night had in a series."""
    found: dict[str, Told] = {}
    gone: dict[str, str] = {}
    for episode in _episodes(runs):
        bad = [run for run in episode.bad if run in now]
        if bad:
            good = episode.last_good.night if episode.last_good is not None else ""
            found[episode.title] = Told(bad[0], len(bad), len(now), episode.bad[0].night, good,
                                        gone.get(episode.title, ""))
        gone[episode.title] = episode.bad[-1].night
    return list(found.values())


def _gone(before: Sequence[Run], titles: set[str]) -> Mapping[str, str]:
    """Titles of the series' last night that are not among `titles`, with the date of that night."""
    if not before:
        return {}
    last = before[-1].night
    return {run.title: last for run in before if run.night == last and run.failed and run.title not in titles}
