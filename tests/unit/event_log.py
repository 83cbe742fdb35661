# SPDX-License-Identifier: GPL-2.0-only
"""A hand-written event stream: two MEs connect, echo and leave, one killed and one by its own will.

Tests take it as it is, or spoil one line. Numbers and times are added at the end, one millisecond a line.
"""

from __future__ import annotations

from harness.check.monitor import Monitor
from harness.check.violation import Violation
from harness.guest.observe import EventReader
from harness.model.events import Event
from harness.model.store import predefined

BE2 = "backend/vdummy/2/0"
FE2 = "device/2/vdummy/0"
START = 2**32 - 6

BOOT = ["stream begin revision=1",
        *(f"store mkdir dom=0 tx=0 path={path}" for path in predefined(["vdummy"]))]

_ENTRIES = """\
domain create dom={d} pid=10{d} spid=20000000{d} incarnation=0 name=me{d}
evtchn alloc dom={d} port=1 rdom=0
evtchn bind dom=0 port={d} rdom={d} rport=1
store write dom=0 tx=0 path=soo/directcomm/{d}/event-channel val=1
domain start dom={d}
store mkdir dom={d} tx=0 path=soo/me/{d}
store write dom={d} tx=0 path=soo/me/{d}/spid val=20000000{d}
store write dom={d} tx=0 path=soo/me/{d}/name val=me{d}
store write dom={d} tx=0 path=soo/me/{d}/shortdesc val=An%20ME
store mkdir dom={d} tx=0 path=device/{d}
store mkdir dom={d} tx=0 path=device/{d}/vdummy
store mkdir dom={d} tx=0 path=device/{d}/vdummy/0
store write dom={d} tx=0 path=device/{d}/vdummy/0/state val=1
store write dom={d} tx=0 path=device/{d}/vdummy/0/backend val=backend/vdummy/{d}/0
store mkdir dom={d} tx=0 path=backend/vdummy/{d}
store mkdir dom={d} tx=0 path=backend/vdummy/{d}/0
store write dom={d} tx=0 path=backend/vdummy/{d}/0/state val=1
store write dom={d} tx=0 path=backend/vdummy/{d}/0/frontend val=device/{d}/vdummy/0
store watch dom={d} path=backend/vdummy/{d}/0/state
"""

_CONNECT = """\
dc send dom={d} event=trigger_dev_probe to=agency
store watch dom=0 path=device/{d}/vdummy/0/state
vbus probe dev=backend/vdummy/{d}/0
store write dom=0 tx=1 path=backend/vdummy/{d}/0/state val=2
store txend dom=0 tx=1
watch event dom={d} path=backend/vdummy/{d}/0/state
dc ack dom={d} event=trigger_dev_probe to=agency
grant grant dom={d} ref=1 frame=0x4123{d} phys=0x5a23{d}000
evtchn alloc dom={d} port=2 rdom=0
store write dom={d} tx=1 path=device/{d}/vdummy/0/ring-ref val=1
store write dom={d} tx=1 path=device/{d}/vdummy/0/ring-evtchn val=2
store txend dom={d} tx=1
store write dom={d} tx=2 path=device/{d}/vdummy/0/state val=3
store txend dom={d} tx=2
watch event dom=0 path=device/{d}/vdummy/0/state
grant map dom={d} ref=1 phys=0x5a23{d}000
evtchn bind dom=0 port=1{d} rdom={d} rport=2
ring sample dev=backend/vdummy/{d}/0 req_prod={start} req_cons={start} rsp_prod={start} rsp_cons={start} {at}
vbus reconfigured dev=backend/vdummy/{d}/0
store write dom=0 tx=2 path=backend/vdummy/{d}/0/state val=4
store txend dom=0 tx=2
watch event dom={d} path=backend/vdummy/{d}/0/state
store write dom={d} tx=3 path=device/{d}/vdummy/0/state val=4
store txend dom={d} tx=3
watch event dom=0 path=device/{d}/vdummy/0/state
vbus connected dev=backend/vdummy/{d}/0
domain state dom={d} state=living
dc send dom={d} event=post_activate to=me
dc ack dom={d} event=post_activate to=me
"""

_TRAFFIC = """\
ring sample dev=backend/vdummy/{d}/0 req_prod=20 req_cons=4 rsp_prod=2 rsp_cons=4294967292
ring sample dev=backend/vdummy/{d}/0 req_prod=90 req_cons=90 rsp_prod=90 rsp_cons=90
"""

_KILL = """\
domain state dom={d} state=killed reason=mekill
store unwatch dom=0 path=device/{d}/vdummy/0/state
vbus close dev=backend/vdummy/{d}/0
evtchn close dom=0 port=1{d}
grant unmap dom={d} ref=1
vbus remove dev=backend/vdummy/{d}/0
store write dom=0 tx=3 path=backend/vdummy/{d}/0/state val=6
store txend dom=0 tx=3
watch event dom={d} path=backend/vdummy/{d}/0/state
store unwatch dom={d} path=backend/vdummy/{d}/0/state
store rm dom=0 tx=0 path=backend/vdummy/{d}
store rm dom=0 tx=0 path=device/{d}
"""

_GONE = """\
store rm dom=0 tx=0 path=soo/me/{d}
store rm dom=0 tx=0 path=soo/directcomm/{d}/event-channel
grant revoke dom={d} ref=1
evtchn close dom=0 port={d}
evtchn close dom={d} port=1
evtchn close dom={d} port=2
domain destroy dom={d}
"""

_LEAVE = """\
dc send dom={d} event=force_terminate to=me
store write dom={d} tx=4 path=device/{d}/vdummy/0/state val=5
store txend dom={d} tx=4
watch event dom=0 path=device/{d}/vdummy/0/state
store unwatch dom=0 path=device/{d}/vdummy/0/state
vbus close dev=backend/vdummy/{d}/0
evtchn close dom=0 port=1{d}
grant unmap dom={d} ref=1
vbus remove dev=backend/vdummy/{d}/0
store write dom=0 tx=5 path=backend/vdummy/{d}/0/state val=6
store txend dom=0 tx=5
watch event dom={d} path=backend/vdummy/{d}/0/state
store rm dom={d} tx=0 path=backend/vdummy/{d}
store rm dom={d} tx=0 path=device/{d}/vdummy
domain state dom={d} state=terminated
dc ack dom={d} event=force_terminate to=me
"""


def _part(text: str, dom: int) -> list[str]:
    return text.format(d=dom, start=START, at=f"phys=0x5a23{dom}000").splitlines()


def entries(dom: int = 2) -> list[str]:
    """The ME is created and makes its entries."""
    return _part(_ENTRIES, dom)


def connect(dom: int = 2) -> list[str]:
    """Both sides go to Connected."""
    return _part(_CONNECT, dom)


def traffic(dom: int = 2) -> list[str]:
    """Samples of a ring in use."""
    return _part(_TRAFFIC, dom)


def kill(dom: int = 2) -> list[str]:
    """The ME is killed and the agency undoes all that was its own."""
    return _part(_KILL + _GONE, dom)


def leave(dom: int = 2) -> list[str]:
    """The ME ends by its own will."""
    return _part(_LEAVE + _GONE, dom)


def clean() -> list[str]:
    """The whole stream; the slot of the ME that was killed is used once more."""
    return [*BOOT, *entries(2), *entries(3), *connect(2), *connect(3), *traffic(2), *traffic(3),
            *kill(2), *entries(2), *connect(2), *traffic(2), *leave(3), *leave(2)]


def up_to_connected() -> list[str]:
    """Boot and one connected ME."""
    return [*BOOT, *entries(), *connect()]


def spoil(lines: list[str], old: str, *new: str) -> list[str]:
    """The lines with the only one that holds `old` replaced by `new` (none: left out)."""
    found = [number for number, line in enumerate(lines) if old in line]
    assert len(found) == 1, f"{old!r} is in {len(found)} lines"
    return [*lines[:found[0]], *new, *lines[found[0] + 1:]]


def until(lines: list[str], last: str) -> list[str]:
    """The lines up to the first that holds `last`, inclusive."""
    found = next(number for number, line in enumerate(lines) if last in line)
    return lines[:found + 1]


def parsed(lines: list[str], start: int = 0) -> list[Event]:
    """The events, numbered from `start` on, one millisecond apart."""
    reader = EventReader(start)
    return [event for number, line in enumerate(lines, start)
            for event in reader.feed(f"{number} {number * 1_000_000} {line}")]


def judged(lines: list[str], monitor: Monitor | None = None) -> list[Violation]:
    """All violations of a stream, without its end."""
    monitor = monitor or Monitor({"vdummy"})
    return [violation for event in parsed(lines) for violation in monitor.feed(event)]


def rules(violations: list[Violation]) -> list[str]:
    """Names of the rules, in order."""
    return [violation.rule for violation in violations]
