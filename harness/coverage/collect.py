# SPDX-License-Identifier: GPL-2.0-only
"""What a stored event stream and the consoles of MEs show, as rows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.abi.soo import MeState
from harness.abi.vbus import VbusState
from harness.coverage import rows
from harness.coverage.rows import DcStep, Row
from harness.model.device import Side, arrow_legal
from harness.model.events import (
    DcOp,
    DcReport,
    DomainEvent,
    DomainOp,
    Event,
    MessageEvent,
    StateRefused,
    StoreEvent,
    StoreOp,
    VbusEvent,
    WatchEvent,
)
from harness.model.link import parse_entry
from harness.model.world import World, state_value

_MARK = re.compile(rb"\[(?P<type>\w+)\] (?:Frontend (?P<entry>[a-z]+)\r?$"
                   rb"|backend state (?P<new>[0-9]+) after (?P<old>[0-9]+) in own state [0-9]+: refused)",
                   re.MULTILINE)
_ENTRY_NAMES = {"close": "closed"}
_STATES = frozenset(VbusState)


class Collector:
    """Follows one event stream."""

    def __init__(self) -> None:
        self._world = World()
        self._led: set[str] = set()  # backends that have a driver, by path: others are moved by a test

    def feed(self, event: Event) -> list[Row]:
        """The rows that an event reaches."""
        found = list(self._rows(event))
        self._world.follow(event)
        return found

    def _rows(self, event: Event) -> Iterator[Row]:
        if isinstance(event, StoreEvent | StateRefused):
            yield from self._written(event)
        elif isinstance(event, DomainEvent):
            yield from self._lived(event)
        elif isinstance(event, DcReport):
            yield rows.dc(event.event, event.to, _step(event))
        elif isinstance(event, VbusEvent):
            entry = parse_entry(event.dev)
            if entry is not None:
                self._led.add(event.dev)
                yield rows.entry(Side.BE, entry[0].type, event.op.value)
        elif isinstance(event, WatchEvent) and event.dom:
            yield rows.watch_event()
        elif isinstance(event, MessageEvent):
            yield rows.message(event.type, event.op)

    def _written(self, event: StoreEvent | StateRefused) -> Iterator[Row]:
        if isinstance(event, StoreEvent) and event.op is not StoreOp.WRITE:
            return
        entry = parse_entry(event.path)
        if entry is None or entry[2] != "state":
            return
        key, side, _ = entry
        link, new = self._world.links.get(key), state_value(event.value)
        old = link.state.get(side) if link is not None else None
        if new not in _STATES:
            return
        if isinstance(event, StateRefused):
            if old is not None:
                yield rows.refused(side, old, new)
            return
        if old is None or link is None:
            self._led.discard(key.path(side))
            yield rows.state(side, new)
            return
        if side is Side.BE and key.be_path not in self._led:
            return
        yield rows.state(side, new)
        domain = self._world.domains.find(key.dom)
        killed = domain is not None and domain.dying
        if arrow_legal(side, old, new):
            yield rows.arrow(side, old, new)
        elif arrow_legal(side, old, new, error=link.error, killed=killed):
            yield rows.end(side, old, new)

    def _lived(self, event: DomainEvent) -> Iterator[Row]:
        if event.op is DomainOp.CREATE:
            yield rows.life(MeState.BOOTING)
        if event.op is not DomainOp.STATE or event.state is None:
            return
        domain = self._world.domains.find(event.dom)
        old = domain.state if domain is not None and domain.state is not None else MeState.BOOTING
        yield rows.life(event.state)
        yield rows.life_arrow(old, event.state)


def _step(event: DcReport) -> DcStep:
    if event.op is DcOp.SEND:
        return DcStep.SENT
    return DcStep.REFUSED if event.err else DcStep.ACKNOWLEDGED


def console_rows(text: bytes) -> list[Row]:
    """What an ME's console tells: entry points of its frontends, states of backends that they refused."""
    found = []
    for match in _MARK.finditer(text):
        if match["entry"] is not None:
            name = match["entry"].decode()
            found.append(rows.entry(Side.FE, match["type"].decode(), _ENTRY_NAMES.get(name, name)))
        else:
            found.append(rows.refused(Side.BE, int(match["old"]), int(match["new"])))
    return found
