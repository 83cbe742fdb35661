# SPDX-License-Identifier: GPL-2.0-only
"""What gdb needs of a machine: symbols of all that runs in it, and how to speak to us.

The kernel's names come from its own tables, modules and MEs have their debug information; all is at the
addresses at which the machine has it. The commands for MEs are in `harness.debug.gdbside`, which gdb runs in
its own Python.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from harness.debug.control import Answer
from harness.debug.facts import Facts
from harness.debug.symbolfile import placed, symbol_file
from harness.errors import HarnessError, UsageError
from harness.guest.observe import parse_event
from harness.model.events import DomainEvent
from harness.qemu import kernelnote
from harness.qemu.qmp import Qmp
from harness.symbols.elf import extent
from harness.symbols.kallsyms import read_kallsyms

_ROOT = Path(__file__).resolve().parents[2]
_SOURCES = ("images/me", "images/agency/modules", "images/agency/vmm", "images")
_FACTS, _SCRIPT, _KERNEL, _NAMES = "session.json", "start.gdb", "kernel.elf", "kernel.names"
# Commands that let the machine run.
_RUNNING = ("continue", "step", "stepi", "next", "nexti", "finish", "until", "advance")


@dataclass(frozen=True, slots=True)
class Debuggee:
    """A machine as gdb is to see it.

    :ivar kernel: boot image of the agency's kernel, or None.
    :ivar sections: where the sections of modules are.
    :ivar modules: files of our modules, by name.
    :ivar program: the agency's own program, or None.
    :ivar me: the program that all MEs run, or None.
    :ivar mes: by name of each ME, the address of the page that it shares with the agency.
    :ivar domains: names of MEs by the domain that they have or will have.
    """

    kernel: Path | None
    sections: Mapping[str, Mapping[str, int]]
    modules: Mapping[str, Path]
    program: Path | None
    me: Path | None
    mes: Mapping[str, int]
    domains: Mapping[int, str] = field(default_factory=dict)


def write(debuggee: Debuggee, folder: Path, *, gdb: Path, control: Path, end: int = 0,
          replayed: bool = False) -> Path:
    """Write all that gdb is started with.

    :param gdb: socket of QEMU's gdbstub
    :param control: socket of `harness.debug.control`
    :param end: after how many instructions a replay is to stop, shortly before QEMU leaves; 0: not known
    :return: the script to start gdb with
    :raise UsageError: a file is none of its kind
    """
    images = loads(debuggee, folder)
    me_extent = extent(debuggee.me.read_bytes()) if debuggee.me is not None else (0, 0)
    names = str(folder / _NAMES) if "kernel" in images else ""
    facts = Facts(str(gdb), str(control), images, names, me_extent, tuple(sorted(set(debuggee.mes.values()))),
                  tuple(debuggee.modules), debuggee.domains, end, replayed)
    (folder / _FACTS).write_text(json.dumps(asdict(facts)))
    script = folder / _SCRIPT
    script.write_text("\n".join(_script(images, folder / _FACTS)) + "\n")
    return script


def kernel_tables(qmp: Qmp, folder: Path) -> Answer:
    """How the agency's kernel translates its addresses.

    :param folder: for files that exist during the call only
    :raise UsageError: it does not tell
    """
    found = kernelnote.tables(kernelnote.search(qmp, folder))
    if found is None:
        raise UsageError("the kernel has not noted in memory where its tables are",
                         hint="a Linux with CONFIG_CRASH_CORE does so early in its boot")
    return asdict(found)


def modules_of(files: Mapping[str, Path]) -> dict[str, Path]:
    """Our kernel modules among the files of an image set, by the names that the kernel has for them."""
    return {name.removesuffix(".ko"): file for name, file in sorted(files.items()) if name.endswith(".ko")}


def domains_of(events: Path | None) -> dict[int, str]:
    """Names of MEs by domain, from an event log; the last one that had a domain."""
    found: dict[int, str] = {}
    lines = events.read_bytes().splitlines() if events is not None and events.is_file() else []
    for line in lines:
        with suppress(HarnessError):
            event = parse_event(line)
            if isinstance(event, DomainEvent) and event.name:
                found[event.dom] = event.name
    return found


def loads(debuggee: Debuggee, folder: Path) -> dict[str, str]:
    """Files with symbols, by what users call them; those that are not there yet are made in `folder`.

    :raise UsageError: a file is none of its kind
    """
    return {name: str(file) for name, file in _loads(debuggee, folder)}


def _loads(debuggee: Debuggee, folder: Path) -> Iterator[tuple[str, Path]]:
    if debuggee.kernel is not None and (folder / _KERNEL).exists():
        yield "kernel", folder / _KERNEL
    elif debuggee.kernel is not None:
        with suppress(UsageError):  # a kernel without tables of symbols
            functions = read_kallsyms(debuggee.kernel.read_bytes())
            (folder / _KERNEL).write_bytes(symbol_file(functions))
            (folder / _NAMES).write_text("".join(f"{one.address:x} {one.name}\n" for one in functions))
            yield "kernel", folder / _KERNEL
    for name, file in debuggee.modules.items():
        places, there = debuggee.sections.get(name, {}), folder / file.name
        if ".text" in places:
            if not there.exists():  # a module stays where it is, and gdb may have read the file
                there.write_bytes(placed(file.read_bytes(), places))
            yield name, there
    if debuggee.program is not None:
        yield f"{debuggee.program.name}-program", debuggee.program
    if debuggee.me is not None:
        yield "me", debuggee.me


def _script(images: Mapping[str, str], facts: Path) -> Iterator[str]:
    yield from ("set pagination off", "set confirm off", "set architecture aarch64", "set height 0")
    yield "set print object off"
    yield f"directory {':'.join(str(_ROOT / folder) for folder in _SOURCES)}"
    yield from (f"add-symbol-file {file}" for file in images.values())
    yield f"python import sys; sys.path.insert(0, {str(_ROOT)!r})"
    yield f"python from harness.debug.gdbside import start; start.begin({str(facts)!r})"
    for command in _RUNNING:
        yield from (f"define hook-{command}", "soo-may-run", "end")
