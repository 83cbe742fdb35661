# SPDX-License-Identifier: GPL-2.0-only
"""How every example ends: what is under way comes to its end and is judged, then nothing may be left."""

from __future__ import annotations

from collections.abc import Iterator

from harness.explore.legal import chatted, kill, restore, resume, sent
from harness.explore.system import Move, System
from harness.explore.text import Step

# The first ME of a machine fills caches that stay filled; see life/shutdown-by-me.
_LEAK = {"kernel_kib": 1024}

BEGIN: tuple[Step, ...] = (("baseline", None),)


def ending(system: System) -> Iterator[Step]:
    """The steps from here to an empty system, all expectations included; `system` follows them.

    Traffic is accounted, links are where the model has them, and nothing is left behind.
    """
    for catalogue in (restore, resume):
        for me in system.mes:
            if me.task is not None and not me.living:
                yield from _done(_of(list(catalogue(system)), me.name))
    for catalogue in (sent, chatted):
        while moves := list(catalogue(system)):
            yield from _done(moves[0])
    yield "expect.life", system.life()
    stored = any(me.stored for me in system.mes)
    while moves := list(kill(system)):
        yield from _done(moves[0])
    if stored:
        for machine in system.machines:
            on = machine if len(system.machines) > 1 else "agency"
            yield "run", {"on": on, "command": "rm -f /tmp/*.snapshot"}
    yield "expect.life", {}
    yield "expect.no_leak", _LEAK


def _of(moves: list[Move], name: str) -> Move | None:
    """The plainest of the moves that is about this ME."""
    return next((move for move in moves if move.me == name), None)


def _done(move: Move | None) -> tuple[Step, ...]:
    if move is None:
        return ()
    move.effect()
    return move.steps
