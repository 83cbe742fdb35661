# SPDX-License-Identifier: GPL-2.0-only
"""Direct-communication events: one at a time, answered in time, in the order that a life has."""

from __future__ import annotations

from collections.abc import Iterator

from harness.abi.soo import DcEvent, MeState
from harness.abi.vbus import VbusState
from harness.check.life import links_of
from harness.check.violation import Violation
from harness.model.events import DcEnd, DcOp, DcReport, Event
from harness.model.world import TIMED_OUT, World

_GOING_DOWN = (DcEvent.PRE_SUSPEND, DcEvent.SUSPEND)
_IN_USE = (VbusState.CONNECTED, VbusState.SUSPENDING, VbusState.RESUMING)


def check_dc(event: Event, world: World) -> Iterator[Violation]:
    """Judge an event or its answer against the world before it."""
    if not isinstance(event, DcReport) or not world.whole:
        return
    if event.op is DcOp.SEND:
        yield from _check_send(event, world)
    else:
        yield from _check_answer(event, world)


def _place(event: DcReport) -> str:
    return f"domain {event.dom} {event.event.name} to {event.to.value}"


def _check_send(event: DcReport, world: World) -> Iterator[Violation]:
    before = world.dc.pending(event.dom, event.to)
    if before is not None:
        yield Violation("dc.one_at_a_time", _place(event), f"the answer to {before.event.name} first",
                        "sent", event.line)
    domain = world.domains.find(event.dom)
    if domain is None or domain.dying:
        return
    reason = _too_early(event, world, domain.state if domain.state is not None else MeState.BOOTING)
    if reason is not None:
        yield Violation("dc.order", _place(event), reason[0], reason[1], event.line)
    if (event.event is DcEvent.TRIGGER_DEV_PROBE and world.complete
            and not world.store.exists(f"soo/me/{event.dom}/spid")):
        yield Violation("domain.entries_missing", f"domain {event.dom}",
                        f"soo/me/{event.dom}/spid before the ME asks for its devices", "absent", event.line)


def _too_early(event: DcReport, world: World, state: MeState) -> tuple[str, str] | None:
    """What is demanded before an event to an ME, and what there is instead; None: all is well."""
    last = world.dc.answered(event.dom, DcEnd.ME)
    seen = f"domain {event.dom} is {state.name.lower()}"
    if event.event is DcEvent.PRE_SUSPEND and state is not MeState.LIVING:
        return "a living ME", seen
    # A suspend that failed half-way is undone by RESUME too.
    undone = state is MeState.LIVING and last is not None and last.event in _GOING_DOWN
    if event.event is DcEvent.RESUME and state is not MeState.RESUMING and not undone:
        return "a resuming ME", seen
    if event.event is DcEvent.SUSPEND:
        if last is None or last.event is not DcEvent.PRE_SUSPEND or last.err:
            return "PRE_SUSPEND with the ME's consent before", "none"
        busy = [link for link in links_of(event.dom, world)
                if any(state in _IN_USE for state in link.state.values())]
        if busy:
            return "all links of the ME Suspended before", f"{busy[0].key} is not"
    return None


def _check_answer(event: DcReport, world: World) -> Iterator[Violation]:
    sent = world.dc.pending(event.dom, event.to)
    if event.err == TIMED_OUT:
        yield unanswered(event.dom, event.event, event.to, event.line)
    elif sent is None or sent.event is not event.event:
        waits = sent.event.name if sent is not None else "nothing"
        yield Violation("dc.one_at_a_time", _place(event), f"an answer to what was sent: {waits}",
                        "answered", event.line)
    domain = world.domains.find(event.dom)
    if event.err or event.event is not DcEvent.RESUME or domain is None or domain.dying:
        return
    if domain.incarnation and not world.dc.probed(event.dom):
        yield Violation("domain.incarnation", f"domain {event.dom}",
                        f"the ME joins its new domain (incarnation {domain.incarnation}) and asks for its"
                        " devices before it answers RESUME", "answered as if it had not moved", event.line)


def unanswered(dom: int, event: DcEvent, to: DcEnd, line: str | None) -> Violation:
    """The violation for an event that somebody waits for an answer to."""
    sender, receiver = ("agency", f"ME of domain {dom}")[:: 1 if to is DcEnd.ME else -1]
    return Violation("dc.no_answer", f"domain {dom}: {sender} waits for {receiver} to answer {event.name}",
                     "an answer within the deadline", "none", line)
