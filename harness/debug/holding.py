# SPDX-License-Identifier: GPL-2.0-only
"""Holds the machine of a running scenario for a person in another terminal."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from harness.deadline import Deadline, go_on, stand_still
from harness.debug.door import Door, Held
from harness.errors import GuestLost
from harness.scenario.context import Context

Tell = Callable[[str], None]
_COMMAND = "python3 -m harness attach"
# Time stands still while the machine does: this does not run out.
_EVER_S = 1.0


def pause(ctx: Context, tell: Tell) -> None:
    """Stop a machine that has failed, and wait until somebody lets the run go on."""
    ctx.machine.forgive()
    stand_still()
    try:
        with Door(ctx) as door:
            ctx.machine.halt()
            tell(f"harness: {ctx.scenario.name} has failed; its machine and its deadlines stand still")
            _tell_ways(ctx, tell)
            door.passed.wait()
        ctx.machine.qmp.cont()  # its shell is asked next
    except GuestLost as error:  # nobody can look at a machine that is gone
        tell(f"harness: {ctx.scenario.name} has failed, and its machine cannot be held: {error}")
    finally:
        go_on()


@contextmanager
def for_gdb(ctx: Context, tell: Tell) -> Iterator[None]:
    """Around boot or steps: before them the machine stands still until a debugger, or a person, says so."""
    qmp = ctx.machine.qmp
    with Held(ctx), Door(ctx):
        ctx.machine.halt()
        before = len(qmp.events())
        begin = "first step" if ctx.site.booted else "first instruction"
        tell(f"harness: {ctx.scenario.name} stands still before its {begin}, and so do its deadlines")
        _tell_ways(ctx, tell)
        qmp.wait_event("RESUME", Deadline.after_real(_EVER_S, "a debugger that lets the machine run"),
                       start=before)
        yield


def _tell_ways(ctx: Context, tell: Tell) -> None:
    for words in ("", " --gdb", " --qmp query-status", " --go-on"):
        tell(f"harness:   {_COMMAND} {shlex.quote(str(ctx.run_dir))}{words}")
