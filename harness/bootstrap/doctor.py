# SPDX-License-Identifier: GPL-2.0-only
"""The first half of `harness doctor`: what can be told before anything of ours is installed.

It installs nothing and makes nothing. The second half needs the environment: `harness.commands.doctor`.
"""

from __future__ import annotations

import locale
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from harness.bootstrap import debian
from harness.bootstrap.environment import Environment, cache_root
from harness.health import NOTE, OK, WRONG, Finding, tell

_GIB = 1 << 30
# An environment, two image sets and some templates; and what a machine and its clones take.
_ROOM_GIB, _LITTLE_ROOM_GIB = 2, 6
_MEMORY_MIB, _LITTLE_MEMORY_MIB = 768, 2048
_RUNS = Path("build/runs")


def main(environment: Environment) -> int:
    """Tell all, this half and, if there is an environment, the other one.

    :return: exit status: 0 if scenarios can run here, 3 if something must be done first
    """
    status = tell(_checks(environment))
    if not environment.complete:
        return status
    argv = [str(environment.python), "-m", "harness.cli", "doctor"]
    return max(status, subprocess.run(argv, check=False).returncode)


def _checks(environment: Environment) -> list[Callable[[], Finding]]:
    complete = environment.complete
    return [
        _python, _locale,
        partial(_packages, "run", WRONG, complete), partial(_packages, "test", NOTE, complete),
        partial(_environment, environment), _memory, _cores, partial(_disk, cache_root()),
        partial(_writable, "cache", cache_root(), "set SOO_HARNESS_CACHE to a folder of yours"),
        partial(_writable, "run folders", _RUNS, "go to a folder of yours, such as your clone"),
    ]


def _python() -> Finding:
    return Finding(OK, "python", f"{platform.python_version()}, {platform.machine()}, {platform.system()}")


def _locale() -> Finding:
    chosen = next((os.environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if os.environ.get(name)), "C")
    try:
        locale.setlocale(locale.LC_ALL, "")
    except locale.Error:
        return Finding(NOTE, "locale", f"{chosen} is not installed here", "export LC_ALL=C.UTF-8")
    if "UTF" not in locale.nl_langinfo(locale.CODESET).upper():
        return Finding(NOTE, "locale", f"{chosen} is not UTF-8: signs of guests may look odd",
                       "export LC_ALL=C.UTF-8")
    return Finding(OK, "locale", chosen)


def _packages(command: str, level: str, complete: bool) -> Finding:
    names = debian.needed(command, environment_complete=complete)
    lacking = debian.missing(names)
    if not lacking:
        return Finding(OK, "packages", f"all {len(names)} that 'harness {command}' needs")
    return Finding(level, "packages", f"'harness {command}' needs {' '.join(lacking)}",
                   " ".join(debian.install_line(lacking)))


def _environment(environment: Environment) -> Finding:
    if environment.complete:
        return Finding(OK, "environment", str(environment.path))
    return Finding(NOTE, "environment", "not made yet, so only half of this can be told",
                   "the first command, such as 'python3 -m harness steps', makes it in about a minute")


def _memory() -> Finding:
    lines = Path("/proc/meminfo").read_text().splitlines()
    (free,) = (int(line.split()[1]) >> 10 for line in lines if line.startswith("MemAvailable:"))
    text = f"{free} MiB free"
    if free < _MEMORY_MIB:
        return Finding(WRONG, "memory", f"only {text}", f"a machine takes {_MEMORY_MIB} MiB: end something")
    if free < _LITTLE_MEMORY_MIB:
        return Finding(NOTE, "memory", f"only {text}: one machine at a time")
    return Finding(OK, "memory", text)


def _cores() -> Finding:
    cores, load = len(os.sched_getaffinity(0)), os.getloadavg()[0]
    text = f"{cores}, load {load:.1f}"
    if load > 1.5 * cores:
        return Finding(NOTE, "cores", f"{text}: a busy host",
                       "verdicts stay the same, and come later: deadlines count what others take")
    return Finding(OK, "cores", text)


def _disk(folder: Path) -> Finding:
    there = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(there).free / _GIB
    text = f"{free:.1f} GiB free for {folder}"
    hint = "free some, or set SOO_HARNESS_CACHE to a folder on another disk"
    if free < _ROOM_GIB:
        return Finding(WRONG, "disk", f"only {text}", hint)
    if free < _LITTLE_ROOM_GIB:
        return Finding(NOTE, "disk", f"only {text}", f"{hint}; SOO_HARNESS_CACHE_GIB bounds the cache")
    return Finding(OK, "disk", text)


def _writable(about: str, folder: Path, hint: str) -> Finding:
    """Really written to, in the folder or where it would be made: permissions alone do not tell."""
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        return Finding(WRONG, about, f"cannot write to {there}: {error.strerror}", hint)
    return Finding(OK, about, f"{folder} can be written")
