# SPDX-License-Identifier: GPL-2.0-only
"""The rest of a life, as real guests reported it: suspended in full traffic, resumed, saved, restored.

Shortened: one device, its state and ring entries. Each part goes on where the one before has ended.
"""

from __future__ import annotations

from tests.unit.event_log import entries, kill, spoil, up_to_connected

NEW_PAGE = "0x400ce000"

_SUSPEND = """\
ring sample dev=backend/vdummy/2/0 req_prod=700 req_cons=690 rsp_prod=690 rsp_cons=668 phys=0x5a232000
dc send dom=2 event=pre_suspend to=me
dc ack dom=2 event=pre_suspend to=me
vbus suspend dev=backend/vdummy/2/0
ring sample dev=backend/vdummy/2/0 req_prod=800 req_cons=800 rsp_prod=800 rsp_cons=768 phys=0x5a232000
store write dom=0 tx=3 path=backend/vdummy/2/0/state val=9
store txend dom=0 tx=3
watch event dom=2 path=backend/vdummy/2/0/state
store write dom=2 tx=4 path=device/2/vdummy/0/state val=10
store txend dom=2 tx=4
watch event dom=0 path=device/2/vdummy/0/state
ring sample dev=backend/vdummy/2/0 req_prod=832 req_cons=800 rsp_prod=800 rsp_cons=800 phys=0x5a232000
store write dom=0 tx=0 path=backend/vdummy/2/0/state val=10
dc send dom=2 event=suspend to=me
dc ack dom=2 event=suspend to=me
domain state dom=2 state=suspended
"""

_SAVE = "domain state dom=2 state=hibernate\n"

_RESUME = """\
domain state dom=2 state=resuming
dc send dom=2 event=resume to=me
dc ack dom=2 event=resume to=me
ring sample dev=backend/vdummy/2/0 req_prod=832 req_cons=800 rsp_prod=800 rsp_cons=800 phys=0x5a232000
vbus resume dev=backend/vdummy/2/0
store write dom=0 tx=4 path=backend/vdummy/2/0/state val=11
store txend dom=0 tx=4
watch event dom=2 path=backend/vdummy/2/0/state
store write dom=2 tx=5 path=device/2/vdummy/0/state val=4
store txend dom=2 tx=5
watch event dom=0 path=device/2/vdummy/0/state
store write dom=0 tx=5 path=backend/vdummy/2/0/state val=4
store txend dom=0 tx=5
watch event dom=2 path=backend/vdummy/2/0/state
vbus connected dev=backend/vdummy/2/0
domain state dom=2 state=living
ring sample dev=backend/vdummy/2/0 req_prod=3680 req_cons=3680 rsp_prod=3680 rsp_cons=3648 phys=0x5a232000
"""

_RECONNECT = """\
dc ack dom=2 event=trigger_dev_probe to=agency
dc ack dom=2 event=resume to=me
vbus resume dev=backend/vdummy/2/0
store write dom=0 tx=8 path=backend/vdummy/2/0/state val=7
store txend dom=0 tx=8
watch event dom=2 path=backend/vdummy/2/0/state
grant grant dom=2 ref=1 frame=0x400ae phys=0x400ce000
evtchn alloc dom=2 port=2 rdom=0
store write dom=2 tx=7 path=device/2/vdummy/0/ring-ref val=1
store write dom=2 tx=7 path=device/2/vdummy/0/ring-evtchn val=2
store txend dom=2 tx=7
store write dom=2 tx=8 path=device/2/vdummy/0/state val=8
store txend dom=2 tx=8
watch event dom=0 path=device/2/vdummy/0/state
grant map dom=2 ref=1 phys=0x400ce000
evtchn bind dom=0 port=3 rdom=2 rport=2
ring sample dev=backend/vdummy/2/0 req_prod=0 req_cons=0 rsp_prod=0 rsp_cons=0 phys=0x400ce000
vbus reconfigured dev=backend/vdummy/2/0
store write dom=0 tx=9 path=backend/vdummy/2/0/state val=4
store txend dom=0 tx=9
watch event dom=2 path=backend/vdummy/2/0/state
store write dom=2 tx=9 path=device/2/vdummy/0/state val=4
store txend dom=2 tx=9
watch event dom=0 path=device/2/vdummy/0/state
vbus connected dev=backend/vdummy/2/0
domain state dom=2 state=living
"""


def suspend() -> list[str]:
    """Domain 2 goes to rest, with requests waiting in its ring."""
    return _SUSPEND.splitlines()


def save() -> list[str]:
    """Its snapshot is written."""
    return _SAVE.splitlines()


def resume() -> list[str]:
    """It lives on in the same place."""
    return _RESUME.splitlines()


def joined() -> list[str]:
    """A restored ME in a new domain 2, up to its request to probe its devices."""
    made = spoil(entries(), "device/2/vdummy/0/state val=1",
                 "store write dom=2 tx=0 path=device/2/vdummy/0/state val=10")
    create = spoil(made, "domain create", made[0].replace("incarnation=0", "incarnation=1"),
                   "domain state dom=2 state=resuming")
    started = spoil(create, "domain start", "domain start dom=2", "dc send dom=2 event=resume to=me")
    return [*started, "dc send dom=2 event=trigger_dev_probe to=agency",
            "store watch dom=0 path=device/2/vdummy/0/state", "vbus probe dev=backend/vdummy/2/0"]


def reconnect() -> list[str]:
    """The restored ME gets a new ring and lives on."""
    return _RECONNECT.splitlines()


def suspended() -> list[str]:
    """From the boot to an ME at rest."""
    return [*up_to_connected(), *suspend()]


def whole() -> list[str]:
    """Every phase: rest, resume, snapshot, the end of what rested, and restoration in the same slot."""
    again = [line for line in suspend() if "ring sample" not in line]
    return [*suspended(), *resume(), *again, *save(), *kill(), *joined(), *reconnect(), *kill_again()]


def kill_again() -> list[str]:
    """The end of the restored ME, whose ring has another channel of the agency."""
    return [line.replace("port=12", "port=3") for line in kill()]
