# SPDX-License-Identifier: GPL-2.0-only
"""Handshakes that make no progress, and who is waited for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from harness.abi.soo import MeState
from harness.abi.vbus import VbusState as S
from harness.abi.vbus import state_text
from harness.check.dc import unanswered
from harness.check.violation import Violation
from harness.model.device import Side
from harness.model.events import DcEnd, ErrorReport, Event
from harness.model.link import Link, LinkKey, parse_entry
from harness.model.world import TIMED_OUT, World

# Rules that are broken by what does not happen: where all stand tells why.
STANDSTILL = frozenset({"link.stalled", "dc.no_answer"})

# (BE, FE) -> the side that has to write next.
_TURN: Mapping[tuple[int, int], Side] = {
    (S.INITIALISING, S.INITIALISING): Side.BE,
    (S.INITWAIT, S.INITIALISING): Side.FE,
    (S.INITWAIT, S.INITIALISED): Side.BE,
    (S.CONNECTED, S.INITIALISED): Side.FE,
    (S.SUSPENDING, S.CONNECTED): Side.FE,
    (S.SUSPENDING, S.SUSPENDED): Side.BE,
    (S.SUSPENDED, S.SUSPENDED): Side.BE,
    (S.RESUMING, S.SUSPENDED): Side.FE,
    (S.RESUMING, S.CONNECTED): Side.BE,
    (S.INITIALISING, S.SUSPENDED): Side.BE,
    (S.RECONFIGURING, S.SUSPENDED): Side.FE,
    (S.RECONFIGURING, S.RECONFIGURED): Side.BE,
    (S.CONNECTED, S.RECONFIGURED): Side.FE,
    (S.CONNECTED, S.CLOSING): Side.BE,
}

# What was denied counts so many times the limit at most: nothing stands still for ever.
_MOST_DENIED = 9

# What stands still when no event comes any more.
_END = "end of the stream"

# Nanoseconds between two looks at all links: no event costs that much for itself.
_LOOK_NS = 50_000_000


def waiting(link: Link, *, resting: bool = True) -> str | None:
    """Who waits for whom, in words; None if the link is no handshake under way.

    :param resting: Suspended is where the link is to stay; otherwise its ME is being resumed
    """
    back, front = link.state.get(Side.BE), link.state.get(Side.FE)
    if back is None or front is None or link.error or link.ended or link.connected:
        return None
    if back in (S.CLOSING, S.CLOSED) or (resting and (back, front) == (S.SUSPENDED, S.SUSPENDED)):
        return None
    turn = next_writer(link)
    if turn is Side.BE:
        return f"FE of domain {link.key.dom} waits for BE to leave {_label(back)}"
    if turn is Side.FE:
        return f"BE waits for FE of domain {link.key.dom} to leave {_label(front)}"
    return f"BE in {_label(back)} and FE of domain {link.key.dom} in {_label(front)} wait for each other"


def next_writer(link: Link) -> Side | None:
    """The side that the other one waits for; None: nobody's turn in the states they are in."""
    return _TURN.get((link.state.get(Side.BE, -1), link.state.get(Side.FE, -1)))


def _label(state: int) -> str:
    return state_text(state).split("(")[0]


def stall_violation(link: Link, now_ns: int, *, resting: bool = True) -> Violation:
    """The violation for a link that makes no progress; its place names who is waited for."""
    states = ", ".join(f"{side.value} {state_text(link.state.get(side))}" for side in Side)
    who = waiting(link, resting=resting) or "nobody has begun a handshake"
    quiet = f" for {(now_ns - link.last_ns) / 1e9:.1f} s" if link.changes else ""
    return Violation("link.stalled", f"{link.key}: {who}", "a handshake that makes progress", states + quiet,
                     link.changes[-1].line if link.changes else None)


class StallMonitor:
    """Looks at all links, and at events without an answer, as time goes on; a stall is told once.

    :param after: seconds without a write of either state
    """

    def __init__(self, after: float) -> None:
        self._after_ns = round(after * 1e9)
        self._told: dict[LinkKey, int] = {}
        self._looked_ns = -_LOOK_NS
        self._unanswered = -1
        self._denied_ns = 0
        self._seen: dict[object, tuple[int, int]] = {}

    def deny(self, ns: int, world: World) -> None:
        """Say how long in all, until now, the machine was kept from running: that is no stall."""
        for key, link in world.links.items():
            self._granted(key, _since(link, world))
        for sent in world.dc.all_pending():
            self._granted((sent.dom, sent.to), sent.ns)
        self._granted(_END, world.now)
        self._denied_ns = max(self._denied_ns, ns)

    def is_long(self, now_ns: int, since: int) -> bool:
        """Whether nothing may take so long at the end of a stream."""
        return now_ns - since >= self._granted(_END, since)

    def _granted(self, what: object, since: int) -> int:
        """How long `what` may stand still, if it does since `since`."""
        began, denied = self._seen.get(what, (-1, 0))
        if began != since:
            denied = self._denied_ns
            self._seen[what] = since, denied
        return self._after_ns + min(self._denied_ns - denied, _MOST_DENIED * self._after_ns)

    def check(self, now_ns: int, world: World) -> Iterator[Violation]:
        """Judge all links, and what waits for an answer, at `now_ns` on the agency's clock."""
        if now_ns - self._looked_ns < _LOOK_NS:
            return
        self._looked_ns = now_ns
        for key, link in sorted(world.links.items()):
            since = _since(link, world)
            if now_ns - since >= self._granted(key, since):
                yield from self._stalled(link, now_ns, world)
        for sent in world.dc.all_pending():
            domain = world.domains.find(sent.dom)
            dying = domain is not None and domain.dying
            late = now_ns - sent.ns >= self._granted((sent.dom, sent.to), sent.ns)
            if late and sent.seq > self._unanswered and not dying:
                self._unanswered = sent.seq
                yield unanswered(sent.dom, sent.event, sent.to, sent.line)

    def report(self, event: Event, world: World) -> Iterator[Violation]:
        """Judge the word of a guest that it has waited for a link in vain."""
        entry = parse_entry(event.dev) if isinstance(event, ErrorReport) else None
        if entry is not None and isinstance(event, ErrorReport) and event.code == TIMED_OUT:
            link = world.links.get(entry[0])
            if link is not None:
                yield from self._stalled(link, event.ns, world)

    def _stalled(self, link: Link, now_ns: int, world: World) -> Iterator[Violation]:
        if not link.changes or link.unknown or self._told.get(link.key) == link.changes[-1].seq:
            return
        domain = world.domains.find(link.key.dom)
        if domain is not None and domain.dying:
            return
        resuming = domain is not None and domain.state is MeState.RESUMING
        asked = world.dc.pending(link.key.dom, DcEnd.ME) is not None
        resting = not resuming or asked
        if waiting(link, resting=resting) is not None:
            self._told[link.key] = link.changes[-1].seq
            yield stall_violation(link, now_ns, resting=resting)


def _since(link: Link, world: World) -> int:
    """When either end of a link last did something."""
    domain = world.domains.find(link.key.dom)
    return max(link.last_ns, domain.since_ns if domain is not None else 0)
