# SPDX-License-Identifier: GPL-2.0-only
"""Whose code a CPU runs: the agency's kernel, a program of it, its hypervisor, or which ME.

All MEs run one program at one address, so an address does not tell. A CPU that runs one sees the page that
this ME shares with the agency, through both stages of its translation; it has the domain's number.
"""

from __future__ import annotations

from dataclasses import dataclass

import gdb

from harness.abi.soo import AVZ_SHARED, SIGNATURE
from harness.debug.gdbside.session import Session

_INSTRUCTION = 4
_LEVEL = {0: "a program of the agency", 1: "the agency's kernel",
          2: "the agency's first instructions or hypervisor (EL2)"}


@dataclass(frozen=True)
class Place:
    """Where a CPU is.

    :ivar level: exception level.
    :ivar domain: of the ME that it runs; None: it runs none.
    """

    level: int
    domain: int | None

    def __str__(self) -> str:
        if self.domain is None:
            return _LEVEL.get(self.level, f"EL{self.level}")
        name = Session.now.facts.domains.get(self.domain)
        return f"ME {self.domain}" + (f" ({name})" if name else "")


def register_value(name: str) -> int:
    """A register of the selected CPU, whichever of its frames is selected.

    :raise gdb.GdbError: there is no machine
    """
    try:
        value = gdb.newest_frame().read_register(name)
        return int(value.cast(gdb.lookup_type("unsigned long")))
    except gdb.error as error:
        raise gdb.GdbError(f"the machine is gone, or cannot be asked: {error}") from None


def place() -> Place:
    """Where the selected CPU is.

    :raise gdb.GdbError: there is no machine
    """
    level = register_value("cpsr") >> 2 & 3
    low, high = Session.now.facts.me_extent
    if level == 1 and low <= register_value("pc") < high:
        return Place(level, _domain())
    return Place(level, None)


def _domain() -> int | None:
    """Number of the ME whose memory the CPU sees; None: of none, or its page is not there yet."""
    for address in Session.now.facts.shared_pages:
        try:
            data = gdb.selected_inferior().read_memory(address, AVZ_SHARED.size).tobytes()
        except gdb.MemoryError:
            continue
        shared = AVZ_SHARED.numbers(data)
        if shared["signature"] == SIGNATURE:
            return int(shared["domid"])
    return None


def here() -> str:
    """The place and, if it is known, the function with file and line."""
    frame = gdb.newest_frame()
    return f"{place()}: {frame.name() or f'{frame.pc():#x}'}{_source(frame.find_sal())}"


def before() -> str:
    """The instruction before the present one: after a watchpoint, the one that wrote."""
    pc = register_value("pc") - _INSTRUCTION
    block = gdb.block_for_pc(pc)
    while block is not None and block.function is None:
        block = block.superblock
    name = block.function.name if block is not None else gdb.newest_frame().name()
    return f"{name}{_source(gdb.find_pc_line(pc))}"


def _source(line: gdb.Symtab_and_line) -> str:
    return f" at {line.symtab.filename}:{line.line}" if line.symtab is not None and line.line else ""


class Where(gdb.Command):
    """soo-where: whose code each CPU runs, and where in it."""

    def __init__(self) -> None:
        super().__init__("soo-where", gdb.COMMAND_STATUS)

    def invoke(self, argument: str, from_tty: bool) -> None:
        chosen = gdb.selected_thread()
        if chosen is None:
            raise gdb.GdbError("the machine is gone")
        for thread in sorted(gdb.selected_inferior().threads(), key=lambda one: one.num):
            thread.switch()
            gdb.write(f"cpu{thread.num - 1}: {here()}\n")
        chosen.switch()


def register() -> None:
    """Add the command."""
    Where()
