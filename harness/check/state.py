# SPDX-License-Identifier: GPL-2.0-only
"""Writes of device states: who writes, which arrow, and in which state the peer is."""

from __future__ import annotations

from collections.abc import Iterator

from harness.abi.vbus import VbusState, state_text
from harness.check.violation import Violation
from harness.model.device import CREATED, Side, arrow_legal, may_begin, may_write, next_states, peer_needed
from harness.model.events import Event, StateRefused, StoreEvent, StoreOp
from harness.model.link import LinkKey, parse_entry
from harness.model.world import World, state_value


def check_state(event: Event, world: World) -> Iterator[Violation]:
    """Judge a write of a `state` entry against the world before it; that it was refused is no excuse."""
    if isinstance(event, StateRefused):
        event = StoreEvent(event.seq, event.ns, event.line, StoreOp.WRITE, event.dom, event.tx, event.path,
                           event.value)
    if not isinstance(event, StoreEvent) or event.op is not StoreOp.WRITE:
        return
    entry = parse_entry(event.path)
    if entry is None or entry[2] != "state":
        return
    key, side, _ = entry
    new = state_value(event.value)
    link = world.links.get(key)
    if link is None or side not in link.state:
        if world.complete:
            yield from _check_creation(event, world, key, side, new)
        return
    yield from _check_writer(event, key, side, creating=False)
    if side is Side.BE and new == VbusState.SUSPENDED and event.tx != 0:
        yield Violation("state.suspended_wakes", event.path, "written outside a transaction",
                        f"written in transaction {event.tx}", event.line)
    if side not in link.unknown:
        yield from _check_arrow(event, world, key, side, new)


def _check_creation(event: StoreEvent, world: World, key: LinkKey, side: Side,
                    new: int) -> Iterator[Violation]:
    yield from _check_writer(event, key, side, creating=True)
    domain = world.domains.find(key.dom)
    restored = domain is not None and bool(domain.incarnation)
    if not may_begin(side, new, restored=restored):
        expected = f"made as {state_text(CREATED)}"
        expected += f", or {state_text(VbusState.SUSPENDED)} by a restored ME" if side is Side.FE else ""
        yield Violation("state.illegal_transition", event.path, expected, f"made as {_shown(event, new)}",
                        event.line)


def _check_writer(event: StoreEvent, key: LinkKey, side: Side, *, creating: bool) -> Iterator[Violation]:
    if may_write(side, key.dom, event.dom, creating=creating):
        return
    owner = f"domain {key.dom}" if creating or side is Side.FE else "domain 0"
    what = "made" if creating else "written"
    yield Violation("state.wrong_writer", event.path, f"{what} by {owner}", f"{what} by domain {event.dom}",
                    event.line)


def _check_arrow(event: StoreEvent, world: World, key: LinkKey, side: Side, new: int) -> Iterator[Violation]:
    link = world.links[key]
    old = link.state[side]
    if new == old:
        yield Violation("state.rewritten", event.path, "one write per change",
                        f"{state_text(old)} written again", event.line)
        return
    domain = world.domains.find(key.dom)
    killed = domain is not None and domain.dying
    early = _connected_early(side, old, new, link.state.get(Side.BE)) and Side.BE not in link.unknown
    if early:
        yield Violation("state.fe_connected_before_be", event.path,
                        f"BE {state_text(VbusState.CONNECTED)} first",
                        f"BE {state_text(link.state.get(Side.BE))}", event.line)
    if not arrow_legal(side, old, new, error=link.error, killed=killed):
        yield _illegal(event, side, old, new)
        return
    needed = peer_needed(side, old, new)
    # After an error both sides close, and what one was about to write may cross with it.
    if needed is None or early or link.error or side.peer in link.unknown:
        return
    if killed and new == VbusState.CLOSED:
        return  # nobody asks a dead ME
    if link.state.get(side.peer) == needed:
        return
    yield Violation("state.illegal_transition", event.path,
                    f"{side.value} {state_text(old)} -> {state_text(new)} while {side.peer.value} is"
                    f" {state_text(needed)}",
                    f"{side.peer.value} is {state_text(link.state.get(side.peer))}", event.line)


def _connected_early(side: Side, old: int, new: int, backend: int | None) -> bool:
    if side is not Side.FE or new != VbusState.CONNECTED or backend == VbusState.CONNECTED:
        return False
    # Resumed in the same place, the frontend is first: the backend waits for it in Resuming.
    return not (old == VbusState.SUSPENDED and backend == VbusState.RESUMING)


def _illegal(event: StoreEvent, side: Side, old: int, new: int) -> Violation:
    skipped = side is Side.BE and old == CREATED and new in (VbusState.INITIALISED, VbusState.CONNECTED)
    rule = "state.be_initwait_skipped" if skipped else "state.illegal_transition"
    legal = " or ".join(state_text(state) for state in next_states(side, old)) or "no further state"
    return Violation(rule, event.path, f"{legal} after {state_text(old)}", _shown(event, new), event.line)


def _shown(event: StoreEvent, state: int) -> str:
    return state_text(state) if state >= 0 else f"the text {event.value!r}"
