# SPDX-License-Identifier: GPL-2.0-only
"""The commands that a night is made of, each a process of its own that ends with the night at the latest."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.deadline import Deadline, now
from harness.errors import Expired, HarnessError
from harness.nights.gather import run_of_exploration, runs_of_hunt, runs_of_results
from harness.nights.model import Run
from harness.nights.plan import Unit
from harness.proc import Child
from harness.wording import counted

# A session that is asked to end stops its machines and writes its results.
_GRACE_S = 30.0
_PROGRAM = (sys.executable, "-m", "harness.cli")

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Setting:
    """What all sessions of a night share.

    :ivar words: options of the image sets, the same for all commands.
    :ivar folder: for logs and results.
    :ivar deadline: the end of the night.
    """

    jobs: int
    seed: int
    words: tuple[str, ...]
    folder: Path
    deadline: Deadline
    tell: Tell


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of a session.

    :ivar status: how its process ended; None: the night was over and it was stopped.
    :ivar why: in words if it did not come to its end by itself.
    :ivar interrupted: somebody wants the whole night to end.
    """

    runs: tuple[Run, ...] = ()
    status: int | None = 0
    why: str = ""
    interrupted: bool = False


def scenarios(setting: Setting, name: str, units: Sequence[Unit], seed: int) -> Ended:
    """`harness run` of these."""
    out = setting.folder / f"{name}.json"
    words = ["run", *(unit.target for unit in units), "-m", "long or not long", "-j", str(setting.jobs),
             "--seed", str(seed), "--results", str(out), *setting.words]
    return _session(setting, name, words, out, lambda: runs_of_results(out))


def exploration(setting: Setting, minutes: float) -> Ended:
    """`harness explore` for so long, and what it then takes to shrink a finding."""
    out = setting.folder / "explore.json"
    words = ["explore", "--minutes", f"{minutes:.2f}", "--mes", "5", "--seed", str(setting.seed),
             "--json", str(out), *setting.words]
    return _session(setting, "explore", words, out, lambda: (run_of_exploration(out),))


def hunt(setting: Setting, number: int, scenario: Path, name: str, seeds: range) -> Ended:
    """`harness hunt` with these seeds; the night's hunt of this number."""
    out = setting.folder / f"hunt-{number}.json"
    words = ["hunt", str(scenario), "--seeds", str(len(seeds)), "--first", str(seeds[0]), "--again", "1",
             "-j", str(setting.jobs), "--json", str(out), *setting.words]
    return _session(setting, f"hunt-{number}", words, out, lambda: runs_of_hunt(out, name))


def _session(setting: Setting, name: str, words: Sequence[str], out: Path,
             read: Callable[[], tuple[Run, ...]]) -> Ended:
    log = setting.folder / f"{name}.log"
    (setting.folder / f"{name}.command").write_text(json.dumps(list(words)) + "\n")
    began = now()
    status: int | None = None
    interrupted = False
    try:
        with Child([*_PROGRAM, *words], stdout=log, stderr=log, grace=_GRACE_S) as child:
            status = child.wait(setting.deadline)
    except Expired:
        why = "the night was over"
    except KeyboardInterrupt:  # the child has been stopped, and has written what it had
        why, interrupted = "interrupted", True
    else:
        why = ""
    try:
        runs = read() if out.exists() else ()
    except HarnessError as error:
        runs, why = (), str(error)
    if not out.exists() and not why:
        why = f"the session ended with status {status}: {_last_line(log)}"
    bad = sum(run.failed for run in runs)
    setting.tell(f"{name}: {counted(len(runs), 'run')}, {bad} failed, "
                 f"{now() - began:.0f} s{why and f'; {why}'}")
    return Ended(runs, status, why, interrupted)


def _last_line(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1][:200] if lines else "it said nothing"
