# SPDX-License-Identifier: GPL-2.0-only
"""Rules that an ME may break when it is meant to: those that it alone answers for, on its own links."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from harness.check.violation import Violation
from harness.model.events import DomainEvent, DomainOp, ErrorReport, Event, StateRefused

_CUT_OFF = -103
"""-ECONNABORTED: what the agency reports of an ME that it does not serve any more."""

EXCUSED = frozenset({
    "ring.no_overrun", "ring.moved_before_connected", "ring.moved_while_suspended", "link.stalled",
    "dc.no_answer", "domain.entries_missing", "domain.cut_off", "store.ring_ref_late",
})
"""All else the agency has to prevent: who may write what, arrows, leftovers, and what others notice."""

_PLACE = re.compile(r"(?:backend/[^/]+|device|soo/me|[a-z]\w*|domain)[/ ](\d+)(?:[/ :]|\Z)")


def check_cut_off(event: Event) -> Iterator[Violation]:
    """An ME that is cut off has broken a protocol, or been refused over and over."""
    if isinstance(event, ErrorReport) and event.code == _CUT_OFF and event.dev.startswith("soo/me/"):
        yield Violation("domain.cut_off", f"domain {event.dev.removeprefix('soo/me/')}",
                        "an ME that the agency goes on to serve", f"cut off: {event.text}", event.line)


class Hostile:
    """Follows which domains are hostile MEs, by the names that they were injected under."""

    def __init__(self, names: Collection[str] = ()) -> None:
        self._names = frozenset(names)
        self._domains: set[int] = set()

    def remaining(self, event: Event, found: list[Violation]) -> list[Violation]:
        """Of the violations at an event those that are no hostile ME's own affair."""
        if isinstance(event, DomainEvent) and event.op is DomainOp.CREATE:
            (self._domains.add if event.name in self._names else self._domains.discard)(event.dom)
        if isinstance(event, StateRefused) and event.dom in self._domains:
            return []
        return self.without_excused(found)

    def without_excused(self, found: list[Violation]) -> list[Violation]:
        """Violations without those that are excused."""
        return [violation for violation in found if not self._excuses(violation)]

    def _excuses(self, violation: Violation) -> bool:
        place = _PLACE.match(violation.place)
        return violation.rule in EXCUSED and place is not None and int(place[1]) in self._domains
