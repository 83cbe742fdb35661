# SPDX-License-Identifier: GPL-2.0-only
"""Asks a failed machine where all stand, and writes it down: `places.txt`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from harness.deadline import Clock, Deadline
from harness.diagnose import exception, model, waits
from harness.diagnose.sources import Sources
from harness.errors import HarnessError
from harness.guest.agency import Agency
from harness.model.views import MeWhere
from harness.scenario import functions, modules, places
from harness.scenario.context import Context
from harness.symbols.system import Symbols

FILE = "places.txt"
_REGISTERS = "registers.txt"
_ANSWER_S = 3.0
# What is told beside the name, and has a field of its own.
_STATE = re.compile(r", (?:waiting|running|ready|stuck)$")


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look into a failed machine has shown.

    :ivar lines: a line for each that has something to do.
    :ivar places: where all stand, with functions, files and lines.
    :ivar sources: tells the file and line of further functions; None if there are no symbols.
    :ivar faults: what the exception is that an ME takes again and again, by its name.
    """

    lines: tuple[str, ...] = ()
    places: tuple[model.Standing, ...] = ()
    sources: Sources | None = None
    faults: Mapping[str, str] = field(default_factory=dict)


def ask(agency: Agency | None, clock: Clock) -> tuple[MeWhere, ...]:
    """What the agency's shell says of MEs while the machine runs; nothing if it does not answer in time."""
    with suppress(HarnessError):
        if agency is not None:
            return agency.where(Deadline.after(_ANSWER_S, "where MEs stand", clock))
    return ()


def tell(ctx: Context, told: Sequence[MeWhere], folder: Path) -> Looked:
    """Of a stopped machine whose registers are written: write where all stand."""
    registers = folder / _REGISTERS
    machine = ctx.machine
    stopped = registers.is_file()
    cpus = functions.cpus_of(machine, registers.read_text()) if stopped else ()
    symbols, sources = functions.known(ctx, cpus)
    if not stopped:
        return Looked(sources=sources)
    if not modules.told(ctx.images, machine) and sources.sections:
        modules.keep(folder, sources.sections)
    names = ctx.names_on(ctx.site)
    found: list[places.Standing] = []
    with suppress(HarnessError):
        found += places.of_cpus(cpus, symbols, tuple(ctx.prepared.mes.values()), names)
    found += places.of_mes(told, symbols)
    with suppress(HarnessError):
        found += places.of_tasks(functions.tasks(cpus, symbols), symbols)
    lines = [*map(str, found), *(f"no symbols of {gap}" for gap in symbols.gaps)]
    (folder / FILE).write_text("".join(f"{line}\n" for line in lines))
    return Looked(places.brief(found), _placed(found, sources), sources, _faults(told, symbols))


def _placed(found: Sequence[places.Standing], sources: Sources) -> tuple[model.Standing, ...]:
    stacks = sources.frames([standing.calls for standing in found])
    return tuple(model.Standing(_STATE.sub("", standing.who), standing.state,
                                waits.waits_for(frames, running=standing.state == "running"), frames)
                 for standing, frames in zip(found, stacks, strict=True))


def _faults(told: Sequence[MeWhere], symbols: Symbols) -> dict[str, str]:
    """Exceptions of MEs whose CPUs are in their vectors."""
    found = {}
    for me in told:
        if me.fault is not None and me.cpu and exception.endless(me.fault, me.cpu[0]):
            damaged = exception.of_page_tables(me.fault, me.cpu[0])
            spot = symbols.in_me(me.fault.elr)
            found[me.name] = damaged or f"{exception.describe(me.fault)}, in {spot or hex(me.fault.elr)}"
    return found
