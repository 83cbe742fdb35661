# SPDX-License-Identifier: GPL-2.0-only
"""Asks a failed machine where all stand, and writes it down: `places.txt`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from harness.deadline import Clock, Deadline
from harness.errors import HarnessError
from harness.guest.agency import Agency
from harness.guest.tasks import Task, Tasks
from harness.guest.whereabouts import parse_sections
from harness.model.views import MeWhere
from harness.qemu.cpus import Read, Registers, Virtual, parse
from harness.scenario import places
from harness.scenario.context import Context
from harness.symbols.system import Symbols, load

FILE = "places.txt"
_REGISTERS = "registers.txt"
_ANSWER_S = 3.0
# The boot says in its first part where modules are.
_BOOT_BYTES = 1 << 20


def ask(agency: Agency | None, clock: Clock) -> tuple[MeWhere, ...]:
    """What the agency's shell says of MEs while the machine runs; nothing if it does not answer in time."""
    with suppress(HarnessError):
        if agency is not None:
            return agency.where(Deadline.after(_ANSWER_S, "where MEs stand", clock))
    return ()


def tell(ctx: Context, told: Sequence[MeWhere], folder: Path) -> tuple[str, ...]:
    """Of a stopped machine whose registers are written: write where all stand.

    :return: a line for each that has something to do
    """
    registers = folder / _REGISTERS
    if not registers.is_file():
        return ()
    symbols = _symbols(ctx)
    machine = ctx.machine
    cpus = [(at, Virtual(machine.qmp, at.cpu, machine.run_dir).read) for at in parse(registers.read_text())]
    names = {place.domain: name for name, place in ctx.places.items() if place.site is ctx.site}
    found: list[places.Standing] = []
    with suppress(HarnessError):
        found += places.of_cpus(cpus, symbols, tuple(ctx.prepared.mes.values()), names)
    found += places.of_mes(told, symbols)
    with suppress(HarnessError):
        found += places.of_tasks(_tasks(cpus, symbols), symbols)
    lines = [*map(str, found), *(f"no symbols of {gap}" for gap in symbols.gaps)]
    (folder / FILE).write_text("".join(f"{line}\n" for line in lines))
    return places.brief(found)


def _tasks(cpus: Iterable[tuple[Registers, Read]], symbols: Symbols) -> Iterator[Task]:
    """The agency's tasks, as a CPU sees them that is in the agency's kernel now."""
    for at, read in cpus:
        if at.level == 1 and not symbols.is_me(at.pc) and symbols.tasks is not None:
            yield from Tasks(read, symbols.tasks).waiting()
            return


def _symbols(ctx: Context) -> Symbols:
    """Of what this machine runs."""
    files, manifest = ctx.images.files, ctx.images.manifest
    console = ctx.machine.console(manifest.boot.console)
    modules = parse_sections(console.text(0, _BOOT_BYTES))
    kernel, initramfs = manifest.machine.kernel, manifest.machine.initrd
    me = Path(manifest.me.kernel).with_suffix(".elf").name if manifest.me is not None else None
    return load(files.get(kernel or ""), files.get(initramfs or ""), files.get(me or ""), modules)
