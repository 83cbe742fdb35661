# SPDX-License-Identifier: GPL-2.0-only
"""Direct-communication events: what is under way between the agency and each ME, and what was."""

from __future__ import annotations

from collections.abc import Mapping

from harness.abi.soo import DcEvent
from harness.model.events import DcEnd, DcOp, DcReport

RECEIVERS: Mapping[DcEvent, DcEnd] = {
    DcEvent.PRE_SUSPEND: DcEnd.ME,
    DcEvent.SUSPEND: DcEnd.ME,
    DcEvent.RESUME: DcEnd.ME,
    DcEvent.FORCE_TERMINATE: DcEnd.ME,
    DcEvent.POST_ACTIVATE: DcEnd.ME,
    DcEvent.TRIGGER_DEV_PROBE: DcEnd.AGENCY,
}
"""Which way each event goes; TRIGGER_LOCAL_COOPERATION, which has no use between two ends, goes none."""

MAY_REFUSE = frozenset({DcEvent.PRE_SUSPEND, DcEvent.FORCE_TERMINATE})
"""What the receiver may say no to."""


class DcTable:
    """Follows the events of all MEs. Each direction has room for one event at a time."""

    def __init__(self) -> None:
        self._pending: dict[tuple[int, DcEnd], DcReport] = {}
        self._answered: dict[tuple[int, DcEnd], DcReport] = {}
        self._probed: set[int] = set()

    def follow(self, report: DcReport) -> None:
        """Take an event or its answer in, legal or not."""
        key = (report.dom, report.to)
        if report.op is DcOp.SEND:
            self._pending[key] = report
            if report.event is DcEvent.TRIGGER_DEV_PROBE:
                self._probed.add(report.dom)
        else:
            self._pending.pop(key, None)
            self._answered[key] = report

    def pending(self, dom: int, to: DcEnd) -> DcReport | None:
        """What `to` has been sent and not answered."""
        return self._pending.get((dom, to))

    def all_pending(self) -> tuple[DcReport, ...]:
        """Everything under way, the oldest first."""
        return tuple(sorted(self._pending.values(), key=lambda report: report.seq))

    def answered(self, dom: int, to: DcEnd) -> DcReport | None:
        """The last answer of `to`."""
        return self._answered.get((dom, to))

    def probed(self, dom: int) -> bool:
        """Whether the ME has asked for its devices since its domain was made."""
        return dom in self._probed

    def drop(self, dom: int) -> None:
        """Forget a domain: its number may be used again."""
        self._pending = {key: value for key, value in self._pending.items() if key[0] != dom}
        self._answered = {key: value for key, value in self._answered.items() if key[0] != dom}
        self._probed.discard(dom)
