# SPDX-License-Identifier: GPL-2.0-only
"""Going back in a replay: it begins anew, and runs to the last stop before the present one.

`harness.debug.replaying` says why QEMU's own way back cannot be used.
"""

from __future__ import annotations

import gdb

from harness.debug.gdbside.session import Session
from harness.debug.gdbside.silence import at_work


def _demand_replay() -> None:
    if not Session.now.facts.replayed:
        raise gdb.GdbError("only a replay can go back: run the scenario with --record, "
                           "then harness replay RUN --gdb")


def _stops_before(here: int) -> list[int]:
    """From the start to `here`: after how many instructions each stop on the way is."""
    session = Session.now
    session.again()
    session.stop_at(here)
    found: list[int] = []
    while True:
        gdb.execute("continue", to_string=True)
        executed = session.executed()
        if executed >= here:
            return found
        found.append(executed)


def _go_to(executed: int) -> None:
    """Run there from the start; nothing else stops the machine."""
    Session.now.again()
    Session.now.stop_at(executed)
    enabled = [one for one in gdb.breakpoints() if one.enabled]
    for one in enabled:
        one.enabled = False
    gdb.execute("continue", to_string=True)
    for one in enabled:
        one.enabled = True


class ReverseContinue(gdb.Command):
    """reverse-continue: back to the last time that a break- or watchpoint stopped the machine."""

    def __init__(self, name: str) -> None:
        super().__init__(name, gdb.COMMAND_RUNNING)

    def invoke(self, argument: str, from_tty: bool) -> None:
        _demand_replay()
        here = Session.now.executed()
        with at_work():
            found = _stops_before(here)
            if len(found) > 1:
                _go_to(found[-2])
            elif found:
                Session.now.again()
        if not found:
            Session.now.stop_at_end()
            raise gdb.GdbError("no break- or watchpoint has stopped the machine before; it is where it was")
        gdb.write(f"[stop {len(found)} of {len(found)} before instruction {here}]\n")
        Session.now.stop_at_end()
        gdb.execute("continue")


class ReverseStepi(gdb.Command):
    """reverse-stepi [N]: back by one instruction, or by N."""

    def __init__(self, name: str) -> None:
        super().__init__(name, gdb.COMMAND_RUNNING)

    def invoke(self, argument: str, from_tty: bool) -> None:
        _demand_replay()
        back = int(gdb.parse_and_eval(argument)) if argument else 1
        with at_work():
            _go_to(max(0, Session.now.executed() - back))
        Session.now.stop_at_end()
        gdb.execute("frame")


class _Refused(gdb.Command):
    """Ways back that cannot be offered."""

    def __init__(self, name: str) -> None:
        super().__init__(name, gdb.COMMAND_RUNNING)
        self._name = name

    def invoke(self, argument: str, from_tty: bool) -> None:
        raise gdb.GdbError(f"{self._name} is not offered; "
                           "use reverse-continue with a breakpoint, or reverse-stepi N")


class _MayRun(gdb.Command):
    """soo-may-run: refuse to go on from the end of a record. Runs before each command that goes on."""

    def __init__(self) -> None:
        super().__init__("soo-may-run", gdb.COMMAND_RUNNING)

    def invoke(self, argument: str, from_tty: bool) -> None:
        Session.now.demand_more()


def register() -> None:
    """Put the commands in place of gdb's own."""
    _MayRun()
    for name in ("reverse-continue", "rc"):
        ReverseContinue(name)
    for name in ("reverse-stepi", "rsi"):
        ReverseStepi(name)
    for name in ("reverse-step", "reverse-next", "reverse-nexti", "reverse-finish"):
        _Refused(name)
