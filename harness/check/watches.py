# SPDX-License-Identifier: GPL-2.0-only
"""Watch events against those that the model of the store gives: each once, in order, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from harness.check.violation import Violation
from harness.model.events import Event, StoreEvent, StoreOp, StreamLost, WatchEvent
from harness.model.world import World

_Told = tuple[int, str]


class WatchMonitor:
    """Holds what is still to be told since the last end of a transaction.

    The store tells it under one lock, before it does anything else: the next event of the store, of
    whatever kind, closes the account.
    """

    def __init__(self) -> None:
        self._groups: list[list[_Told]] = []
        self._told: list[_Told] = []
        self._cause: str | None = None

    def check(self, event: Event, world: World) -> Iterator[Violation]:
        """Judge an event against the world before it."""
        if isinstance(event, StreamLost) or not world.whole:
            self._groups, self._told = [], []
        elif isinstance(event, WatchEvent):
            yield from self._check_told(event)
        elif isinstance(event, StoreEvent):
            yield from self.close()
            self._told = []
            self._cause = event.line
            if event.op is StoreOp.TXEND:
                wakeups = world.store.wakeups(event.dom, event.tx)
                self._groups = [[(wakeup.dom, wakeup.path) for wakeup in group]
                                for _, group in groupby(wakeups, lambda wakeup: wakeup.path)]

    def close(self) -> Iterator[Violation]:
        """What should have been told by now and was not."""
        missing = [told for group in self._groups for told in group]
        self._groups = []
        for dom, path in missing:
            yield Violation("watch.event_missing", path, f"domain {dom}, who watches it or a directory"
                            " above, is told at the end of the transaction", "not told", self._cause)

    def _check_told(self, event: WatchEvent) -> Iterator[Violation]:
        told = (event.dom, event.path)
        rank = next((rank for rank, group in enumerate(self._groups) if told in group), None)
        if rank is None:
            again = told in self._told
            yield Violation("watch.event_twice" if again else "watch.event_unasked", event.path,
                            "told once per node and transaction" if again else
                            f"domain {event.dom} is told only what it watches, at the end of a transaction",
                            f"domain {event.dom} told {'again' if again else 'unasked'}", event.line)
            return
        if rank > 0:
            first = self._groups[0][0]
            yield Violation("watch.event_order", event.path, f"{first[1]} told first: it was written before",
                            f"told before it to domain {event.dom}", event.line)
        self._groups[rank].remove(told)
        self._groups = [group for group in self._groups if group]
        self._told.append(told)
