# SPDX-License-Identifier: GPL-2.0-only
"""All models together, following the event stream."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from harness.model.channels import ChannelTable
from harness.model.dc import DcTable
from harness.model.device import Side
from harness.model.domains import Domains
from harness.model.events import (
    DcReport,
    DomainEvent,
    DomainOp,
    ErrorReport,
    Event,
    EvtchnEvent,
    EvtchnOp,
    GrantEvent,
    GrantOp,
    RingSample,
    StoreEvent,
    StoreOp,
    StreamLost,
)
from harness.model.grants import GrantTable
from harness.model.link import RING_ENTRIES, Link, LinkKey, StateChange, parse_entry
from harness.model.store import Store

_KEPT_LINKS = 256
TIMED_OUT = -110
"""-ETIMEDOUT: who reports it has waited in vain, and goes on."""


def state_value(text: str | None) -> int:
    """Number of a `state` entry; -1 if the text is none."""
    if text is not None and text.isascii() and text.isdecimal() and len(text) <= 4:
        return int(text)
    return -1


class World:
    """What the agency holds, as far as events told.

    :ivar links: the present or last link of each name
    :ivar past: links before those, the latest last
    :ivar samples: the last sample of each ring, by the backend's path
    :ivar lost: event lines that are missing
    :ivar complete: False from a loss of events until `adopt_store`; the store is then a lower bound
    :ivar whole: nothing was lost since the stream began: watches, grants and channels are known
    :ivar now: time of the last event, nanoseconds
    :ivar line: the last event, None before the first
    """

    def __init__(self) -> None:
        self.store = Store()
        self.links: dict[LinkKey, Link] = {}
        self.past: deque[Link] = deque(maxlen=_KEPT_LINKS)
        self.samples: dict[str, RingSample] = {}
        self.domains = Domains()
        self.grants = GrantTable()
        self.channels = ChannelTable()
        self.dc = DcTable()
        self.lost = 0
        self.complete = True
        self.whole = True
        self.now = 0
        self.line: str | None = None

    def follow(self, event: Event) -> None:
        """Take an event in, legal or not."""
        self.now = max(self.now, event.ns)
        self.line = event.line
        if isinstance(event, StoreEvent):
            self._follow_store(event)
        elif isinstance(event, DomainEvent):
            self._follow_domain(event)
        elif isinstance(event, GrantEvent):
            self._follow_grant(event)
        elif isinstance(event, EvtchnEvent):
            self._follow_channel(event)
        elif isinstance(event, ErrorReport):
            if event.code != TIMED_OUT:
                self._note_error(event.dev)
        elif isinstance(event, DcReport):
            self.dc.follow(event)
        elif isinstance(event, RingSample):
            self.samples[event.dev] = event
        elif isinstance(event, StreamLost):
            self._forget(event.count)

    def adopt_store(self, tree: Mapping[str, str | None]) -> None:
        """Go on from this store (path to value, None for a directory); watches are forgotten."""
        self.store = Store()
        self.whole = False
        for path, value in tree.items():
            self.store.adopt(path, value)
        for link in self.links.values():
            for side in Side:
                if self.store.read(f"{link.key.path(side)}/state") is None:
                    link.remove(side)
        for path, value in self.store.walk():
            self._adopt_entry(path, value)
        self.complete = True

    def link_for(self, key: LinkKey, side: Side) -> Link:
        """The link that a write below that side's directory belongs to: a new one after the last ended."""
        link = self.links.get(key)
        if link is None or (link.ended and side not in link.state):
            if link is not None:
                self.past.append(link)
            elif len(self.links) >= _KEPT_LINKS:
                # An ME may make up names without end.
                self.links = {name: other for name, other in self.links.items() if other.state}
            link = Link(key, unknown=set() if self.complete else set(Side))
            self.links[key] = link
        return link

    def _follow_store(self, event: StoreEvent) -> None:
        if event.op in (StoreOp.MKDIR, StoreOp.WRITE):
            if self.store.missing_parent(event.path) is not None:
                self.store.adopt(event.path)
            self._follow_change(event)
        elif event.op is StoreOp.RM:
            for path in self.store.rm(event.path):
                entry = parse_entry(path)
                if entry is not None and entry[0] in self.links and entry[2] in ("", "state"):
                    self.links[entry[0]].remove(entry[1])
        elif event.op is StoreOp.WATCH:
            if self.store.exists(event.path):
                self.store.watch(event.path, event.dom)
        elif event.op is StoreOp.UNWATCH:
            self.store.unwatch(event.path, event.dom)
        else:
            self.store.end_transaction(event.dom, event.tx)

    def _follow_change(self, event: StoreEvent) -> None:
        entry = parse_entry(event.path)
        if entry is not None:
            key, side, name = entry
            link = self.link_for(key, side)
            if event.op is StoreOp.WRITE and side is Side.FE and name in RING_ENTRIES:
                link.published[name] = event.seq
            if event.op is StoreOp.WRITE and name == "state":
                link.write(StateChange(side, state_value(event.value), event.dom, event.seq, event.ns,
                                       event.line))
            elif name == "error":
                link.error = True
        if not event.path.strip("/"):
            return
        if event.op is StoreOp.MKDIR:
            self.store.mkdir(event.path, event.dom, event.tx)
        else:
            self.store.write(event.path, event.value or "", event.dom, event.tx)

    def _follow_domain(self, event: DomainEvent) -> None:
        if event.op is DomainOp.CREATE:
            self.domains.create(event.dom, event.incarnation, event.ns, event.name)
            self.dc.drop(event.dom)
        elif event.op is DomainOp.START:
            self.domains.start(event.dom)
        elif event.op is DomainOp.STATE and event.state is not None:
            self.domains.set_state(event.dom, event.state, event.ns)
        elif event.op is DomainOp.DESTROY:
            self.domains.destroy(event.dom)
            self.store.drop(event.dom)
            self.dc.drop(event.dom)
            self.grants.drop(event.dom)
            self.channels.drop(event.dom)
            for link in self.links.values():
                if link.key.dom == event.dom:
                    link.end()

    def _follow_grant(self, event: GrantEvent) -> None:
        if event.op is GrantOp.GRANT:
            self.grants.grant(event.dom, event.ref, event.frame)
        elif event.op is GrantOp.MAP:
            self.grants.map(event.dom, event.ref, event.phys)
        elif event.op is GrantOp.UNMAP:
            self.grants.unmap(event.dom, event.ref)
        else:
            self.grants.revoke(event.dom, event.ref)

    def _follow_channel(self, event: EvtchnEvent) -> None:
        if event.op is EvtchnOp.ALLOC:
            self.channels.alloc(event.dom, event.port, event.rdom)
        elif event.op is EvtchnOp.BIND:
            self.channels.bind(event.dom, event.port, event.rdom, event.rport)
        else:
            self.channels.close(event.dom, event.port)

    def _adopt_entry(self, path: str, value: str | None) -> None:
        entry = parse_entry(path)
        if entry is None or value is None:
            return
        key, side, name = entry
        link = self.links.setdefault(key, Link(key, met=True))
        if side is Side.FE and name in RING_ENTRIES:
            link.published.setdefault(name, 0)
        link.unknown.clear()
        if name == "state":
            link.state[side] = state_value(value)
            link.ended = False

    def _note_error(self, dev: str) -> None:
        entry = parse_entry(dev)
        if entry is not None and entry[0] in self.links:
            self.links[entry[0]].error = True

    def _forget(self, count: int) -> None:
        self.lost += count
        self.complete = self.whole = False
        self.dc = DcTable()
        self.grants = GrantTable()
        self.channels = ChannelTable()
        for link in self.links.values():
            link.unknown = set(Side)
