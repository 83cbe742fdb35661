# SPDX-License-Identifier: GPL-2.0-only
"""Ring indices from samples, and the frontend's statistics of a `send`."""

from __future__ import annotations

from collections.abc import Iterator

from harness.abi.devices import SLOT_SIZES, UNSOLICITED
from harness.abi.ring import RING_BROKEN, RingIndices, entry_count
from harness.abi.vbus import VbusState
from harness.check.tables import check_page
from harness.check.violation import Violation
from harness.model.device import Side
from harness.model.events import ErrorReport, Event, RingSample, StoreEvent, StoreOp
from harness.model.link import Link, parse_entry
from harness.model.ring import at_rest, impossible, went_back
from harness.model.views import SendResult
from harness.model.world import World

_NAMES = ("req_prod", "req_cons", "rsp_prod", "rsp_cons")


def check_indices(
    place: str, kind: str, indices: RingIndices, event: str | None = None
) -> Iterator[Violation]:
    """Judge indices of one moment.

    :param kind: device type; a type whose slot sizes are unknown is not judged
    """
    sizes = SLOT_SIZES.get(kind)
    if not sizes:
        return
    unsolicited = kind in UNSOLICITED
    reason = impossible(indices, entry_count(*sizes), unsolicited=unsolicited)
    if reason is not None:
        expected = ("req_cons <= req_prod <= req_cons + entries, and so for responses" if unsolicited else
                    "rsp_cons <= rsp_prod <= req_cons <= req_prod <= rsp_cons + entries")
        yield Violation("ring.no_overrun", place, expected, f"{reason}: {indices}", event)


class RingMonitor:
    """Judges samples in their order; a fault that lasts is told once per link."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[Link | None, int, RingIndices]] = {}
        self._told: dict[str, set[str]] = {}
        self._resting: dict[str, tuple[int, RingIndices]] = {}

    def check(self, event: Event, world: World) -> Iterator[Violation]:
        """Judge a sample, or the report of a refused index, against the world before it."""
        refused = _refusal(event)
        if refused is not None:
            yield from self._check_refusal(event, *refused)
        if not isinstance(event, RingSample):
            return
        entry = parse_entry(event.dev)
        link = world.links.get(entry[0]) if entry else None
        # A link that reconfigures publishes the reference of another page: another ring.
        ring = link.published.get("ring-ref", 0) if link else 0
        before = self._before(event.dev, link, ring)
        self._last[event.dev] = (link, ring, event.indices)
        kind = entry[0].type if entry else ""
        told = self._told[event.dev]
        for found in (*check_page(event, world), *check_indices(event.dev, kind, event.indices, event.line),
                      *_check_back(event, before), *_check_moved(event, link, before),
                      *self._check_rest(event, link)):
            if found.rule not in told:
                told.add(found.rule)
                yield found

    def _check_refusal(self, event: Event, dev: str, text: str) -> Iterator[Violation]:
        told = self._told.setdefault(dev, set())
        if "ring.no_overrun" not in told:
            told.add("ring.no_overrun")
            yield Violation("ring.no_overrun", dev, "no index that a driver has to refuse",
                            f"refused: {text}", event.line)

    def _check_rest(self, event: RingSample, link: Link | None) -> Iterator[Violation]:
        """From the frontend's Suspended on nobody may touch the ring."""
        resting = link is not None and link.state.get(Side.FE) == VbusState.SUSPENDED
        if link is None or not resting or link.unknown or link.error or Side.FE not in link.since:
            return
        began = link.since[Side.FE]
        rest, first = self._resting.get(event.dev, (-1, event.indices))
        if rest != began:
            self._resting[event.dev] = (began, event.indices)
        elif first != event.indices:
            yield Violation("ring.moved_while_suspended", event.dev, f"{first}, as when it was suspended",
                            f"{event.indices}", event.line)

    def _before(self, dev: str, link: Link | None, ring: int) -> RingIndices | None:
        """The sample before, if it was one of the same ring."""
        last = self._last.get(dev)
        if last is None or last[0] is not link or last[1] != ring:
            self._told[dev] = set()
            return None
        return last[2]


def _refusal(event: Event) -> tuple[str, str] | None:
    """Device and text, if a driver says that it refused an index: the BE by a report, the FE in `error`."""
    if isinstance(event, ErrorReport) and event.code == RING_BROKEN and parse_entry(event.dev):
        return event.dev, event.text
    if isinstance(event, StoreEvent) and event.op is StoreOp.WRITE and event.value is not None:
        entry = parse_entry(event.path)
        if entry is not None and entry[2] == "error" and f"error {RING_BROKEN}" in event.value:
            return entry[0].be_path, event.value
    return None


def _check_back(event: RingSample, before: RingIndices | None) -> Iterator[Violation]:
    if before is None:
        return
    for name in _NAMES:
        now, then = getattr(event.indices, name), getattr(before, name)
        if went_back(now, then):
            yield Violation("ring.no_overrun", event.dev, f"{name} counts up from {then}", f"{name}={now}",
                            event.line)


def _check_moved(event: RingSample, link: Link | None, before: RingIndices | None) -> Iterator[Violation]:
    if link is None or link.met or link.unknown or link.ended:
        return
    if at_rest(event.indices) and before in (None, event.indices):
        return
    states = " and ".join(f"{side.value} {link.state.get(side, 'absent')}" for side in Side)
    yield Violation("ring.moved_before_connected", event.dev, "four equal indices that stand still",
                    f"{event.indices} with states {states}", event.line)


def check_send(place: str, result: SendResult) -> Iterator[Violation]:
    """Judge the frontend's statistics.

    :param place: which ME and device, for instance `alpha/vdummy`
    """
    lost = max(result.lost, result.sent - result.received)
    found = (("ring.response_doubled", result.doubled, "answered more than once"),
             ("ring.response_lost", lost, "without a response"),
             ("ring.response_order", result.reordered, "out of order"),
             ("ring.payload", result.corrupt, "with other bytes than were sent"),
             ("ring.index_before_data", result.early, "covered by rsp_prod before they were written"))
    for rule, count, what in found:
        if count > 0:
            yield Violation(rule, place, f"0 of {result.sent} {what}", f"{count} of {result.sent} {what}")
