# SPDX-License-Identifier: GPL-2.0-only
"""Modules of the agency that are not loaded yet: on to where its kernel is about to begin one."""

from __future__ import annotations

import gdb

from harness.debug.gdbside import places
from harness.debug.gdbside.breaks import kernel_function
from harness.debug.gdbside.session import Session
from harness.debug.gdbside.silence import at_work

_BEGINS = "do_init_module"
# Its argument is the `struct module`, which has the name in its first part.
_FIRST_PART, _ALIGNED = 64, 8


class Until(gdb.Command):
    """soo-until MODULE: run until the kernel is about to begin this module (soo, vdummy, vuart).

Then soo-break MODULE:FUNCTION knows its functions. Another breakpoint on the way ends it."""

    def __init__(self) -> None:
        super().__init__("soo-until", gdb.COMMAND_RUNNING)

    def invoke(self, argument: str, from_tty: bool) -> None:
        facts = Session.now.facts
        if argument not in facts.modules:
            raise gdb.GdbError(f"usage: soo-until MODULE, one of: {', '.join(facts.modules)}")
        if argument in facts.images:
            told = "is known already: this is a replay" if facts.replayed else "is loaded already"
            raise gdb.GdbError(f"{argument} {told}; soo-break {argument}:FUNCTION")
        address = kernel_function(_BEGINS)
        if address is None:
            raise gdb.GdbError(f"the kernel of this image set does not tell where its {_BEGINS} is")
        begins = gdb.Breakpoint(f"*{address:#x}", internal=True)
        try:
            with at_work():
                begun = _run_to(address, argument)
        finally:
            begins.delete()
        if Session.now.at_end():
            raise gdb.GdbError(f"the kernel did not begin {argument} before the end of the record")
        if begun and facts.replayed:
            raise gdb.GdbError(f"the kernel begins it here, but its functions have no names: "
                               f"this run has not kept where {argument} is")
        if not facts.replayed:
            Session.now.learn()
        gdb.write(f"[{places.here()}]\n")

    def complete(self, text: str, word: str) -> list[str]:
        return [name for name in Session.now.facts.modules if name.startswith(word)]


def _run_to(address: int, name: str) -> bool:
    """Run until the kernel begins this module there; False if something else has stopped the machine."""
    while True:
        gdb.execute("continue", to_string=True)
        if places.register_value("pc") != address:
            return False
        module = gdb.selected_inferior().read_memory(places.register_value("x0"), _FIRST_PART).tobytes()
        if any(module.startswith(name.encode() + b"\0", at) for at in range(0, _FIRST_PART, _ALIGNED)):
            return True


def register() -> None:
    """Add the command."""
    Until()
