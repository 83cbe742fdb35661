# SPDX-License-Identifier: GPL-2.0-only
"""Going back in a replay: it begins anew, and runs to the last stop before the present one.

`harness.debug.replaying` says why QEMU's own way back cannot be used.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import gdb

from harness.debug.gdbside import places
from harness.debug.gdbside.session import Session
from harness.debug.gdbside.silence import at_work

_INTERRUPT = "SIGINT"  # so a stop is told that we or somebody else has asked for


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
    while (executed := _run(here)) < here:
        found.append(executed)
    return found


def _run(target: int) -> int:
    """Run to the next stop, at `target` instructions at the latest; after how many it is.

    :raise KeyboardInterrupt: somebody has pressed Ctrl-C
    """
    seen: list[gdb.Event] = []
    note = seen.append
    gdb.events.stop.connect(note)
    try:
        gdb.execute("continue", to_string=True)
    finally:
        gdb.events.stop.disconnect(note)
    executed = Session.now.executed()
    asked = any(isinstance(one, gdb.SignalEvent) and one.stop_signal == _INTERRUPT for one in seen)
    if asked and executed < target:
        raise KeyboardInterrupt
    return executed


def _go_to(executed: int) -> None:
    """Run there from the start; nothing else stops the machine."""
    Session.now.again()
    Session.now.stop_at(executed)
    enabled = [one for one in gdb.breakpoints() if one.enabled]
    for one in enabled:
        one.enabled = False
    try:
        _run(executed)
    finally:
        for one in enabled:
            one.enabled = True


@contextmanager
def _going_back() -> Iterator[None]:
    """Within it stops are ours; behind it the machine stops at the end of the record again.

    :raise gdb.GdbError: somebody has pressed Ctrl-C
    """
    with at_work():
        try:
            yield
        except KeyboardInterrupt:
            raise gdb.GdbError("interrupted on the way back: the machine is at instruction "
                               f"{Session.now.executed()}") from None
        finally:
            Session.now.stop_at_end()


class ReverseContinue(gdb.Command):
    """reverse-continue: back to the last time that a break- or watchpoint stopped the machine."""

    def __init__(self, name: str) -> None:
        super().__init__(name, gdb.COMMAND_RUNNING)

    def invoke(self, argument: str, from_tty: bool) -> None:
        _demand_replay()
        here = Session.now.executed()
        with _going_back():
            found = _stops_before(here)
            if len(found) > 1:
                _go_to(found[-2])
            elif found:
                Session.now.again()
        if not found:
            raise gdb.GdbError("no break- or watchpoint has stopped the machine before; it is where it was")
        gdb.write(f"[stop {len(found)} of {len(found)} before instruction {here}]\n")
        gdb.execute("continue")


class ReverseStepi(gdb.Command):
    """reverse-stepi [N]: back by one instruction, or by N."""

    def __init__(self, name: str) -> None:
        super().__init__(name, gdb.COMMAND_RUNNING)

    def invoke(self, argument: str, from_tty: bool) -> None:
        _demand_replay()
        back = _count(argument)
        with _going_back():
            _go_to(max(0, Session.now.executed() - back))
        gdb.execute("frame")
        gdb.write(f"[{places.here()}, after {Session.now.executed()} instructions]\n")


def _count(text: str) -> int:
    """How many instructions; 1 if it is not said."""
    try:
        count = int(gdb.parse_and_eval(text)) if text else 1
    except gdb.error as error:
        raise gdb.GdbError(f"reverse-stepi takes a number of instructions: {error}") from None
    if count < 1:
        raise gdb.GdbError("reverse-stepi takes a number of instructions from 1")
    return count


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
