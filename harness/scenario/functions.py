# SPDX-License-Identifier: GPL-2.0-only
"""Whose functions a failed machine runs, and of which lines of source: kernel, modules, the MEs' program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from harness.diagnose.sources import Sources
from harness.errors import HarnessError
from harness.guest.tasks import Task, Tasks
from harness.images.store import ImageSet
from harness.qemu import memory
from harness.qemu.cpus import Read, Registers, Virtual, parse
from harness.qemu.machine import Machine
from harness.scenario import modules
from harness.scenario.context import Context
from harness.scenario.modules import Sections
from harness.symbols.system import ME, Symbols, load

Cpus = Sequence[tuple[Registers, Read]]


def known(ctx: Context, cpus: Cpus) -> tuple[Symbols, Sources]:
    """The symbols of what a machine runs; the memory tells where modules are if the boot did not.

    :param cpus: of the stopped machine; none if it is gone
    """
    images = ctx.images
    sections = modules.told(images, ctx.machine)
    symbols = _symbols(images, sections)
    if not sections:
        sections = _found(images, cpus, symbols)
        symbols = _symbols(images, sections) if sections else symbols
    return symbols, Sources(symbols, _debug_files(images), sections)


def sections(images: ImageSet, machine: Machine) -> Sections:
    """Where a machine has its modules by now; if the boot has not told, only a stopped one shows it."""
    qmp = machine.qmp
    told = modules.told(images, machine)
    if told or qmp.status() == "running":
        return told
    return _found(images, cpus_of(machine, memory.registers(qmp)), _symbols(images, {}))


def cpus_of(machine: Machine, registers: str) -> Cpus:
    """The CPUs of a stopped machine, each with memory as it sees it.

    :param registers: as `memory.registers` gives them
    """
    return [(at, Virtual(machine.qmp, at.cpu, machine.run_dir).read) for at in parse(registers)]


def tasks(cpus: Iterable[tuple[Registers, Read]], symbols: Symbols) -> Iterator[Task]:
    """The agency's tasks that no CPU runs."""
    read = _in_agency(cpus, symbols)
    if read is not None and symbols.tasks is not None:
        yield from Tasks(read, symbols.tasks).waiting()


def _in_agency(cpus: Iterable[tuple[Registers, Read]], symbols: Symbols) -> Read | None:
    """Memory as a CPU sees it that is in the agency's kernel now."""
    return next((read for at, read in cpus if at.level == 1 and not symbols.is_me(at.pc)), None)


def _found(images: ImageSet, cpus: Cpus, symbols: Symbols) -> Sections:
    """Where modules are, from the calls that led through one, or from what a CPU works on."""
    with suppress(HarnessError, OSError):
        stacks = [at.pc for at, _ in cpus] + [call for task in tasks(cpus, symbols) for call in task.calls]
        within = next((address for address in stacks if symbols.is_module(address)), None)
        if within is None:  # as when the kernel is about to begin one
            values = (value for at, _ in cpus for value in at.values)
            within = next((value for value in values if symbols.is_below_kernel(value)), None)
        if within is not None:
            return modules.near(images, _in_agency(cpus, symbols), within)
    return {}


def _debug_files(images: ImageSet) -> dict[str, Path]:
    """ELF files that may have debug information: the ME's program and the modules of the image set."""
    found = {Path(name).stem: path for name, path in images.files.items() if name.endswith(".ko")}
    program = _program(images)
    return found | ({ME: program} if program is not None else {})


def _program(images: ImageSet) -> Path | None:
    """The ELF file of which an ME's image was made."""
    desc = images.manifest.me
    return images.files.get(Path(desc.kernel).with_suffix(".elf").name) if desc is not None else None


def _symbols(images: ImageSet, sections: Sections) -> Symbols:
    return load(*modules.boot_files(images), _program(images), sections)
