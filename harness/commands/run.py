# SPDX-License-Identifier: GPL-2.0-only
"""`harness run`: pytest with our plugin, after the image sets that the scenarios name are there."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from harness.commands.images import ensure_all
from harness.errors import HostError, SchemaError, UsageError
from harness.hosts.spec import parse_hosts
from harness.images.manifest import find, manifest_files
from harness.scenario.model import DEFAULT_IMAGES
from harness.scenario.result import Options
from harness.schedule.order import Shard
from harness.yamlnode import load

DEFAULT_PATHS = ("scenarios",)
_USAGE = 2


class _Interrupted:
    """Tells an interrupted session from other ends: pytest has one status for several of them."""

    def __init__(self) -> None:
        self.by_user = False

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        self.by_user = excinfo.errisinstance(KeyboardInterrupt)


def main(arguments: argparse.Namespace) -> int:
    """Run the scenarios.

    :return: what `harness.outcome.exit_code` says of the worst verdict; 130 after Ctrl-C.
    """
    paths = arguments.paths or list(DEFAULT_PATHS)
    _demand(paths)
    if arguments.keep and (arguments.j > 1 or not sys.stdin.isatty()):
        raise UsageError("--keep hands a failing machine to this terminal", where="run",
                         hint="use it in a terminal and without -j")
    if (arguments.gdb or arguments.pause_on_failure) and (arguments.j > 1 or arguments.hosts is not None):
        raise UsageError("--gdb and --pause-on-failure hold one machine for a person", where="run",
                         hint="use them without -j and --hosts")
    if arguments.gdb and (arguments.record or arguments.deterministic):
        raise UsageError("--gdb goes with neither --record nor --deterministic", where="run",
                         hint="record first, then: python3 -m harness replay RUN --gdb")
    if arguments.shard is not None:
        Shard.parse(arguments.shard)  # a mistake in it is told here, in one line
    if arguments.hosts is not None and (arguments.j > 1 or arguments.keep):
        raise UsageError("--hosts goes with neither -j nor --keep", where="run",
                         hint="each host has as many workers as cores, or workers=N")
    if arguments.hosts is not None:
        parse_hosts(arguments.hosts)
    if arguments.record and arguments.deterministic:
        raise UsageError("--record goes without --deterministic", where="run",
                         hint="a deterministic run needs no record to run again the same way")
    for file in filter(None, (arguments.junitxml, arguments.results)):
        _demand_room(Path(file))
    known = manifest_files(arguments.images)
    if arguments.set is not None:
        find(arguments.set, arguments.images)
    options = Options(0, Path(), image_set=arguments.set)
    names = sorted({options.set_for(name) for name in _image_sets(paths)} & set(known))
    ensure_all([find(name, arguments.images) for name in names])
    interrupted = _Interrupted()
    status = _session(pytest_arguments(arguments, paths), interrupted)
    if interrupted.by_user:
        return 128 + signal.SIGINT
    return _USAGE if status == pytest.ExitCode.USAGE_ERROR else status


def _session(options: list[str], interrupted: _Interrupted) -> int:
    """pytest's status; also when SIGTERM meets the very end of it, where pytest does not look for an exit."""
    handler = signal.getsignal(signal.SIGTERM)
    try:
        return int(pytest.main(options, plugins=[interrupted]))
    except pytest.exit.Exception as ended:
        return ended.returncode or 128 + signal.SIGTERM
    finally:
        signal.signal(signal.SIGTERM, handler)  # the plugin has put its own in place


def pytest_arguments(arguments: argparse.Namespace, paths: Sequence[str]) -> list[str]:
    """Our options as pytest's."""
    # Nothing is written but the run folders: no cache of pytest's in somebody else's folder. The plugin
    # of Hypothesis imports all of it at the end of each session, 0.4 s; exploration does without it.
    options = ["-p", "harness.pytest_plugin", "-p", "no:cacheprovider", "-p", "no:hypothesispytest"]
    for flag in ("k", "m"):
        if getattr(arguments, flag) is not None:
            options += [f"-{flag}", getattr(arguments, flag)]
    if arguments.j > 1:
        options += ["-n", str(arguments.j)]
    for name in ("junitxml", "seed", "set", "shard", "durations_from", "results", "hosts"):
        if getattr(arguments, name) is not None:
            options += [f"--{name.replace('_', '-')}", str(getattr(arguments, name))]
    for folder in arguments.images:
        options += ["--images", str(folder)]
    options += ["--keep", "-s"] if arguments.keep else []
    options += ["-x"] if arguments.x else []
    options += ["--cold"] if arguments.cold else []
    for flag in ("record", "gdb", "pause_on_failure", "dump_memory"):
        options += [f"--{flag.replace('_', '-')}"] if getattr(arguments, flag) else []
    options += ["--deterministic"] if arguments.deterministic else []
    return [*options, *paths]


def _demand(paths: Sequence[str]) -> None:
    for text in paths:
        if not Path(text.split("::")[0]).exists():
            raise UsageError("no such scenario or folder", where=text)


def _demand_room(file: Path) -> None:
    """:raise HostError: there can be no such file; pytest would say so in its end, and not in a line"""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HostError(f"cannot be written: {error.strerror}", where=str(file)) from error


def _image_sets(paths: Sequence[str]) -> Iterator[str]:
    """Image sets that the scenarios ask for. Mistakes in them are reported later, by the run."""
    for text in paths:
        path = Path(text.split("::")[0])
        files = [path] if path.is_file() else [*path.rglob("*.yaml"), *path.rglob("*.py")]
        for file in files:
            if file.suffix != ".yaml":
                yield DEFAULT_IMAGES
                continue
            try:
                node = load(file).entries().get("images")
                yield node.string() if node is not None else DEFAULT_IMAGES
            except SchemaError:
                continue
