# SPDX-License-Identifier: GPL-2.0-only
"""vbus.h: device states, and limits of store paths and type names."""

from __future__ import annotations

from enum import IntEnum

DEV_TYPE_SIZE = 32
"""Bytes of a device type, with the final NUL."""
PATH_SIZE = 50
"""Bytes of a store path, with the final NUL."""


class VbusState(IntEnum):
    """Value of a `state` entry."""

    UNKNOWN = 0
    INITIALISING = 1
    INITWAIT = 2
    INITIALISED = 3
    CONNECTED = 4
    CLOSING = 5
    CLOSED = 6
    RECONFIGURING = 7
    RECONFIGURED = 8
    SUSPENDING = 9
    SUSPENDED = 10
    RESUMING = 11

    @property
    def label(self) -> str:
        """The spelling of the protocol's description, for instance `InitWait`."""
        return "InitWait" if self is VbusState.INITWAIT else self.name.capitalize()


def state_text(value: int | None) -> str:
    """A state for people: `InitWait(2)`, `no state(17)`, `absent`."""
    if value is None:
        return "absent"
    try:
        return f"{VbusState(value).label}({value})"
    except ValueError:
        return f"no state({value})"
