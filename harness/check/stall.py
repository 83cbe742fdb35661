# SPDX-License-Identifier: GPL-2.0-only
"""Handshakes that make no progress, and who is waited for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from harness.abi.vbus import VbusState as S
from harness.abi.vbus import state_text
from harness.check.violation import Violation
from harness.model.device import Side
from harness.model.link import Link, LinkKey
from harness.model.world import World

# (BE, FE) -> the side that has to write next.
_TURN: Mapping[tuple[int, int], Side] = {
    (S.INITIALISING, S.INITIALISING): Side.BE,
    (S.INITWAIT, S.INITIALISING): Side.FE,
    (S.INITWAIT, S.INITIALISED): Side.BE,
    (S.CONNECTED, S.INITIALISED): Side.FE,
    (S.SUSPENDING, S.CONNECTED): Side.FE,
    (S.SUSPENDING, S.SUSPENDED): Side.BE,
    (S.RESUMING, S.SUSPENDED): Side.FE,
    (S.RESUMING, S.CONNECTED): Side.BE,
    (S.INITIALISING, S.SUSPENDED): Side.BE,
    (S.RECONFIGURING, S.SUSPENDED): Side.FE,
    (S.RECONFIGURING, S.RECONFIGURED): Side.BE,
    (S.CONNECTED, S.RECONFIGURED): Side.FE,
    (S.CONNECTED, S.CLOSING): Side.BE,
}


def waiting(link: Link) -> str | None:
    """Who waits for whom, in words; None if the link is no handshake under way."""
    back, front = link.state.get(Side.BE), link.state.get(Side.FE)
    if back is None or front is None or link.error or link.ended or link.connected:
        return None
    if back in (S.CLOSING, S.CLOSED) or (back, front) == (S.SUSPENDED, S.SUSPENDED):
        return None
    turn = _TURN.get((back, front))
    if turn is Side.BE:
        return f"FE of domain {link.key.dom} waits for BE to leave {_label(back)}"
    if turn is Side.FE:
        return f"BE waits for FE of domain {link.key.dom} to leave {_label(front)}"
    return f"BE in {_label(back)} and FE of domain {link.key.dom} in {_label(front)} wait for each other"


def _label(state: int) -> str:
    return state_text(state).split("(")[0]


def stall_violation(link: Link, now_ns: int) -> Violation:
    """The violation for a link that makes no progress; its place names who is waited for."""
    states = ", ".join(f"{side.value} {state_text(link.state.get(side))}" for side in Side)
    who = waiting(link) or "nobody has begun a handshake"
    quiet = f" for {(now_ns - link.last_ns) / 1e9:.1f} s" if link.changes else ""
    return Violation("link.stalled", f"{link.key}: {who}", "a handshake that makes progress", states + quiet)


class StallMonitor:
    """Looks at all links as time goes on; a stall is told once.

    :param after: seconds without a write of either state
    """

    def __init__(self, after: float) -> None:
        self._after_ns = round(after * 1e9)
        self._told: dict[LinkKey, int] = {}

    def check(self, now_ns: int, world: World) -> Iterator[Violation]:
        """Judge all links at `now_ns`, on the agency's clock."""
        for key, link in sorted(world.links.items()):
            quiet = now_ns - link.last_ns
            if not link.changes or quiet < self._after_ns or self._told.get(key) == link.changes[-1].seq:
                continue
            domain = world.domains.find(key.dom)
            if waiting(link) is None or link.unknown or (domain is not None and domain.dying):
                continue
            self._told[key] = link.changes[-1].seq
            yield stall_violation(link, now_ns)
