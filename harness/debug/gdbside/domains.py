# SPDX-License-Identifier: GPL-2.0-only
"""The MEs of a machine, as the core of the agency has them."""

from __future__ import annotations

import gdb

from harness.debug.gdbside import sight
from harness.debug.gdbside.images import variable
from harness.debug.gdbside.places import place
from harness.debug.gdbside.session import Session


class Mes(gdb.Command):
    """soo-mes: the MEs of this machine, and what the agency says of them."""

    def __init__(self) -> None:
        super().__init__("soo-mes", gdb.COMMAND_STATUS)

    def invoke(self, argument: str, from_tty: bool) -> None:
        running, why = place().domain, ""
        table: dict[int, str] | None = None
        try:
            table = _table()
        except (gdb.MemoryError, gdb.GdbError) as error:
            why = str(error)
        for number in sorted({*Session.now.facts.domains, *(table or {})}):
            name = Session.now.facts.domains.get(number, "?")
            state = "not known" if table is None else table.get(number, "none now")
            mark = "  <- runs on this CPU" if number == running else ""
            gdb.write(f"ME {number} ({name}): {state}{mark}\n")
        if table == {} and not Session.now.facts.domains:
            gdb.write("no ME now\n")
        if why:
            gdb.write(f"(the agency's table of them cannot be read now: {why})\n")


def _table() -> dict[int, str]:
    """States by domain.

    :raise gdb.MemoryError: there is no table now
    :raise gdb.GdbError: the core is not loaded
    """
    look, found = sight.agency(), {}
    slots = look.target(variable("soo", "domains"))
    for number in range(slots.type.range()[1] + 1):
        if int(slots[number]):
            domain = look.target(slots[number])
            found[number] = f"{domain['state']}, incarnation {int(domain['incarnation'])}"
    return found


def register() -> None:
    """Add the command."""
    Mes()
