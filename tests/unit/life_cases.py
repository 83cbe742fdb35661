# SPDX-License-Identifier: GPL-2.0-only
"""Cases that break the rules about the whole life of a link, one and only one each."""

from __future__ import annotations

from collections.abc import Callable

from harness.check.monitor import Monitor
from harness.check.violation import Violation
from tests.unit.event_log import BE2, BOOT, FE2, entries, judged, spoil, until, up_to_connected
from tests.unit.life_log import NEW_PAGE, joined, reconnect, resume, suspend, suspended

Case = Callable[[], list[Violation]]


def _connected(*more: str) -> Case:
    return lambda: judged([*up_to_connected(), *more])


def _suspending(old: str, *new: str) -> Case:
    return lambda: judged([*up_to_connected(), *spoil(suspend(), old, *new)])


def _resuming(old: str, *new: str) -> Case:
    return lambda: judged([*suspended(), *spoil(resume(), old, *new)])


def _restored(old: str, *new: str) -> Case:
    return lambda: judged(spoil([*BOOT, *joined(), *reconnect()], old, *new))


def _transaction(*told: str) -> Case:
    """Two changes below a watched directory, and who is told of them."""
    changes = ["store watch dom=2 path=device/2/vdummy/0",
               "store write dom=2 tx=7 path=device/2/vdummy/0/realtime val=1",
               "store write dom=2 tx=7 path=device/2/vdummy/0/backend-id val=1",
               "store txend dom=2 tx=7"]
    made = [f"store write dom=2 tx=0 path={FE2}/{name} val=0" for name in ("realtime", "backend-id")]
    events = [f"watch event dom=2 path=device/2/vdummy/0/{name}" for name in told]
    return _connected(*made, *changes, *events, "store watch dom=2 path=soo/me/2")


def _unanswered() -> list[Violation]:
    monitor = Monitor({"vdummy"}, stall_after=2)
    found = judged(until([*up_to_connected(), *suspend()], "dc send dom=2 event=pre_suspend"), monitor)
    return [*found, *monitor.finish(monitor.now_ns + 2_100_000_000)]


LIFE_CASES: dict[str, Case] = {
    "state.suspended_wakes": _suspending(f"tx=0 path={BE2}/state val=10",
                                         f"store write dom=0 tx=8 path={BE2}/state val=10"),
    "store.bad_path": _connected("store write dom=2 tx=0 path=device/2/..x val=1"),
    "store.bad_value": _connected("store write dom=2 tx=0 path=soo/me/2/name val=" + 640 * "x"),
    "store.illegal_step": _connected("store unwatch dom=2 path=device/2/vdummy"),
    "ring.moved_while_suspended": _resuming(
        "rsp_cons=800 ",
        f"ring sample dev={BE2} req_prod=832 req_cons=801 rsp_prod=801 rsp_cons=800 phys=0x5a232000"),
    "vbus.entry_order": _resuming("vbus resume"),
    "watch.event_missing": _transaction("realtime"),
    "watch.event_twice": _transaction("realtime", "realtime", "backend-id"),
    "watch.event_unasked": _connected(f"watch event dom=2 path={FE2}/state"),
    "watch.event_order": _transaction("backend-id", "realtime"),
    "domain.illegal_state": _connected("domain state dom=2 state=hibernate"),
    "domain.state_early": lambda: judged(
        [*until([*up_to_connected(), *suspend()], f"path={BE2}/state val=9"),
         "domain state dom=2 state=suspended"]),
    "domain.incarnation": lambda: judged(
        [*BOOT, *until(joined(), "dc send dom=2 event=resume"), "dc ack dom=2 event=resume to=me"]),
    "domain.cut_off": _connected("error report dev=soo/me/2 code=-103 text=refused%20too%20often"),
    "domain.entries_missing": lambda: judged(
        [*BOOT, *until(entries(), "domain start"), "dc send dom=2 event=trigger_dev_probe to=agency"]),
    "dc.no_answer": _unanswered,
    "dc.one_at_a_time": _connected("dc ack dom=2 event=pre_suspend to=me"),
    "dc.order": _connected("dc send dom=2 event=resume to=me", "dc ack dom=2 event=resume to=me"),
    "grant.illegal_step": _connected("grant revoke dom=2 ref=1"),
    "grant.wrong_ref": _restored(
        "ring sample", f"ring sample dev={BE2} req_prod=0 req_cons=0 rsp_prod=0 rsp_cons=0 phys=0x5a232000"),
    "evtchn.illegal_step": _connected("evtchn bind dom=0 port=50 rdom=2 rport=2"),
}

# Other lines that break a rule: what to judge, and the one rule.
MORE: tuple[tuple[Case, str], ...] = (
    (lambda: judged([*until([*up_to_connected(), *suspend()], "store txend dom=0 tx=3"),
                     f"watch event dom=2 path={BE2}/state",
                     f"store write dom=0 tx=0 path={BE2}/state val=10"]),
     "state.illegal_transition"),
    (_connected("dc send dom=2 event=suspend to=me"), "dc.order"),
    (lambda: judged([*suspended(), "dc send dom=2 event=pre_suspend to=me"]), "dc.order"),
    (_connected("evtchn alloc dom=2 port=9 rdom=3", "evtchn bind dom=0 port=50 rdom=2 rport=9"),
     "evtchn.illegal_step"),
    (_connected("dc send dom=2 event=pre_suspend to=me", "dc ack dom=2 event=pre_suspend to=me",
                "dc send dom=2 event=suspend to=me"), "dc.order"),
    (_connected("dc send dom=2 event=pre_suspend to=me",
                "dc ack dom=2 event=pre_suspend to=me err=-110"), "dc.no_answer"),
    (_connected("dc send dom=2 event=pre_suspend to=me", "dc send dom=2 event=resume to=me"),
     "dc.one_at_a_time"),
    (_connected(f"store write dom=0 tx=0 path={BE2}/state val=6"), "state.illegal_transition"),
    (_resuming(f"path={BE2}/state val=11", f"store write dom=0 tx=4 path={BE2}/state val=4"),
     "state.illegal_transition"),
    (_restored(f"path={FE2}/state val=10", f"store write dom=2 tx=0 path={FE2}/state val=4"),
     "state.illegal_transition"),
    (lambda: judged([*BOOT, *spoil(entries(), f"path={FE2}/state val=1",
                                   f"store write dom=2 tx=0 path={FE2}/state val=10")]),
     "state.illegal_transition"),
    (_restored("path=device/2/vdummy/0/ring-ref"), "store.ring_ref_late"),
    (_restored(f"path={FE2}/state val=8",
               f"store write dom=2 tx=8 path={FE2}/error val=reconfiguring%20failed:%20error%20-71"),
     "ring.no_overrun"),
    (_connected("domain state dom=2 state=resuming"), "domain.illegal_state"),
    (_connected(f"vbus probe dev={BE2}"), "vbus.entry_order"),
    (_connected("grant map dom=2 ref=1 phys=0x1000"), "grant.illegal_step"),
    (_connected("grant grant dom=2 ref=1 frame=0x1 phys=0x1000"), "grant.illegal_step"),
    (_connected("evtchn alloc dom=2 port=1 rdom=0"), "evtchn.illegal_step"),
    (_connected("evtchn close dom=2 port=9"), "evtchn.illegal_step"),
    (_connected("store rm dom=2 tx=0 path=device/2/nothing"), "store.illegal_step"),
    (_connected("store watch dom=2 path=device/2/nothing"), "store.illegal_step"),
    (_connected("store write dom=2 tx=0 path=device/2/vdummy val=1"), "store.illegal_step"),
    (_connected("store mkdir dom=2 tx=0 path=device/2/" + "x" * 41), "store.bad_path"),
    (_connected(f"ring sample dev={BE2} req_prod=1 req_cons=1 rsp_prod=1 rsp_cons=1 phys={NEW_PAGE}"),
     "grant.wrong_ref"),
)
