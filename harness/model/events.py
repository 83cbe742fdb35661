# SPDX-License-Identifier: GPL-2.0-only
"""What the agency reports, one class for each kind of line of the event stream.

`harness.guest.observe` makes them from text; tests and recorded runs make them too.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from harness.abi.ring import RingIndices
from harness.abi.soo import DcEvent, MeState
from harness.abi.vbstore import VbsType


class DomainOp(Enum):
    """Life of a domain; `DESTROY` comes last, when everything that was the domain's is undone."""

    CREATE = "create"
    START = "start"
    STATE = "state"
    DESTROY = "destroy"


class StoreOp(Enum):
    """A request that the store carried out."""

    MKDIR = "mkdir"
    WRITE = "write"
    RM = "rm"
    WATCH = "watch"
    UNWATCH = "unwatch"
    TXEND = "txend"


class MessageOp(Enum):
    """What the store did with a message."""

    SERVED = "served"
    REFUSED = "refused"


class EvtchnOp(Enum):
    """Life of an event channel."""

    ALLOC = "alloc"
    BIND = "bind"
    CLOSE = "close"


class GrantOp(Enum):
    """Life of a grant."""

    GRANT = "grant"
    MAP = "map"
    UNMAP = "unmap"
    REVOKE = "revoke"


class DcOp(Enum):
    """Either end of a direct-communication event."""

    SEND = "send"
    ACK = "ack"


class DcEnd(Enum):
    """Who receives a direct-communication event."""

    AGENCY = "agency"
    ME = "me"


class VbusOp(Enum):
    """Entry points of a backend driver that the bus called."""

    PROBE = "probe"
    RECONFIGURED = "reconfigured"
    CONNECTED = "connected"
    SUSPEND = "suspend"
    RESUME = "resume"
    CLOSE = "close"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Event:
    """What all have in common.

    :ivar seq: number of the line; consecutive
    :ivar ns: clock of the agency, in nanoseconds
    :ivar line: the line as it came, for messages
    """

    seq: int
    ns: int
    line: str


@dataclass(frozen=True, slots=True)
class DomainEvent(Event):
    """`state` with op STATE only; `reason` is empty if none was told.

    :ivar incarnation: with CREATE: how often the ME was restored before; 0 is a new one
    :ivar name: with CREATE: what the ME calls itself
    """

    op: DomainOp
    dom: int
    state: MeState | None = None
    reason: str = ""
    incarnation: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class StoreEvent(Event):
    """`dom` is who asked, 0 for the agency; `tx` 0 is outside any transaction; `value` with WRITE only."""

    op: StoreOp
    dom: int
    tx: int
    path: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class MessageEvent(Event):
    """For the first time domain `dom` got this answer to a message of this type, which may be none there is.

    :ivar err: 0, or -errno of a message that was refused
    """

    op: MessageOp
    dom: int
    type: VbsType | None
    err: int = 0


@dataclass(frozen=True, slots=True)
class StateRefused(Event):
    """Domain `dom` tried to write or make the state of its frontend `path`; the store is as it was."""

    dom: int
    tx: int
    path: str
    value: str


@dataclass(frozen=True, slots=True)
class WatchEvent(Event):
    """Domain `dom` was told that `path` was written."""

    dom: int
    path: str


@dataclass(frozen=True, slots=True)
class EvtchnEvent(Event):
    """Channel `port` of `dom`; the remote side is None where the line does not tell it."""

    op: EvtchnOp
    dom: int
    port: int
    rdom: int | None = None
    rport: int | None = None


@dataclass(frozen=True, slots=True)
class GrantEvent(Event):
    """Reference `ref` of `dom`, whoever maps it; `phys` is the agency's physical address of the page."""

    op: GrantOp
    dom: int
    ref: int
    frame: int | None = None
    phys: int | None = None


@dataclass(frozen=True, slots=True)
class VbusEvent(Event):
    """An entry point of the driver of `dev` (a store path) was called."""

    op: VbusOp
    dev: str


@dataclass(frozen=True, slots=True)
class DcReport(Event):
    """A direct-communication event between the agency and `dom`; `err` is 0 or -errno, with ACK only."""

    op: DcOp
    dom: int
    event: DcEvent
    to: DcEnd
    err: int = 0


@dataclass(frozen=True, slots=True)
class RingSample(Event):
    """The shared indices of the ring of `dev`, read by its backend in the page at `phys` (if told)."""

    dev: str
    indices: RingIndices
    phys: int | None = None


@dataclass(frozen=True, slots=True)
class ErrorReport(Event):
    """A driver's error; `code` is 0 or -errno."""

    dev: str
    code: int
    text: str


@dataclass(frozen=True, slots=True)
class StreamBegin(Event):
    """First line of a stream."""

    revision: int


@dataclass(frozen=True, slots=True)
class StreamLost(Event):
    """`count` lines are missing here, by the agency's own word or by a gap in the numbers."""

    count: int
