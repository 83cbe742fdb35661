# SPDX-License-Identifier: GPL-2.0-only
"""Runs out of files that others have left: results of sessions, run folders, hunts and explorations."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from harness.errors import UsageError
from harness.nights.model import Past, Run, run_of
from harness.outcome import Verdict, exit_code
from harness.report.facts import Facts, facts_of
from harness.report.results import is_results, read
from harness.wording import fault_of

_RESULT = "result.json"


def runs_of_results(file: Path) -> tuple[Run, ...]:
    """What `harness run --results FILE` has written.

    :raise UsageError: it is no such file
    """
    results = read(file)
    return tuple(run_of(row, results.facts.get(row.name)) for row in results.rows)


def run_of_folder(folder: Path) -> Run:
    """A run out of its folder.

    :raise UsageError: it holds no finished run
    """
    facts = facts_of(folder)
    if facts is None:
        raise UsageError("no finished run", where=str(folder / _RESULT))
    values = json.loads((folder / _RESULT).read_text())
    verdict = Verdict[values["verdict"]]
    return Run(str(values["name"]), verdict, float(values["duration_s"]), str(values["reason"]),
               exit_code(verdict), str(folder), facts)


def gathered(paths: Sequence[Path]) -> tuple[Run, ...]:
    """The runs of files of results, of run folders, and of folders that hold either.

    :raise UsageError: a path has none
    """
    return tuple(run for path in paths for run in _below(path))


def fingerprint(runs: Sequence[Run]) -> str:
    """Names the content: the same runs have the same one, whatever file they come from."""
    texts = sorted(repr((run.scenario, run.verdict.name, run.seconds, run.folder, run.facts.seed,
                         run.facts.images_key)) for run in runs)
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


def new_to(past: Past, runs: Sequence[Run]) -> tuple[tuple[Run, ...], str | None]:
    """Those that are not recorded yet, by their folders: files of results overlap, and a night has its own.

    :return: them, and a night that has some of the others, if any has
    """
    known = {_identity(run): night.date for night in past.nights for run in night.runs if run.folder}
    new = tuple(run for run in runs if not run.folder or _identity(run) not in known)
    return new, next((known[_identity(run)] for run in runs if run.folder and _identity(run) in known), None)


def _identity(run: Run) -> tuple[str, str]:
    """The runner makes no two folders of one name."""
    return run.scenario, Path(run.folder).name


def _below(path: Path) -> Iterator[Run]:
    if path.is_file():
        yield from runs_of_results(path)
        return
    if (path / _RESULT).is_file():
        yield run_of_folder(path)
        return
    files = [file for file in sorted(path.rglob("*.json")) if file.name != _RESULT and is_results(file)]
    folders = [] if files else sorted(file.parent for file in path.glob(f"*/{_RESULT}"))
    if not files and not folders:
        raise UsageError("no results and no finished run", where=str(path),
                         hint="'harness run --results FILE' writes results")
    for file in files:
        yield from runs_of_results(file)
    for folder in folders:
        yield run_of_folder(folder)


def runs_of_hunt(file: Path, scenario: str) -> tuple[Run, ...]:
    """What `harness hunt --json FILE` has written.

    :raise UsageError: it is no such file
    """
    try:
        shots = json.loads(file.read_text())["shots"]
        return tuple(_shot(shot, scenario) for shot in shots)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"no file of a hunt: {fault_of(error)}", where=str(file)) from error


def _shot(shot: dict[str, object], scenario: str) -> Run:
    folder = str(shot["run_dir"])
    verdict = Verdict[str(shot["verdict"])]
    facts = facts_of(Path(folder)) if folder else None
    plain = Facts(mode="deterministic", seed=int(str(shot["seed"])), reproduce=str(shot["reproduce"]))
    return Run(scenario, verdict, float(str(shot["seconds"])), str(shot["reason"]), exit_code(verdict),
               folder, facts or plain)


def run_of_exploration(file: Path) -> Run:
    """What `harness explore --json FILE` has written.

    :raise UsageError: it is no such file
    """
    try:
        values = json.loads(file.read_text())
        facts = Facts(str(values["images"]), str(values["images_key"]), f"{values['mes']} MEs", "explored",
                      str(values["title"]), "", int(values["seed"]), str(values["reproduce"]))
        verdict = Verdict[values["verdict"]]
        return Run("explore", verdict, float(values["seconds"]), str(values["reason"]), exit_code(verdict),
                   str(values["folder"]), facts)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"no file of an exploration: {fault_of(error)}", where=str(file)) from error
