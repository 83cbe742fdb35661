# SPDX-License-Identifier: GPL-2.0-only
"""Runs and sessions as the history knows them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from harness.errors import UsageError
from harness.outcome import Verdict
from harness.report.facts import Facts
from harness.report.table import Row

# Of a revision: enough to tell it from all others.
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Series:
    """What runs have in common that are compared with each other."""

    scenario: str
    images: str = ""
    mode: str = ""

    def __str__(self) -> str:
        more = ", ".join(word for word in (self.images, self.mode) if word)
        return f"{self.scenario} ({more})" if more else self.scenario


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a scenario.

    :ivar facts: what its folder told; empty ones if it had none.
    :ivar exit_status: 0, or who must act, see `harness.errors`.
    :ivar night: ``2026-11-21``; set when it is read from a history.
    """

    scenario: str
    verdict: Verdict
    seconds: float
    reason: str = ""
    exit_status: int = 0
    folder: str = ""
    facts: Facts = field(default_factory=Facts)
    night: str = ""

    @property
    def series(self) -> Series:
        """What it is compared with."""
        return Series(self.scenario, self.facts.images, self.facts.mode)

    @property
    def failed(self) -> bool:
        """Whether it neither passed nor was skipped."""
        return self.verdict > Verdict.SKIP

    @property
    def title(self) -> str:
        """The same for failures that are the same; empty if it did not fail."""
        return (self.facts.title or self.verdict.name) if self.failed else ""

    @property
    def version(self) -> tuple[str, str] | None:
        """Content of images and scenario: runs that share it ran the same; None: it is not known."""
        key = (self.facts.images_key, self.facts.text_key)
        return key if all(key) else None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a night did not run, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Session:
    """What is recorded at once, in one transaction.

    :ivar night: the day on which it began, as ``2026-11-21``.
    :ivar kind: who ran it: ``nightly``, or ``added`` from files.
    :ivar fingerprint: of the files that it was made of, so that it is not recorded twice; may be empty.
    :ivar budget: seconds that it had; 0: no limit.
    """

    night: str
    kind: str
    runs: tuple[Run, ...]
    left_out: tuple[LeftOut, ...] = ()
    revision: str = ""
    seconds: float = 0.0
    budget: float = 0.0
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Night:
    """All that was recorded of one day."""

    date: str
    sessions: tuple[Session, ...]

    @property
    def runs(self) -> tuple[Run, ...]:
        """All runs, in the order in which they were recorded."""
        return tuple(run for session in self.sessions for run in session.runs)

    @property
    def revision(self) -> str:
        """That of the last session which knew it."""
        known = [session.revision for session in self.sessions if session.revision]
        return known[-1] if known else ""

    @property
    def seconds(self) -> float:
        """Of all its sessions."""
        return sum(session.seconds for session in self.sessions)


@dataclass(frozen=True, slots=True)
class Past:
    """Nights in the order of their dates, each date once."""

    nights: tuple[Night, ...] = ()

    def last(self, count: int) -> Past:
        """Only the last nights."""
        return Past(self.nights[-count:])

    def revisions(self, good: str, bad: str) -> str:
        """The revisions of two nights as git takes them, ``a..b``; empty if not known, or the same."""
        known = {night.date: night.revision.rstrip("+")[:_DIGITS] for night in self.nights}
        first, last = known.get(good, ""), known.get(bad, "")
        return f"{first}..{last}" if first and last and first != last else ""

    def series(self) -> Mapping[Series, list[Run]]:
        """The runs of each series, the oldest first."""
        found: dict[Series, list[Run]] = {}
        for night in self.nights:
            for run in night.runs:
                found.setdefault(run.series, []).append(run)
        return found

    def series_of(self, scenario: str, mode: str) -> list[Run]:
        """The runs of a scenario in a mode, on whatever images, the oldest first."""
        return [run for night in self.nights for run in night.runs
                if run.scenario == scenario and run.facts.mode == mode]


def with_images(past: Past) -> Past:
    """The same, where runs that never came to know their images get those of their scenario's other runs."""
    known: dict[str, set[str]] = {}
    for night in past.nights:
        for run in night.runs:
            if run.facts.images:
                known.setdefault(run.scenario, set()).add(run.facts.images)
    only = {name: min(images) for name, images in known.items() if len(images) == 1}

    def named(run: Run) -> Run:
        if run.facts.images or run.scenario not in only:
            return run
        return replace(run, facts=replace(run.facts, images=only[run.scenario]))

    return Past(tuple(replace(night, sessions=tuple(
        replace(session, runs=tuple(map(named, session.runs))) for session in night.sessions))
        for night in past.nights))


def run_of(row: Row, facts: Facts | None) -> Run:
    """A row of a table, with what its folder tells."""
    return Run(row.name, row.verdict, row.duration, row.reason, row.exit_status, row.folder, facts or Facts())


def date_of(text: str, where: str = "--night") -> str:
    """A date as the history has it.

    :raise UsageError: it is none
    """
    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise UsageError(f"'{text}' is no date", where=where, hint="for instance 2026-11-21") from error
