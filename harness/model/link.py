# SPDX-License-Identifier: GPL-2.0-only
"""One link: a backend in the agency and a frontend in an ME, with the history of both states."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from harness.abi.vbus import VbusState as S
from harness.model.device import Side
from harness.model.store import split_path

RING_ENTRIES = ("ring-ref", "ring-evtchn")
"""What a frontend publishes of its ring."""

_KEPT_CHANGES = 4096


@dataclass(frozen=True, slots=True, order=True)
class LinkKey:
    """Name of a link: device type, domain of the ME, instance."""

    type: str
    dom: int
    instance: int = 0

    def __str__(self) -> str:
        return f"{self.type}/{self.dom}/{self.instance}"

    @property
    def be_path(self) -> str:
        """Directory of the backend in the store."""
        return f"backend/{self.type}/{self.dom}/{self.instance}"

    @property
    def fe_path(self) -> str:
        """Directory of the frontend in the store."""
        return f"device/{self.dom}/{self.type}/{self.instance}"

    def path(self, side: Side) -> str:
        """Directory of that side."""
        return self.be_path if side is Side.BE else self.fe_path


def parse_entry(path: str) -> tuple[LinkKey, Side, str] | None:
    """Link, side and the rest of a path at or below a device's directory; None for any other path."""
    names = split_path(path)
    if len(names) < 4:
        return None
    if names[0] == "backend":
        side, kind, dom = Side.BE, names[1], names[2]
    elif names[0] == "device":
        side, kind, dom = Side.FE, names[2], names[1]
    else:
        return None
    if not (_decimal(dom) and _decimal(names[3])):
        return None
    return LinkKey(kind, int(dom), int(names[3])), side, "/".join(names[4:])


def _decimal(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 6


@dataclass(frozen=True, slots=True)
class StateChange:
    """One write of a state: `writer` is a domain, `ns` the agency's clock, `line` the event."""

    side: Side
    state: int
    writer: int
    seq: int
    ns: int
    line: str


@dataclass(slots=True)
class Link:
    """A link from the making of its entries to their removal.

    :ivar state: per side; absent before the entry is made and after it is removed
    :ivar changes: the last writes, in order, the making included; thousands
    :ivar since: number of the event that last wrote the state, by side
    :ivar published: number of the event that last wrote an entry of the ring, by name
    :ivar unknown: sides whose state may be another one since events were lost
    :ivar error: a driver of this link has reported an error
    :ivar ended: an entry was removed, or the domain destroyed; the next entries are another link's
    :ivar met: both sides were Connected at once, since the ring in use was made
    """

    key: LinkKey
    state: dict[Side, int] = field(default_factory=dict)
    changes: deque[StateChange] = field(default_factory=lambda: deque(maxlen=_KEPT_CHANGES))
    since: dict[Side, int] = field(default_factory=dict)
    published: dict[str, int] = field(default_factory=dict)
    unknown: set[Side] = field(default_factory=set)
    error: bool = False
    ended: bool = False
    met: bool = False

    def write(self, change: StateChange) -> None:
        """Follow a write of a state."""
        self.state[change.side] = change.state
        self.since[change.side] = change.seq
        self.unknown.discard(change.side)
        self.changes.append(change)
        if self.connected:
            self.met = True
        elif change.state == S.RECONFIGURING:
            self.met = False

    def remove(self, side: Side) -> None:
        """Follow the removal of a side's entry."""
        if self.state.pop(side, None) is not None:
            self.ended = True

    def end(self) -> None:
        """Follow the end of the domain."""
        self.state.clear()
        self.ended = True

    @property
    def connected(self) -> bool:
        """Both sides are Connected now."""
        return self.state.get(Side.BE) == S.CONNECTED and self.state.get(Side.FE) == S.CONNECTED

    @property
    def last_ns(self) -> int:
        """Time of the last write; 0 if there was none."""
        return self.changes[-1].ns if self.changes else 0

    def path_of(self, side: Side) -> tuple[int, ...]:
        """The states that one side went through."""
        return tuple(change.state for change in self.changes if change.side is side)
