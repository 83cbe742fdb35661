# SPDX-License-Identifier: GPL-2.0-only
"""The order in which the bus calls the entry points of a backend's driver."""

from __future__ import annotations

from collections.abc import Iterator

from harness.check.violation import Violation
from harness.model.events import Event, StreamLost, VbusEvent, VbusOp
from harness.model.world import World

_NEXT: dict[VbusOp | None, tuple[VbusOp, ...]] = {
    None: (VbusOp.PROBE,),
    # No reconfigured() of a link that never gets its ring; resume() first of a restored ME's.
    VbusOp.PROBE: (VbusOp.RECONFIGURED, VbusOp.RESUME, VbusOp.CLOSE, VbusOp.REMOVE),
    VbusOp.RECONFIGURED: (VbusOp.CONNECTED, VbusOp.CLOSE),
    VbusOp.CONNECTED: (VbusOp.SUSPEND, VbusOp.CLOSE),
    VbusOp.SUSPEND: (VbusOp.RESUME, VbusOp.CLOSE),
    VbusOp.RESUME: (VbusOp.CONNECTED, VbusOp.RECONFIGURED, VbusOp.CLOSE),
    VbusOp.CLOSE: (VbusOp.REMOVE,),
    VbusOp.REMOVE: (VbusOp.PROBE,),
}


class EntryPoints:
    """Remembers the last entry point of each device."""

    def __init__(self) -> None:
        self._last: dict[str, VbusOp] = {}
        self._from_start = True

    def check(self, event: Event, world: World) -> Iterator[Violation]:
        """Judge a call against those before it."""
        if isinstance(event, StreamLost) or not world.whole:
            self._last.clear()
            self._from_start = False
        if not isinstance(event, VbusEvent):
            return
        last = self._last.get(event.dev)
        self._last[event.dev] = event.op
        if (last is None and not self._from_start) or event.op in _NEXT[last]:
            return
        legal = " or ".join(f"{op.value}()" for op in _NEXT[last])
        after = f" after {last.value}()" if last is not None else " first"
        yield Violation("vbus.entry_order", event.dev, legal + after, f"{event.op.value}()", event.line)
