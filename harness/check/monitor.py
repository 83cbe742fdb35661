# SPDX-License-Identifier: GPL-2.0-only
"""The always-on invariants over the event stream, and what scenario steps may ask about it."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping

from harness.check.dc import check_dc
from harness.check.entry_points import EntryPoints
from harness.check.hostile import Hostile, check_cut_off
from harness.check.leaks import check_leaks
from harness.check.life import check_life
from harness.check.ring import RingMonitor
from harness.check.stall import StallMonitor, stall_violation, waiting
from harness.check.state import check_state
from harness.check.store import check_store
from harness.check.tables import check_tables
from harness.check.violation import Violation
from harness.check.watches import WatchMonitor
from harness.model.channels import ChannelTable
from harness.model.device import Side
from harness.model.domains import Domains
from harness.model.events import Event, RingSample, StoreEvent, StoreOp
from harness.model.grants import GrantTable
from harness.model.link import Link, LinkKey, StateChange
from harness.model.store import Store
from harness.model.world import World

_KEPT_CHANGES = 64


class Monitor:
    """Takes events in their order and gives the violations of each.

    Not thread-safe: whoever feeds and asks from several threads holds a lock. An event is judged
    against the models as they were before it; then they follow it, legal or not.

    :param enabled_backends: types that the agency's tree enables; None: not known, not judged
    :param stall_after: seconds on the agency's clock that a handshake may stand still
    :param hostile: names of MEs that are to break what they can of their own links
    """

    def __init__(self, enabled_backends: Collection[str] | None = None, *, stall_after: float = 5.0,
                 hostile: Collection[str] = ()) -> None:
        self._enabled = None if enabled_backends is None else frozenset(enabled_backends)
        self._world = World()
        self._hostile = Hostile(hostile)
        self._rings = RingMonitor()
        self._watches = WatchMonitor()
        self._entries = EntryPoints()
        self._stalls = StallMonitor(stall_after)
        self._changes: dict[int, deque[StoreEvent]] = {}

    def deny(self, ns: int) -> None:
        """Say for how long in all, until now, the host has kept the machine from running."""
        self._stalls.deny(ns, self._world)

    def feed(self, event: Event) -> list[Violation]:
        """Judge one event, and the time that passed before it."""
        world = self._world
        found = [*self._stalls.check(event.ns, world), *self._watches.check(event, world),
                 *check_state(event, world), *check_store(event, world, self._enabled),
                 *check_life(event, world), *check_dc(event, world), *self._entries.check(event, world),
                 *check_leaks(event, world), *check_tables(event, world), *self._rings.check(event, world),
                 *self._stalls.report(event, world), *check_cut_off(event)]
        world.follow(event)
        if isinstance(event, StoreEvent) and event.op in (StoreOp.MKDIR, StoreOp.WRITE, StoreOp.RM):
            self._changes.setdefault(event.dom, deque(maxlen=_KEPT_CHANGES)).append(event)
        return self._hostile.remaining(event, found)

    def tick(self, now_ns: int) -> list[Violation]:
        """Judge the passing of time with no event. `now_ns` is on the agency's clock."""
        return self._hostile.without_excused(list(self._stalls.check(now_ns, self._world)))

    def finish(self, now_ns: int | None = None) -> list[Violation]:
        """Judge the end of the stream; without `now_ns` the last event is the end.

        What is to be told next is missing only if time enough has passed for it.
        """
        last = self._world.now
        now_ns = last if now_ns is None else now_ns
        late = self._watches.close() if self._stalls.is_long(now_ns, last) else ()
        return [*late, *self.tick(now_ns)]

    def adopt_store(self, tree: Mapping[str, str | None]) -> None:
        """Start, or after lost events go on, from a dump of the store (None: a directory)."""
        self._world.adopt_store(tree)

    @property
    def store(self) -> Store:
        """The store now; to be read only, like all models here."""
        return self._world.store

    @property
    def links(self) -> Mapping[LinkKey, Link]:
        """The present or last link of each name; one that is over has no states, but its changes."""
        return self._world.links

    @property
    def past(self) -> tuple[Link, ...]:
        """Links whose name was used again, oldest first; a bounded number."""
        return tuple(self._world.past)

    @property
    def domains(self) -> Domains:
        """The MEs that exist now."""
        return self._world.domains

    @property
    def grants(self) -> GrantTable:
        """Grants now."""
        return self._world.grants

    @property
    def channels(self) -> ChannelTable:
        """Event channels now."""
        return self._world.channels

    @property
    def samples(self) -> Mapping[str, RingSample]:
        """The last sample of each ring, by the backend's path."""
        return self._world.samples

    @property
    def lost(self) -> int:
        """Event lines that are missing so far; what they hid was not judged."""
        return self._world.lost

    @property
    def last_line(self) -> str | None:
        """The last event; None before the first."""
        return self._world.line

    @property
    def now_ns(self) -> int:
        """Time of the last event, on the agency's clock."""
        return self._world.now

    def present(self) -> tuple[LinkKey, ...]:
        """Links that exist now, sorted: at least one side has a state."""
        return tuple(sorted(key for key, link in self._world.links.items() if link.state))

    def state(self, key: LinkKey, side: Side) -> int | None:
        """The state that the store has now; None if there is no such entry."""
        link = self._world.links.get(key)
        return link.state.get(side) if link else None

    def history(self, key: LinkKey) -> tuple[StateChange, ...]:
        """Writes of both states of the present link, or of the last one of that name, oldest first."""
        link = self._world.links.get(key)
        return tuple(link.changes) if link else ()

    def states(self, key: LinkKey, side: Side) -> tuple[int, ...]:
        """The states of one side in `history`, the 1 that the ME wrote at first included."""
        return tuple(change.state for change in self.history(key) if change.side is side)

    def connected(self, key: LinkKey) -> bool:
        """Whether both sides are Connected now."""
        link = self._world.links.get(key)
        return link is not None and link.connected

    def waiting_for(self, key: LinkKey) -> str | None:
        """Who waits for whom; None if the link is no handshake under way."""
        link = self._world.links.get(key)
        return waiting(link) if link else None

    def stalled(self, key: LinkKey, now_ns: int | None = None) -> Violation:
        """The violation for a link that somebody waited for in vain, whatever the limit here."""
        link = self._world.links.get(key, Link(key))
        return stall_violation(link, self.now_ns if now_ns is None else now_ns)

    def recent_changes(self, dom: int) -> tuple[StoreEvent, ...]:
        """The last changes of the store that a domain asked for, oldest first."""
        return tuple(self._changes.get(dom, ()))
