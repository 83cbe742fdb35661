# SPDX-License-Identifier: GPL-2.0-only
"""Which runs a report is about: folders of runs, files of results, folders that hold either."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from harness.check.violation import Violation
from harness.errors import UsageError
from harness.outcome import Verdict
from harness.report.facts import Facts
from harness.report.results import is_results, read
from harness.report.stored import RESULT, StoredRun, broken_off, read_run
from harness.report.table import Row
from harness.report.text import general, shortened
from harness.scenario.result import INTERRUPTED

RUNS = Path("build") / "runs"
LAST = "last-session.json"
"""Beside the folders of runs: the results of the last session that was run there."""
# As the runner names the folders of runs; others beside them are none of its own.
_NAMED = re.compile(r"\d{8}-\d{6}-.+")
_LONGEST_TITLE = 90
_DAMAGED = "damaged result"


def gather(paths: Sequence[Path]) -> list[StoredRun]:
    """The runs that these paths are or hold, each once: by time, those of a file of results in its order.

    :param paths: none: the last session that was run in this folder
    :raise UsageError: a path is neither, holds no run, or a file in it is damaged
    """
    wanted = paths or [RUNS / LAST if (RUNS / LAST).is_file() else RUNS]
    runs = [run for path in wanted for run in _runs(path)]
    return list({run.folder or number: run for number, run in enumerate(runs)}.values())


def last_bad(root: Path = RUNS) -> StoredRun:
    """The last run below `root` that did not pass; of the last session also one that was not even started.

    :raise UsageError: there is none
    """
    if (root / LAST).is_file():
        bad = [run for run in _of_results(root / LAST) if run.bad and run.reason != INTERRUPTED]
        if bad:
            return bad[-1]
    return _last_bad_below(root)


def last_bad_folder(root: Path = RUNS) -> Path:
    """The folder of `last_bad`, for those who need more of a run than how it ended.

    :raise UsageError: there is none, or that one has no folder: it was not started, or its folder is gone
    """
    run = last_bad(root)
    if run.folder is None:
        raise UsageError(f"the last that failed, {run.name}, has left no folder here: {run.sentence}",
                         where=str(root), hint="name the folder of a run")
    return run.folder


def _last_bad_below(root: Path) -> StoredRun:
    """The last one of all sessions; who was interrupted has not failed."""
    for folder in reversed(_folders_below(root)):
        if (folder / RESULT).is_file():
            run = _readable(folder)
            if run.bad and run.reason != INTERRUPTED and run.title != _DAMAGED:
                return run
    raise UsageError("no run has failed here", where=str(root), hint="name the folder of a run")


def _readable(folder: Path) -> StoredRun:
    """A run among others: a damaged one is told as such."""
    try:
        return read_run(folder)
    except UsageError as error:
        return StoredRun(folder.name, Verdict.ERROR, folder, title=_DAMAGED,
                         sentence=f"{error.what}; remove the folder", reason=str(error))


def last_having(file: str, what: str, root: Path = RUNS) -> Path:
    """The folder of the last run below `root` that has this file.

    :param what: what runs without it are not, for the error
    :raise UsageError: there is none
    """
    for folder in reversed(_folders_below(root)):
        if (folder / file).is_file():
            return folder
    raise UsageError(f"no run {what} here", where=str(root), hint="name the folder of a run")


def groups(runs: Sequence[StoredRun]) -> list[tuple[str, list[StoredRun]]]:
    """Runs that did not pass by the title of their failure; the worst verdict first, then the most runs."""
    bad = [run for run in runs if run.bad]
    counts = Counter(run.title for run in bad)
    worst = {title: max(run.verdict for run in bad if run.title == title) for title in counts}
    ordered = sorted(counts, key=lambda title: (-worst[title], -counts[title], title))
    return [(title, [run for run in bad if run.title == title]) for title in ordered]


def _runs(path: Path) -> Iterator[StoredRun]:
    if path.is_file():
        yield from _of_results(path)
    elif (path / RESULT).is_file():
        yield read_run(path)
    elif _NAMED.fullmatch(path.name) and path.is_dir():
        yield broken_off(path)
    elif files := [file for file in sorted(path.glob("*.json")) if is_results(file) and file.name != LAST]:
        yield from (run for file in files for run in _of_results(file))
    else:
        yield from (_readable(folder) if (folder / RESULT).is_file() else broken_off(folder)
                    for folder in _folders_below(path))


def _folders_below(path: Path) -> list[Path]:
    found = [folder for folder in sorted(path.glob("*")) if folder.is_dir()
             and ((folder / RESULT).is_file() or _NAMED.fullmatch(folder.name))]
    if not found:
        what = "no run in this folder" if path.is_dir() else "no such folder or file"
        here = "run scenarios first: python3 -m harness run" if path == RUNS else \
            "name the folder of a run, a folder of runs, or a file of 'run --results'"
        raise UsageError(what, where=str(path), hint=here)
    return found


def _of_results(file: Path) -> Iterator[StoredRun]:
    """A row whose run has a folder is read from there; of others the file knows the cause, if they ran."""
    if not is_results(file):
        raise UsageError("neither the folder of a run nor a file of results", where=str(file),
                         hint="'harness run --results FILE' writes one")
    results = read(file)
    for row in results.rows:
        folder = Path(row.folder) if row.folder else None
        if folder is not None and (folder / RESULT).is_file():
            yield read_run(folder)
        else:
            yield _bare(row, results.facts.get(row.name, Facts()))


def _bare(row: Row, facts: Facts) -> StoredRun:
    """A run without a folder here: it was not even started, or ran on another machine."""
    run = StoredRun(row.name, row.verdict, reason=row.reason, duration=row.duration, note=row.reason,
                    facts={"images": facts.images})
    if not run.bad:
        return run
    title = facts.title or shortened(general(row.reason), _LONGEST_TITLE)
    return replace(run, title=title, sentence=row.reason, reproduce=row.reproduce, note="",
                   where=facts.where, violations=tuple(Violation(*told) for told in facts.violations))
