# SPDX-License-Identifier: GPL-2.0-only
"""A run that QEMU records, so that it runs again as often as one likes, without its scenario.

QEMU writes each input of the machine, and when it came, into a log; a replay takes it from there. What that
needs, and what so differs from other runs:

* one CPU, which counts instructions (`-icount`), and no disk: the MEs are in the initramfs;
* the agency's shell on a virtio console, for a recorded PL011 takes a byte at a time only. What the kernel
  and init say comes on the first serial port as before, here the console `kernel`.

What a replay needs is in the folder `record` of the run: the log, the machine (`machine.json`), its files.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from harness.errors import GuestLost, HostError
from harness.images.store import ImageSet
from harness.images.types import ConsoleDesc, Manifest
from harness.qemu.machine import Machine
from harness.qemu.spec import Tape
from harness.scenario.deterministic import EPOCH, QEMU_SEED, with_mes
from harness.scenario.model import Scenario
from harness.scenario.places import shared_page
from harness.scenario.prepare import Prepared
from harness.scenario.steps.boot import Boot

FEATURE = "record"
FOLDER = "record"
MACHINE = f"{FOLDER}/machine.json"
KERNEL_CONSOLE = "kernel"
LOG = "log"
_REVISION = 1
_INITRAMFS, _TREE = "agency.cpio", "agency.dtb"
_SHELL = "soo_shell=hvc0"
# 16 ns an instruction. `sleep=off`, as in lockstep, makes a recorded machine crawl.
_ICOUNT = "shift=4"


def obstacle(scenario: Scenario, images: ImageSet) -> str:
    """Why a scenario cannot be recorded; empty if it can."""
    if FEATURE not in images.manifest.features:
        return f"image set '{images.manifest.name}' has no shell that --record can type to"
    if len(scenario.machines) > 1:
        return "--record is for one machine"
    if any(isinstance(step, Boot) and step.milestones for step in scenario.steps):
        return "with --record the shell has a console of its own, where no milestones come"
    return ""


def variant(images: ImageSet) -> ImageSet:
    """The same images on a machine that QEMU can record; unchanged if it cannot."""
    if FEATURE not in images.manifest.features:
        return images
    return replace(images, manifest=_variant(images.manifest))


def _variant(manifest: Manifest) -> Manifest:
    machine = replace(manifest.machine, smp=1, accel=None, append=f"{manifest.machine.append or ''} {_SHELL}")
    shell = manifest.console(manifest.boot.console)
    kernel = ConsoleDesc(KERNEL_CONSOLE, "serial", "none", shell.system, None, b"", shell.failures, ())
    others = [console for console in manifest.consoles if console is not shell]
    consoles = (kernel, replace(shell, kind="virtconsole", milestones=()), *others)
    return replace(manifest, machine=machine, consoles=consoles)


def told(manifest: Manifest) -> str:
    """How the machine differs from that of other runs, for the facts of a run."""
    return (f"{FOLDER}/{LOG}; its machine has one CPU, no disk, "
            f"and the shell of '{manifest.boot.console}' on a virtio console")


def on_tape(prepared: Prepared, run_dir: Path) -> Prepared:
    """The same machine, to be recorded.

    :raise HostError: the folder cannot be written
    """
    folder = run_dir / FOLDER
    folder.mkdir()
    spec = prepared.spec
    return replace(prepared, spec=replace(
        spec, drives=(), initrd=with_mes(prepared, folder / _INITRAMFS), icount=_ICOUNT, seed=QEMU_SEED,
        rtc=f"base={EPOCH},clock=vm", tape=Tape("record", folder / LOG),
    ))


def instructions(machine: Machine) -> int:
    """How many the machine has executed so far; 0 if QEMU is gone."""
    with suppress(GuestLost):
        return int(machine.qmp.execute("query-replay")["icount"])
    return 0


def keep(run_dir: Path, prepared: Prepared, images: ImageSet, machine: Machine, executed: int) -> None:
    """Write what a replay and a debugger need beside the log, after the end of the machine.

    :raise HostError: the folder cannot be written
    """
    folder = run_dir / FOLDER
    spec = prepared.spec
    try:
        if spec.dtb is not None:
            shutil.copyfile(spec.dtb, folder / _TREE)
        for name, file in images.files.items():
            if file != images.files.get(images.manifest.machine.initrd or ""):
                _link(file, folder / name)
        text = json.dumps(_machine(prepared, images, machine, executed, folder), indent=2)
        new = run_dir / f"{MACHINE}.new"
        new.write_text(text + "\n")
        new.rename(run_dir / MACHINE)
    except OSError as error:
        raise HostError(f"cannot keep the record: {error.strerror}", where=str(folder)) from error


def _link(file: Path, to: Path) -> None:
    """The same bytes; another name for the same file where the file system can do that."""
    try:
        os.link(file.resolve(), to)
    except OSError:
        shutil.copyfile(file, to)


def _machine(prepared: Prepared, images: ImageSet, machine: Machine, executed: int,
             folder: Path) -> Mapping[str, object]:
    manifest, spec = images.manifest, prepared.spec
    return {
        "revision": _REVISION,
        "qemu": machine.qemu.text,
        "instructions": executed,
        "machine": {name: getattr(spec, name) for name in
                    ("binary", "machine", "cpu", "memory_mib", "append", "icount", "seed", "rtc")},
        "kernel": manifest.machine.kernel,
        "initrd": _INITRAMFS,
        "dtb": _TREE if spec.dtb is not None else None,
        "consoles": [{"name": console.name, "kind": console.kind} for console in spec.consoles],
        "me": Path(manifest.me.kernel).with_suffix(".elf").name if manifest.me is not None else None,
        "mes": {name: shared_page(me) for name, me in prepared.mes.items()},
        "events": manifest.events,
        "sizes": {file.name: file.stat().st_size for file in sorted(folder.iterdir())},
    }

