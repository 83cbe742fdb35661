# SPDX-License-Identifier: GPL-2.0-only
"""Which Debian packages a command needs, which of them are missing, and their installation."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from harness.bootstrap.console import run_stage
from harness.errors import ToolMissing
from harness.output import tell

# Package and, for hosts without dpkg, a program that comes with it.
_PROGRAMS = {
    "chromium": "chromium",
    "clang-14": "clang-14",
    "cpio": "cpio",
    "device-tree-compiler": "dtc",
    "gcc": "gcc",
    "gcc-aarch64-linux-gnu": "aarch64-linux-gnu-gcc",
    "gdb-multiarch": "gdb-multiarch",
    "llvm-14": "llvm-cov-14",
    "make": "make",
    "qemu-system-arm": "qemu-system-aarch64",
    "u-boot-tools": "mkimage",
    "zsh": "zsh",
}
# The compilers' libraries, libfdt and U-Boot come without a program.
_MACHINE = ("device-tree-compiler", "qemu-system-arm", "u-boot-qemu")
_IMAGES = ("gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross", "make")
# The guests' code as programs of this host; gcc brings objcopy and the linker.
_HOSTTEST = ("clang-14", "gcc", "libc6-dev", "libclang-rt-14-dev", "libfdt-dev", "llvm-14", "make")
_DEBUGGER = ("gdb-multiarch",)
_TESTS = ("chromium", "cpio", "gcc", "libc6-dev", "u-boot-tools", "zsh")

_NEEDED = {
    "run": (*_MACHINE, *_IMAGES),
    "boot": (*_MACHINE, *_IMAGES),
    "bench": (*_MACHINE, *_IMAGES),
    "explore": (*_MACHINE, *_IMAGES),
    **dict.fromkeys(("hunt", "repro", "minimize", "bisect"), (*_MACHINE, *_IMAGES)),
    "replay": (*_MACHINE, *_DEBUGGER),
    "attach": _DEBUGGER,
    "images": _IMAGES,
    "coverage": _HOSTTEST,
    "fuzz": _HOSTTEST,
    "test": (*_MACHINE, *_IMAGES, *_HOSTTEST, *_DEBUGGER, *_TESTS),
}
_COMPILED = ("gcc", "libc6-dev")  # pylibfdt comes as source


def needed(command: str, *, environment_complete: bool) -> list[str]:
    """Names of the packages that `command` needs, sorted.

    :param environment_complete: nothing has to be compiled for the virtual environment any more.
    """
    names = set(_NEEDED.get(command, ()))
    if not environment_complete:
        names.update(_COMPILED)
        if importlib.util.find_spec("ensurepip") is None:
            names.add("python3-venv")
        if not (Path(sysconfig.get_paths()["include"]) / "Python.h").is_file():
            names.add("python3-dev")
    return sorted(names)


def missing(names: Iterable[str]) -> list[str]:
    """Those of the packages that are not installed; without dpkg, those whose program is not there."""
    names = list(names)
    if not names:
        return []
    query = shutil.which("dpkg-query")
    if query is None:
        return [name for name in names if name in _PROGRAMS and shutil.which(_PROGRAMS[name]) is None]
    argv = [query, "--show", "--showformat", "${db:Status-Status} ${Package}\\n", *names]
    answer = subprocess.run(argv, capture_output=True, text=True, check=False).stdout
    installed = {line.split()[1] for line in answer.splitlines() if line.startswith("installed ")}
    return [name for name in names if name not in installed]


def install_line(names: Iterable[str]) -> list[str]:
    """The command that installs the packages; through sudo unless this is root."""
    line = ["apt-get", "install", "--yes", "--no-install-recommends", *names]
    return line if os.geteuid() == 0 else ["sudo", *line]


def provide(names: list[str], *, allowed: bool) -> None:
    """Install missing packages, which are named first.

    :param allowed: False: print the line that would install them and fail.
    :raise ToolMissing: they may not or cannot be installed.
    """
    tell(f"missing Debian packages: {' '.join(names)}")
    line = install_line(names)
    if shutil.which("apt-get") is None:
        raise ToolMissing("no apt-get: this is no Debian host", hint="install these by your own means")
    if not allowed:
        print(" ".join(line), flush=True)
        raise ToolMissing("not installing anything, as --no-install asks", hint="run the line above")
    if line[0] == "sudo" and shutil.which("sudo") is None:
        raise ToolMissing("neither root nor sudo is at hand", hint=f"as root, run: {' '.join(line[1:])}")
    _install(line)
    left = missing(names)
    if left:
        raise ToolMissing(f"still missing after the installation: {' '.join(left)}", hint="ask apt why")


def _install(line: list[str]) -> None:
    """Fetch the lists and install. The lists of a fresh machine are empty or too old."""
    apt = line[: line.index("install")]
    if apt[0] == "sudo":  # may ask for a password: it needs the terminal
        tell("installing them through sudo")
        if subprocess.run(["sudo", "-v"], check=False).returncode:
            raise ToolMissing("sudo was refused", hint=f"as root, run: {' '.join(line[1:])}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    run_stage("fetching the lists of Debian packages", [*apt, "update"], env=environment)
    run_stage("installing Debian packages", line, env=environment)
