# SPDX-License-Identifier: GPL-2.0-only
"""The programs of images/hosttest, compiled once for each state of the sources."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Literal

from harness.cache.digest import key_of, sources_of
from harness.cache.store import Cache, Progress
from harness.deadline import Deadline
from harness.hosttest.targets import TARGETS
from harness.proc import find_tool, run

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "images" / "hosttest"

Kind = Literal["fuzz", "coverage"]

_SOURCES = ("images/include", "images/agency", "images/me", "images/hosttest")
_CORPUS = "images/hosttest/corpus"
_COMPILER = ("clang-14", "clang-14")
_MAKE_S = 600.0
_KEPT = 12


def key(kind: Kind, *, faults: bool = False) -> str:
    """Names the content of the programs: sources and compiler."""
    parts = [part for part in sources_of((ROOT / name for name in _SOURCES), ROOT)
             if not part[0].startswith(_CORPUS)]
    return f"hosttest-{kind}-" + key_of([*parts, ("faults", str(faults)), ("compiler", _version())])


def programs(cache: Cache, kind: Kind, progress: Progress, *, faults: bool = False) -> Path:
    """The folder with one program for each target, named after it; built if it is not in the cache.

    :param kind: `fuzz` has the sanitizers, `coverage` counts lines.
    :param faults: compile the planted defects in.
    :raise ToolMissing: there is no compiler.
    :raise CommandFailed: it found an error.
    """

    def build(out: Path) -> None:
        progress(f"compiling the guests' code for this host ({kind})")
        with cache.scratch(f"{out.parent.name}-make") as work:
            _make(work, kind, faults=faults)
            for target in TARGETS:
                shutil.copy2(work / target.name, out / target.name)

    built = cache.get(key(kind, faults=faults), build)
    cache.prune(f"hosttest-{kind}-", _KEPT)
    return built


def _make(out: Path, kind: Kind, *, faults: bool) -> None:
    find_tool(*_COMPILER)
    switch = ["FAULTS=1"] if faults else []
    argv = ["make", "--silent", "-C", str(FOLDER), f"OUT={out}", f"KIND={kind}", *switch]
    environment = {**os.environ, "LC_ALL": "C", "MAKEFLAGS": f"-j{os.cpu_count() or 1}"}
    run(argv, deadline=Deadline.after(_MAKE_S, "make images/hosttest"), env=environment)


def _version() -> str:
    done = run([find_tool(*_COMPILER), "--version"], deadline=Deadline.after(30, "the compiler"))
    return done.stdout.decode().splitlines()[0]
