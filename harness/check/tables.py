# SPDX-License-Identifier: GPL-2.0-only
"""Steps of grants and event channels against their tables, and the page that a backend takes for its ring."""

from __future__ import annotations

from collections.abc import Iterator

from harness.abi.evtchn import EVTCHN_MAX, EvtchnState
from harness.abi.gnttab import GNTTAB_INVALID_REF, GNTTAB_MAX, GnttabState
from harness.check.violation import Violation
from harness.model.events import Event, EvtchnEvent, EvtchnOp, GrantEvent, GrantOp, RingSample
from harness.model.link import parse_entry
from harness.model.world import World

_GRANT_NEEDS = {
    GrantOp.GRANT: GnttabState.FREE,
    GrantOp.MAP: GnttabState.GRANTED,
    GrantOp.UNMAP: GnttabState.MAPPED,
    GrantOp.REVOKE: GnttabState.GRANTED,
}


def check_tables(event: Event, world: World) -> Iterator[Violation]:
    """Judge a step of a table against the world before it."""
    if not world.whole:
        return
    if isinstance(event, GrantEvent):
        yield from _check_grant(event, world)
    elif isinstance(event, EvtchnEvent):
        yield from _check_channel(event, world)


def _check_grant(event: GrantEvent, world: World) -> Iterator[Violation]:
    grant = world.grants.find(event.dom, event.ref)
    state = grant.state if grant is not None else GnttabState.FREE
    needed = _GRANT_NEEDS[event.op]
    if state is needed and GNTTAB_INVALID_REF < event.ref < GNTTAB_MAX:
        return
    yield Violation("grant.illegal_step", f"domain {event.dom} ref {event.ref}",
                    f"{event.op.value} of a reference that is {needed.name.lower()}", state.name.lower(),
                    event.line)


def _check_channel(event: EvtchnEvent, world: World) -> Iterator[Violation]:
    reason = _channel_fault(event, world)
    if reason is not None:
        yield Violation("evtchn.illegal_step", f"domain {event.dom} port {event.port}", reason[0], reason[1],
                        event.line)


def _channel_fault(event: EvtchnEvent, world: World) -> tuple[str, str] | None:
    here = world.channels.find(event.dom, event.port)
    if event.op is EvtchnOp.CLOSE:
        return None if here is not None else ("close of a port that is open", "free")
    if here is not None or not 0 < event.port < EVTCHN_MAX:
        return f"{event.op.value} of a free port", here.state.name.lower() if here else "no port"
    if event.op is EvtchnOp.BIND and event.rdom is not None and event.rport is not None:
        there = world.channels.find(event.rdom, event.rport)
        if there is None or there.state is not EvtchnState.UNBOUND:
            state = there.state.name.lower() if there else "free"
            return f"bind to an unbound port of domain {event.rdom}", f"port {event.rport} is {state}"
        if there.rdom not in (None, event.dom):
            return f"bind by domain {there.rdom}, for whom it is", f"by domain {event.dom}"
    return None


def check_page(event: RingSample, world: World) -> Iterator[Violation]:
    """The ring is in the page that the frontend granted under the reference it published."""
    entry = parse_entry(event.dev)
    if entry is None or event.phys is None or not world.whole:
        return
    key = entry[0]
    text = world.store.read(f"{key.fe_path}/ring-ref")
    mapped = [grant for grant in world.grants.of(key.dom)
              if grant.state is GnttabState.MAPPED and grant.phys == event.phys]
    if text is None or any(str(grant.ref) == text for grant in mapped):
        return
    refs = ", ".join(str(grant.ref) for grant in mapped) or "none"
    yield Violation("grant.wrong_ref", event.dev, f"a ring in the page mapped for ring-ref {text}",
                    f"page {event.phys:#x}, mapped for reference {refs}", event.line)
