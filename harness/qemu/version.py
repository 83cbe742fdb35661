# SPDX-License-Identifier: GPL-2.0-only
"""Finds a QEMU program and refuses one that is too old."""

import functools
import re
from dataclasses import dataclass
from pathlib import Path

from harness.deadline import Deadline
from harness.errors import HostError
from harness.proc import find_tool, run

NEEDED = (7, 2)

_PACKAGES = {"qemu-system-aarch64": "qemu-system-arm", "qemu-system-arm": "qemu-system-arm",
             "qemu-img": "qemu-utils"}
_VERSION = re.compile(r"version (\d+)\.(\d+)(?:\.(\d+))?")


@dataclass(frozen=True, slots=True)
class Qemu:
    """A QEMU program that was found fit.

    :param path: absolute path of the program
    :param version: major, minor, micro
    :param text: first line of its `--version`, which names the distribution's build too; goes into
        the keys of all that depends on the exact QEMU
    """

    path: str
    version: tuple[int, int, int]
    text: str


def find(binary: str = "qemu-system-aarch64") -> Qemu:
    """Find `binary` on PATH and ask for its version (once per process and path).

    :raise ToolMissing: not installed
    :raise HostError: older than 7.2, or it does not tell a version
    """
    return _ask(find_tool(binary, _PACKAGES.get(Path(binary).name, "qemu-system-arm")))


@functools.cache
def _ask(path: str) -> Qemu:
    answer = run([path, "--version"], deadline=Deadline.after(20, f"version of {path}"))
    text = answer.stdout.decode(errors="replace").strip().split("\n")[0]
    return Qemu(path, check(text, where=path), text)


def check(text: str, *, where: str) -> tuple[int, int, int]:
    """Read the version out of the first line of `--version`.

    :raise HostError: there is none, or it is too old
    """
    match = _VERSION.search(text)
    if match is None:
        raise HostError(f"tells no version but {text[:80]!r}", where=where)
    version = (int(match[1]), int(match[2]), int(match[3] or 0))
    if version[:2] < NEEDED:
        raise HostError(f"version {'.'.join(map(str, version))} is too old, needed is "
                        f"{NEEDED[0]}.{NEEDED[1]} or later", where=where, hint="install a newer QEMU")
    return version
