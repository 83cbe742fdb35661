# SPDX-License-Identifier: GPL-2.0-only
"""How a run of a scenario ended, and what it was run with."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.errors import ViolationLike
from harness.outcome import Verdict
from harness.scenario.model import DEFAULT_IMAGES

PLUGIN_COMMAND = "python3 -m harness run"
INTERRUPTED = "interrupted"
"""The reason of a run that somebody ended."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the person who runs scenarios chooses.

    :ivar seed: everything random in a run follows from it and the scenario's name.
    :ivar images_dirs: further folders with image sets.
    :ivar image_set: name of the set that stands in for the default one.
    :ivar run_root: folder for the folders of runs.
    :ivar cold: boot every machine, start none from a template.
    :ivar deterministic: run in lockstep, the same way each time; `seed` varies the interleavings.
    :ivar record: have QEMU record the run, see `harness.scenario.recorded`.
    :ivar gdb: hold the machine before the first step, for `harness attach --gdb`.
    :ivar pause: hold a failing machine for `harness attach`.
    :ivar keep: keep a failing machine and give its console to the terminal.
    :ivar dump: write the memory of a failing machine, see `harness.scenario.dumped`.
    """

    seed: int
    run_root: Path
    images_dirs: tuple[Path, ...] = ()
    image_set: str | None = None
    keep: bool = False
    cold: bool = False
    deterministic: bool = False
    record: bool = False
    gdb: bool = False
    pause: bool = False
    dump: bool = False

    def set_for(self, named: str) -> str:
        """Name of the image set for a scenario that names `named`."""
        return self.image_set if self.image_set is not None and named == DEFAULT_IMAGES else named


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of one run.

    :ivar reason: one line; empty if it passed.
    :ivar note: one line that a person should know even if it passed; mostly empty.
    :ivar where: ``file:line`` of the step that failed, or the file.
    :ivar duration: seconds from the start of the machine to the verdict.
    :ivar latency: seconds from the start of the last step to the verdict.
    :ivar counted: those of them that its deadlines count: without what a busy host kept from the machine.
    :ivar run_dir: folder with what the run left, or None if it left nothing.
    :ivar violations: what was broken, in the order in which it was seen.
    :ivar reproduce: command line that runs the same thing again.
    :ivar exit_status: what the program is to return for it, see `harness.errors`.
    :ivar places: where CPUs, MEs and tasks stood when it failed, a line each.
    :ivar title: what failed, equal for equal failures; empty if it passed.
    :ivar sentence: the cause in one sentence; empty if it passed.
    :ivar facts: what it ran with: QEMU's command line, the images' key and the like.
    """

    name: str
    verdict: Verdict
    reason: str = ""
    where: str = ""
    duration: float = 0.0
    latency: float = 0.0
    counted: float = 0.0
    run_dir: Path | None = None
    violations: tuple[ViolationLike, ...] = ()
    seed: int = 0
    reproduce: str = ""
    exit_status: int = 0
    facts: dict[str, str] = field(default_factory=dict)
    traceback: str = ""
    note: str = ""
    places: tuple[str, ...] = ()
    title: str = ""
    sentence: str = ""

    @property
    def rules(self) -> tuple[str, ...]:
        """Names of the broken rules, each once, in order."""
        return tuple(dict.fromkeys(violation.rule for violation in self.violations))

    def as_json(self) -> str:
        """The same for programs."""
        return json.dumps({
            "name": self.name,
            "verdict": self.verdict.name,
            "reason": self.reason,
            "title": self.title,
            "sentence": self.sentence,
            "note": self.note,
            "where": self.where,
            "duration_s": round(self.duration, 3),
            "latency_s": round(self.latency, 3),
            "counted_s": round(self.counted, 3),
            "violations": [{"rule": v.rule, "place": v.place, "expected": v.expected,
                            "observed": v.observed, "event": v.event} for v in self.violations],
            "seed": self.seed,
            "reproduce": self.reproduce,
            "places": list(self.places),
            "facts": self.facts,
            "traceback": self.traceback,
        }, indent=2) + "\n"


def reproduction(target: Path, options: Options, test: str = "") -> str:
    """The command line that runs `target` again in the same way.

    :param test: name of a function in it, if it is a file of Python.
    """
    shown = target
    if target.resolve().is_relative_to(Path.cwd()):
        shown = target.resolve().relative_to(Path.cwd())
    item = f"{shown}::{test}" if test else str(shown)
    folders: Sequence[str] = [word for folder in options.images_dirs for word in ("--images", str(folder))]
    chosen = ["--set", options.image_set] if options.image_set is not None else []
    mode = [f"--{name}" for name in ("deterministic", "record", "cold") if getattr(options, name)]
    words = [item, "--seed", str(options.seed), *mode, *chosen, *folders]
    return f"{PLUGIN_COMMAND} {shlex.join(words)}"
