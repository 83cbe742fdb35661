# SPDX-License-Identifier: GPL-2.0-only
"""What all commands in gdb share: the facts of the session, and the line to the harness."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from typing import Any

import gdb

from harness.debug.facts import Facts, domains_of
from harness.debug.gdbside.silence import undisturbed


class Line:
    """The line to the harness; see `harness.debug.control`."""

    def __init__(self, path: str) -> None:
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(path)
        self._file = sock.makefile("rw", encoding="utf-8")

    def ask(self, what: str, **more: object) -> dict[str, Any]:  # Any: JSON
        """Give an order and return the answer.

        :raise gdb.GdbError: it cannot be carried out
        """
        with undisturbed():  # the answer to an order that was given has to be read
            self._file.write(json.dumps({"do": what, **more}) + "\n")
            self._file.flush()
            line = self._file.readline()
        answer: dict[str, Any] = json.loads(line or '{"error": "the harness has gone"}')
        if "error" in answer:
            raise gdb.GdbError(str(answer["error"]))
        return answer


class Session:
    """The one session of this gdb.

    :ivar now: it, once it has begun.
    """

    now: Session

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.line = Line(facts.control)
        self._tables: tuple[int, int, int] | None = None

    def learn(self) -> None:
        """Take in, and tell, what a live machine has brought since: modules and MEs."""
        try:
            known = self.line.ask("known")
        except (gdb.GdbError, OSError):  # the run has ended: what is known stays
            return
        new = {name: file for name, file in known["images"].items() if name not in self.facts.images}
        for name, file in new.items():
            gdb.execute(f"add-symbol-file {file}", to_string=True)
            gdb.write(f"[{name} is loaded]\n")
        self.facts = replace(self.facts, images={**self.facts.images, **new},
                             domains=domains_of(known["domains"]))

    def kernel_tables(self) -> tuple[int, int, int]:
        """Where the agency's kernel has its first table, how many bits it translates, and its page's size.

        :raise gdb.GdbError: it does not tell
        """
        if self._tables is None:
            told = self.line.ask("kernel-tables")
            self._tables = (int(told["root"]), int(told["va_bits"]), int(told["page_size"]))
        return self._tables

    def executed(self) -> int:
        """Instructions that the machine has executed so far."""
        return int(self.line.ask("executed")["executed"])

    def at_end(self) -> bool:
        """Whether a replay is at its end, which may be a few instructions before what was counted then."""
        return self.facts.replayed and (self.executed() >= self.facts.end > 0
                                        or bool(self.line.ask("ended")["ended"]))

    def demand_more(self) -> None:
        """Before anything that lets the machine run.

        :raise gdb.GdbError: the record is at its end; QEMU would not run the machine, and not say so
        """
        if self.at_end():
            raise gdb.GdbError("the record is at its end; reverse-continue and reverse-stepi go back")

    def stop_at(self, executed: int) -> None:
        """Have the machine stop when it has executed so many."""
        self.line.ask("stop-at", executed=executed)

    def again(self) -> None:
        """The replay from its start; break- and watchpoints stay."""
        with undisturbed():
            gdb.execute("disconnect", to_string=True)
            connect(str(self.line.ask("again")["gdb"]))

    def stop_at_end(self) -> None:
        """Have the machine stop at the end of the record, where QEMU would leave."""
        if self.facts.replayed and self.executed() < self.facts.end:
            self.stop_at(self.facts.end)


def connect(path: str) -> None:
    """Connect to a gdbstub."""
    gdb.execute(f"target remote {path}", to_string=True)
