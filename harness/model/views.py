# SPDX-License-Identifier: GPL-2.0-only
"""Rows of what the guests print on demand: debugfs views, `melist`, the results of `send` and `attack`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.abi.evtchn import EvtchnState
from harness.abi.gnttab import GnttabState
from harness.abi.soo import MeState


@dataclass(frozen=True, slots=True)
class EvtchnRow:
    """One channel that is not free."""

    dom: int
    port: int
    state: EvtchnState
    rdom: int | None = None
    rport: int | None = None


@dataclass(frozen=True, slots=True)
class GnttabRow:
    """One reference that is not free; `phys` is the agency's physical address of the page."""

    dom: int
    ref: int
    state: GnttabState
    frame: int
    phys: int | None = None


@dataclass(frozen=True, slots=True)
class DomainRow:
    """One ME. Addresses are physical ones of the agency; `vbs_evtchn` is the ME's port.

    :ivar incarnation: how often the ME was restored
    """

    dom: int
    state: MeState
    pid: int
    spid: str
    name: str
    vbs_phys: int
    shared_phys: int
    vbs_evtchn: int
    incarnation: int = 0


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One link as its backend sees it: counters, first index, the backend's private indices.

    The last four are None while no ring is mapped.
    """

    dev: str
    state: int
    requests: int
    responses: int
    notifications: int
    errors: int
    start: int | None = None
    req: int | None = None
    rsp: int | None = None
    ring_phys: int | None = None


@dataclass(frozen=True, slots=True)
class SendResult:
    """Statistics of one `send` of the ME's shell; all are counts of messages but `ms`.

    :ivar early: responses whose slot still held its old content when rsp_prod covered it
    :ivar full: times that the ring had no room
    :ivar doubled: responses that had come before
    """

    sent: int
    received: int
    lost: int
    reordered: int
    corrupt: int
    early: int
    full: int
    ms: int
    doubled: int = 0


@dataclass(frozen=True, slots=True)
class AttackTally:
    """What became of the operations of one kind.

    :ivar done: there was nothing to refuse
    :ivar allowed: accepted, within what an ME may do
    :ivar accepted: accepted, though they should have been refused
    """

    done: int
    allowed: int
    refused: int
    accepted: int
    unanswered: int

    @property
    def operations(self) -> int:
        """All of them."""
        return self.done + self.allowed + self.refused + self.accepted + self.unanswered


@dataclass(frozen=True, slots=True)
class AttackResult:
    """What `attack` of the ME's shell has done; `cut`: the agency has cut the ME off."""

    kinds: Mapping[str, AttackTally]
    cut: bool
    seed: int
    ms: int


@dataclass(frozen=True, slots=True)
class MeSlot:
    """One slot of `melist`; `state` is None for an empty one."""

    slot: int
    state: MeState | None = None
    spid: str = ""
    name: str = ""
    shortdesc: str = ""


@dataclass(frozen=True, slots=True)
class MeThread:
    """A thread of an ME.

    :ivar state: `running`, `ready` or `waiting`.
    :ivar calls: addresses of the calls that led to where it waits, the innermost first; none if it runs.
    """

    name: str
    state: str
    calls: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MeFault:
    """The last exception of an ME whose CPU is in its vectors: registers of the CPU (Arm ARM D17.2)."""

    esr: int
    far: int
    elr: int


@dataclass(frozen=True, slots=True)
class MeWhere:
    """Where an ME is.

    :ivar cpu: where its CPU is, then the addresses of the calls that led there.
    :ivar fault: what has brought it there, if it is in its vectors.
    """

    slot: int
    name: str
    cpu: tuple[int, ...]
    threads: tuple[MeThread, ...]
    fault: MeFault | None = None
