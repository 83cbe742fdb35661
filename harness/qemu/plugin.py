# SPDX-License-Identifier: GPL-2.0-only
"""The plugin that holds a machine at its beats, compiled once for each state of its source."""

from __future__ import annotations

from pathlib import Path

from harness.cache.digest import file_digest, key_of
from harness.cache.store import Cache
from harness.deadline import Deadline
from harness.proc import find_tool, run

SOURCE = Path(__file__).resolve().parents[2] / "images" / "plugin" / "pace.c"
_PREFIX = "pace-plugin-"
_NAME = "libpace.so"
_FLAGS = ("-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-fvisibility=hidden")
_COMPILE_S = 60.0
_KEPT = 4


def pace_plugin(cache: Cache) -> Path:
    """The shared object for `-plugin`, from the cache or compiled now.

    :raise ToolMissing: there is no compiler for this host.
    :raise CommandFailed: it found an error.
    """
    compiler = find_tool("gcc", "gcc")
    version = run([compiler, "-dumpfullversion", "-dumpmachine"], deadline=Deadline.after(30, "the compiler"))

    def build(out: Path) -> None:
        run([compiler, *_FLAGS, "-o", str(out / _NAME), str(SOURCE)],
            deadline=Deadline.after(_COMPILE_S, "compiling the plugin"))

    parts = [("source", file_digest(SOURCE)), ("flags", " ".join(_FLAGS)),
             ("compiler", version.stdout.decode())]
    built = cache.get(_PREFIX + key_of(parts), build) / _NAME
    cache.prune(_PREFIX, _KEPT)
    return built
