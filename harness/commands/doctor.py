# SPDX-License-Identifier: GPL-2.0-only
"""`harness doctor`, the half that needs the environment; the other one is `harness.bootstrap.doctor`."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import psutil

from harness.cache.bounds import Bounds, survey
from harness.cache.store import Cache
from harness.deadline import Deadline, wall_clock
from harness.errors import HarnessError
from harness.health import NOTE, OK, WRONG, Finding, tell
from harness.images.manifest import find
from harness.images.store import verify
from harness.proc import find_tool, run
from harness.qemu import version
from harness.scenario.model import DEFAULT_IMAGES
from harness.schedule.admission import tokens_folder
from harness.schedule.amount import available_mib, host_total
from harness.schedule.tokens import Tokens

_COMPILER = ("aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu")
# The machine of the reference set as far as QEMU's abilities matter; with nothing in it.
_MACHINE = ("-M", "virt,virtualization=on,gic-version=3", "-cpu", "cortex-a72", "-accel", "tcg,thread=single",
            "-nodefaults", "-no-user-config", "-display", "none", "-S", "-qmp", "stdio")
_ASK = b'{"execute": "qmp_capabilities"}{"execute": "query-migrate-capabilities"}{"execute": "quit"}'
_CLONES = "x-ignore-shared"
_OURS = "socket,id=qmp,fd="  # no other QEMU is started with its QMP on a descriptor of that name
_GIB = 1 << 30


def main(arguments: argparse.Namespace) -> int:
    """Tell it.

    :return: exit status: 0 if scenarios can run here, 3 if something must be done first
    """
    return tell([_guarded("qemu", _qemu), _guarded("clones", _clones), _guarded("record", _record),
                 _guarded("compiler", _compiler), _guarded("kvm", _kvm), _guarded("images", _images),
                 _guarded("cached", _cache), _guarded("tokens", _tokens), _guarded("leftovers", _leftovers)])


def _guarded(about: str, check: Callable[[], Finding]) -> Callable[[], Finding]:
    """What a check cannot find out is a finding, and the others are made all the same."""
    def guarded() -> Finding:
        try:
            return check()
        except HarnessError as error:
            return Finding(WRONG, about, str(error))
    return guarded


def _qemu() -> Finding:
    return Finding(OK, "qemu", version.find().text)


def _clones() -> Finding:
    """A machine with EL2 is made and asked what it can do."""
    said = run([version.find().path, *_MACHINE], input=_ASK, deadline=Deadline.after(20, "QEMU's abilities"))
    if f'"{_CLONES}"'.encode() not in said.stdout:
        return Finding(WRONG, "clones", f"this QEMU cannot migrate with {_CLONES}", "run with --cold")
    return Finding(OK, "clones", f"virtualization=on and {_CLONES} are there: MEs can run, templates be made")


def _record() -> Finding:
    with tempfile.TemporaryDirectory(prefix="soo-doctor-") as folder:
        log = f"shift=5,rr=record,rrfile={folder}/log"
        done = run([version.find().path, *_MACHINE, "-icount", log], input=_ASK, check=False,
                   deadline=Deadline.after(20, "QEMU's record and replay"))
    if done.status:
        return Finding(NOTE, "record", "this QEMU cannot record and replay", "all else works")
    return Finding(OK, "record", "instruction counting, record and replay are there")


def _compiler() -> Finding:
    done = run([find_tool(*_COMPILER), "-dumpfullversion"], deadline=Deadline.after(20, "the compiler"))
    return Finding(OK, "compiler", f"{_COMPILER[0]} {done.stdout.decode().strip()}")


def _kvm() -> Finding:
    there = "is there and is not used" if Path("/dev/kvm").exists() else "is not there and is not needed"
    return Finding(OK, "kvm", f"/dev/kvm {there}: QEMU emulates the machine, which has a KVM of its own")


def _images() -> Finding:
    """Without anything built nothing is verified: that would begin with fetching packages."""
    build = "the next run makes it, or: python3 -m harness images build"
    manifest = find(DEFAULT_IMAGES)
    if not any((Cache().root / "entries").glob(f"{manifest.recipe}-*")):
        return Finding(NOTE, "images", f"{DEFAULT_IMAGES} was never built here", build)
    wrong = verify(manifest)
    if wrong:
        what = wrong[0].rpartition(": ")[2]
        return Finding(NOTE, "images", f"{DEFAULT_IMAGES}, as its sources are now: {what}", build)
    return Finding(OK, "images", f"{DEFAULT_IMAGES} is built and undamaged")


def _cache() -> Finding:
    items, bounds = survey(Cache().root), Bounds.chosen()
    size = sum(item.size for item in items) / _GIB
    oldest = max((wall_clock().timestamp() - item.used for item in items if item.entry), default=0.0) / 86400
    text = f"{size:.1f} of at most {bounds.size / _GIB:g} GiB, its oldest entry unused for {oldest:.0f} days"
    if any(item.kind == "broken" for item in items):
        return Finding(NOTE, "cached", f"{text}; damaged entries were put aside in {Cache().root}/broken",
                       "look at the disk, then remove them")
    return Finding(OK, "cached", text)


def _tokens() -> Finding:
    requests = Tokens(tokens_folder(), host_total(), available_mib, lambda line: None).requests()
    held = ", ".join(f"{request.amount} by {request}" for request in requests if request.granted)
    waiting = sum(not request.granted for request in requests)
    queue = f"; {waiting} waiting" if waiting else ""
    return Finding(OK, "tokens", f"{host_total()} for all runs on this host, held: {held or 'none'}{queue}")


def _leftovers() -> Finding:
    """Our machines die with who started them; one that did not would be a bug, and take a core."""
    lost, busy = [], 0
    for process in psutil.process_iter(["cmdline", "ppid", "uids"]):
        found = process.info
        own = found["uids"] is not None and found["uids"].real == os.getuid()
        if own and any(word.startswith(_OURS) for word in found["cmdline"] or ()):
            busy += 1
            lost += [process.pid] if found["ppid"] == 1 else []
    if lost:
        return Finding(WRONG, "leftovers", f"{len(lost)} machines of ours that nobody looks after any more",
                       f"kill {' '.join(map(str, lost))}")
    return Finding(OK, "leftovers", f"no machine was left behind, {busy} at work")
