# SPDX-License-Identifier: GPL-2.0-only
"""`harness nightly`: all there is within a budget of time; then what is new, known and fixed."""

from __future__ import annotations

import argparse
import random
import secrets
import sys
from pathlib import Path

from harness.commands.collected import collected
from harness.commands.run import DEFAULT_PATHS
from harness.deadline import Deadline, now, wall_clock
from harness.errors import HostError, UsageError
from harness.nights import quarantine
from harness.nights.failures import sort_out
from harness.nights.model import Past, Session, date_of
from harness.nights.night import Nightly, Wanted
from harness.nights.quarantine import Entry, Judged
from harness.nights.revision import revision
from harness.nights.sessions import Setting
from harness.nights.store import DEFAULT, History
from harness.nights.text import night_end
from harness.outcome import Verdict, exit_code
from harness.scenario import schema
from harness.wording import counted

_SEEDS = 1_000_000
_HUNTED = Path("scenarios/links/five-mes.yaml")
_LOGS = Path("build/nightly")


def main(arguments: argparse.Namespace) -> int:
    """Run a night, record it, tell what came of it.

    :return: 0 nothing failed outside the quarantine; 1 guests failed; 2 an author must act, or nothing ran;
        3 the host's owner must; 130 and 143: interrupted, what had run is recorded
    :raise HarnessError: the history cannot be used, or the quarantine is wrong: before anything runs
    """
    history = History(arguments.history or DEFAULT)
    history.check()
    night = date_of(arguments.night) if arguments.night else wall_clock().date().isoformat()
    past = history.read()
    paths = arguments.paths or list(DEFAULT_PATHS)
    for text in paths:
        if not Path(text).exists():
            raise UsageError("no such scenario or folder", where=text)
    units = collected(paths, _options(arguments), arguments.set)
    entries = _quarantine(arguments.quarantine, {unit.name for unit in units}, whole=not arguments.paths)
    wanted = Wanted(units, entries, arguments.budget, not arguments.scenarios_only, _hunted(arguments.hunt))
    setting = _setting(arguments, night)
    print(f"nightly: {night}, {counted(len(units), 'scenario')}, {arguments.budget / 60:.1f} minutes, "
          f"seed {setting.seed}, logs in {setting.folder}", flush=True)
    return _run(Nightly(wanted, past, setting), history, night)


def _run(nightly: Nightly, history: History, night: str) -> int:
    """The night, recorded however it ends."""
    began = now()
    try:
        nightly.run()
    finally:
        history.record(Session(
            night, "nightly", tuple(nightly.runs), tuple(nightly.left_out), revision(),
            seconds=round(now() - began, 1), budget=nightly.wanted.budget))
    judged = quarantine.judge(nightly.wanted.quarantine, nightly.runs, night)
    past = history.read()
    shown = Past(tuple(one for one in past.nights if one.date <= night))  # a night may be recorded later
    for line in night_end(shown, sort_out(shown), judged):
        print(line)
    return status(nightly, judged)


def status(nightly: Nightly, judged: Judged) -> int:
    """Who must act; guests (1) before authors (2) before the host (3), as for any session."""
    bad = [run.exit_status for run in judged.red if run.exit_status] + nightly.statuses
    if bad:
        return min(bad)
    return exit_code(Verdict.PASS if nightly.runs else Verdict.ERROR)


def _options(arguments: argparse.Namespace) -> list[str]:
    """What all sessions are told of image sets."""
    words = [word for folder in arguments.images for word in ("--images", str(folder))]
    return words + (["--set", arguments.set] if arguments.set is not None else [])


def _hunted(asked: Path | None) -> tuple[Path, str] | None:
    """The scenario to hunt in: the one asked for, else that of the repository if this is the place.

    :raise SchemaError: it is wrong
    """
    if asked is None and not _HUNTED.exists():
        return None
    scenario = schema.read(asked or _HUNTED)
    return scenario.path, scenario.name


def _quarantine(file: Path | None, names: set[str], *, whole: bool) -> tuple[Entry, ...]:
    """The entries; a name of a scenario that there is not is a mistake, if all were collected."""
    if file is None and not quarantine.DEFAULT.exists():
        return ()
    return quarantine.read(file or quarantine.DEFAULT, {*names, "explore"} if whole else None)


def _setting(arguments: argparse.Namespace, night: str) -> Setting:
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(_SEEDS)
    folder = _LOGS / f"{night}-{wall_clock().strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise HostError(f"cannot make a folder for logs: {error.strerror}", where=str(folder)) from error
    deadline = Deadline.after_real(arguments.budget, "the night")
    return Setting(arguments.j, seed, tuple(_options(arguments)), folder, deadline, _tell)


def _tell(line: str) -> None:
    print(f"nightly: {line}", file=sys.stderr, flush=True)
