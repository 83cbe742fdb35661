# SPDX-License-Identifier: GPL-2.0-only
"""The quarantine: failures that somebody looks after, which do not make a night red until a date.

    - scenario: links/both-on
      title: link.stalled
      reason: BE waits for a lock that nobody holds
      owner: Ada
      until: 2026-12-01

Only this failure of this scenario is meant: with another title it is as red as any other.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import SchemaError
from harness.nights.model import Run
from harness.outcome import Verdict
from harness.yamlnode import Node, load, nearest

DEFAULT = Path("ci/quarantine.yaml")
_KEYS = ("scenario", "title", "reason", "owner", "until")


@dataclass(frozen=True, slots=True)
class Entry:
    """One failure of one scenario.

    :ivar until: the last day on which it counts.
    :ivar place: ``file:line``.
    """

    scenario: str
    title: str
    reason: str
    owner: str
    until: datetime.date
    place: str

    def expired(self, night: str) -> bool:
        """Whether it counts no more on this night."""
        return datetime.date.fromisoformat(night) > self.until

    def covers(self, run: Run) -> bool:
        """Whether a failed run is what it is about."""
        return run.scenario == self.scenario and run.title == self.title

    def __str__(self) -> str:
        return f"{self.scenario}: {self.title} ({self.owner}, until {self.until}: {self.reason})"


def read(file: Path, scenarios: Collection[str] | None = None) -> tuple[Entry, ...]:
    """The entries of a file.

    :param scenarios: names of all there are; one that is not among them is a mistake.
    :raise SchemaError: it is wrong, with file and line
    """
    top = load(file)
    if not top.is_sequence:
        raise top.expected("a list of entries", "for instance '- scenario: links/both-on'; [] for none")
    entries = tuple(_entry(node) for node in top.sequence())
    seen: dict[tuple[str, str], str] = {}
    for entry in entries:
        key = (entry.scenario, entry.title)
        if key in seen:
            raise SchemaError(f"'{entry.title}' of {entry.scenario} is also at {seen[key]}",
                              where=entry.place)
        seen[key] = entry.place
        if scenarios is not None and entry.scenario not in scenarios:
            raise SchemaError(f"no scenario '{entry.scenario}'", where=entry.place,
                              hint=nearest(entry.scenario, scenarios))
    return entries


def _entry(node: Node) -> Entry:
    found = node.mapping(required=_KEYS)
    texts = {name: found[name].string() for name in _KEYS[:-1]}
    return Entry(**texts, until=_date(found["until"]), place=node.where)


def _date(node: Node) -> datetime.date:
    try:
        return datetime.date.fromisoformat(node.scalar())
    except ValueError:
        raise node.expected("a date", "for instance 2026-12-01") from None


@dataclass(frozen=True, slots=True)
class Judged:
    """A night's runs beside the quarantine.

    :ivar excused: failed runs that an entry covers, with it.
    :ivar red: failed runs that none covers.
    :ivar expired: failed runs that only an expired entry covers, with it; they are among the red ones.
    :ivar passing: entries whose scenario ran and did not show the failure in any run.
    """

    excused: tuple[tuple[Run, Entry], ...]
    red: tuple[Run, ...]
    expired: tuple[tuple[Run, Entry], ...]
    passing: tuple[Entry, ...]


def judge(entries: Sequence[Entry], runs: Sequence[Run], night: str) -> Judged:
    """Which failures make the night red, and which entries are needed no more."""
    excused: list[tuple[Run, Entry]] = []
    expired: list[tuple[Run, Entry]] = []
    red: list[Run] = []
    for run in runs:
        if not run.failed:
            continue
        entry = next((entry for entry in entries if entry.covers(run)), None)
        if entry is not None and not entry.expired(night):
            excused.append((run, entry))
            continue
        red.append(run)
        if entry is not None:
            expired.append((run, entry))
    return Judged(tuple(excused), tuple(red), tuple(expired),
                  tuple(entry for entry in entries if _passes(entry, runs)))


def _passes(entry: Entry, runs: Sequence[Run]) -> bool:
    own = [run for run in runs if run.scenario == entry.scenario and run.verdict is not Verdict.SKIP]
    return any(run.verdict is Verdict.PASS for run in own) and not any(entry.covers(run) for run in own)
