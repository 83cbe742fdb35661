# SPDX-License-Identifier: GPL-2.0-only
"""Stored runs: which of them count, and the rows that each one reached."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.coverage.collect import Collector, console_rows
from harness.coverage.rows import Row
from harness.errors import HarnessError, UsageError
from harness.guest.observe import EventReader
from harness.outcome import Verdict
from harness.scenario.stored import logs_below

_RESULT = "result.json"


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run that is over.

    :ivar name: its scenario's.
    :ivar images: name of the image set.
    :ivar key: which build of it.
    """

    folder: Path
    name: str
    verdict: str
    images: str = ""
    key: str = ""


def stored_runs(paths: Sequence[Path]) -> list[StoredRun]:
    """The runs that these folders are, or hold; in the order in which they were made.

    :raise UsageError: a path is neither, or there is no run at all
    """
    found: list[StoredRun] = []
    for path in paths:
        here = [path] if (path / _RESULT).is_file() else [file.parent for file in path.glob(f"*/{_RESULT}")]
        if not here:
            raise UsageError("no finished run", where=str(path),
                             hint="run the scenarios first: python3 -m harness run")
        found += [_read(folder) for folder in here]
    return sorted(found, key=lambda run: run.folder.name)


def _read(folder: Path) -> StoredRun:
    try:
        values = json.loads((folder / _RESULT).read_text())
        facts = dict(values["facts"])
        return StoredRun(folder, str(values["name"]), str(values["verdict"]), str(facts.get("images", "")),
                         str(facts.get("images key", "")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError("is no result of a run", where=str(folder / _RESULT)) from error


def that_count(found: Sequence[StoredRun]) -> list[StoredRun]:
    """The last run of each scenario, if it passed: a failed one shows what must not be.

    Runs of an older build of their image set are left out too: they show what was.
    """
    last = {run.name: run for run in found}
    builds = {run.images: run.key for run in found}
    return [run for run in found if last[run.name] is run and run.verdict == Verdict.PASS.name
            and builds[run.images] == run.key]


def rows_of(run: StoredRun) -> Counter[Row]:
    """What a run reached, and how often.

    :raise UsageError: a log of it is no event stream
    """
    found: Counter[Row] = Counter()
    for log in _logs(run.folder):
        found.update(_events(log))
    for console in sorted(run.folder.rglob("console-me*.log")):
        found.update(console_rows(console.read_bytes()))
    return found


def _logs(folder: Path) -> list[Path]:
    try:
        return logs_below(folder)
    except UsageError:
        return []  # a run of guests without an event stream


def _events(log: Path) -> Iterator[Row]:
    reader, collector = EventReader(), Collector()
    lines = log.read_bytes().split(b"\n")
    for number, line in enumerate(lines[:-1], 1):  # what has no end was cut when the machine stopped
        try:
            events = reader.feed(line)
        except HarnessError as error:
            raise UsageError(error.what, where=f"{log}:{number}", hint="it is no event stream") from error
        for event in events:
            yield from collector.feed(event)
