# SPDX-License-Identifier: GPL-2.0-only
"""States of MEs: their arrows, and what must be true of the links of one that lives or rests."""

from __future__ import annotations

from collections.abc import Iterator

from harness.abi.soo import MeState
from harness.abi.vbus import VbusState, state_text
from harness.check.violation import Violation
from harness.model.device import Side
from harness.model.domains import life_legal, next_lives
from harness.model.events import DomainEvent, DomainOp, Event
from harness.model.link import Link
from harness.model.world import World

_LEAVING = (VbusState.CLOSING, VbusState.CLOSED)
_NEEDED = {
    MeState.LIVING: VbusState.CONNECTED,
    MeState.SUSPENDED: VbusState.SUSPENDED,
    MeState.HIBERNATE: VbusState.SUSPENDED,
}


def check_life(event: Event, world: World) -> Iterator[Violation]:
    """Judge the report of an ME's state against the world before it."""
    if not isinstance(event, DomainEvent) or event.op is not DomainOp.STATE or event.state is None:
        return
    domain = world.domains.find(event.dom)
    if domain is None or domain.incarnation is None:
        return  # its beginning was not seen
    old = domain.state if domain.state is not None else MeState.BOOTING
    if not life_legal(old, event.state, restored=domain.incarnation > 0):
        legal = " or ".join(state.name.lower() for state in next_lives(old)) or "no further state"
        yield Violation("domain.illegal_state", f"domain {event.dom}", f"{legal} after {old.name.lower()}",
                        event.state.name.lower(), event.line)
        return
    needed = _NEEDED.get(event.state)
    if needed is None:
        return
    for link in links_of(event.dom, world):
        if not _has(link, needed):
            states = ", ".join(f"{side.value} {state_text(link.state.get(side))}" for side in Side)
            yield Violation("domain.state_early", f"domain {event.dom} {link.key}",
                            f"both sides {state_text(needed)} before {event.state.name.lower()}", states,
                            event.line)


def links_of(dom: int, world: World) -> list[Link]:
    """Links of a domain that both sides have, and neither is about to leave, in their order."""
    return [link for key, link in sorted(world.links.items())
            if key.dom == dom and len(link.state) == len(Side) and not link.error and not link.unknown
            and not any(state in _LEAVING for state in link.state.values())]


def _has(link: Link, needed: VbusState) -> bool:
    return all(state == needed for state in link.state.values())
