# SPDX-License-Identifier: GPL-2.0-only
"""Models of the whole life: states of MEs, events between agency and ME, watches, both rings."""

from __future__ import annotations

import pytest

from harness.abi.devices import SLOT_SIZES, UNSOLICITED
from harness.abi.ring import RingIndices, entry_count
from harness.abi.soo import DcEvent, MeState
from harness.check.ring import check_indices
from harness.guest.fields import ObserveError
from harness.guest.observe import parse_domains, parse_event, parse_send_result, parse_vuart
from harness.model.dc import DcTable
from harness.model.device import Side, may_begin
from harness.model.domains import life_legal, next_lives
from harness.model.events import DcEnd, DcOp, DcReport, DomainEvent, RingSample
from harness.model.ring import impossible
from harness.model.store import NOTES_PER_DOMAIN, Store

ARROWS = {(0, 1), (1, 2), (2, 3), (2, 4), (3, 4), (4, 1), (4, 5), (5, 1)}


def test_arrows_of_a_life() -> None:
    for old in MeState:
        for new in MeState:
            dies = old < MeState.KILLED <= new or (old in (6, 7) and new is MeState.DEAD)
            assert life_legal(old, new) == ((old, new) in ARROWS or dies)
            assert life_legal(old, new, restored=True) == (life_legal(old, new) or (old, new) == (0, 4))
        assert set(next_lives(old)) == {new for start, new in ARROWS if start == old}


def test_only_a_restored_frontend_begins_suspended() -> None:
    begun = [(side, state, restored) for side in Side for state in range(12) for restored in (False, True)
             if may_begin(side, state, restored=restored)]
    assert begun == [(Side.BE, 1, False), (Side.BE, 1, True),
                     (Side.FE, 1, False), (Side.FE, 1, True), (Side.FE, 10, True)]


def _dc(seq: int, op: DcOp, event: DcEvent, to: DcEnd = DcEnd.ME, dom: int = 2) -> DcReport:
    return DcReport(seq, seq, "", op, dom, event, to)


def test_events_of_both_directions() -> None:
    table = DcTable()
    ask = _dc(1, DcOp.SEND, DcEvent.RESUME)
    probe = _dc(2, DcOp.SEND, DcEvent.TRIGGER_DEV_PROBE, DcEnd.AGENCY)
    table.follow(ask)
    assert not table.probed(2)
    table.follow(probe)
    assert table.probed(2)
    assert table.all_pending() == (ask, probe)
    table.follow(_dc(3, DcOp.ACK, DcEvent.TRIGGER_DEV_PROBE, DcEnd.AGENCY))
    assert table.pending(2, DcEnd.AGENCY) is None
    assert table.pending(2, DcEnd.ME) is ask
    table.follow(_dc(4, DcOp.SEND, DcEvent.RESUME, dom=3))
    table.drop(2)
    assert [report.dom for report in table.all_pending()] == [3]
    assert not table.probed(2)
    assert table.answered(2, DcEnd.AGENCY) is None


def test_who_is_told_in_which_order() -> None:
    store = Store()
    for path in ("a", "a/b", "a/c"):
        store.write(path, "0")
    for path, dom in (("a", 3), ("a/b", 2), ("a/b", 3), ("", 2)):
        store.watch(path, dom)
    store.write("a/c", "1", 5, 7)
    store.write("a/b", "1", 5, 7)
    store.write("a/c", "2", 5, 7)
    told = [("a/c", 3), ("a/c", 2), ("a/b", 2), ("a/b", 3), ("a/b", 3), ("a/b", 2)]
    assert [(wakeup.path, wakeup.dom) for wakeup in store.wakeups(5, 7)] == told
    store.rm("a/c")
    assert [wakeup.path for wakeup in store.end_transaction(5, 7)] == ["a/b"] * 4
    assert store.wakeups(5, 7) == ()


def test_a_watch_of_the_same_node_counts_twice_and_ends_one_by_one() -> None:
    store = Store()
    store.write("a", "0")
    store.watch("a", 2)
    store.watch("a", 2)
    assert store.watchers("a") == (2,)
    store.write("a", "1", 0, 1)
    assert len(store.wakeups(0, 1)) == 2
    assert store.unwatch("a", 2)
    assert len(store.wakeups(0, 1)) == 1
    assert store.unwatch("a", 2)
    assert not store.unwatch("a", 2)


def test_a_domain_has_so_many_notes_and_none_after_its_end() -> None:
    store = Store()
    store.watch("", 3)
    for number in range(NOTES_PER_DOMAIN + 9):
        store.write(f"n{number}", "0")
        store.write(f"n{number}", "1", 2, 1)
    assert len(store.wakeups(2, 1)) == NOTES_PER_DOMAIN
    store.drop(2)
    assert store.wakeups(2, 1) == ()


@pytest.mark.parametrize(("indices", "fault"), [
    (RingIndices(5, 5, 900, 3), None),
    (RingIndices(1029, 5, 0, 0), None),
    (RingIndices(1030, 5, 0, 0), "req_prod is 1025 ahead of req_cons in a ring of 1024 entries"),
    (RingIndices(0, 1, 0, 0), "req_prod is 4294967295 ahead of req_cons in a ring of 1024 entries"),
    (RingIndices(0, 0, 3, 4), "rsp_prod is 4294967295 ahead of rsp_cons in a ring of 1024 entries"),
])
def test_ring_whose_responses_come_unasked(indices: RingIndices, fault: str | None) -> None:
    assert impossible(indices, entry_count(*SLOT_SIZES["vuart"]), unsolicited=True) == fault
    assert "vuart" in UNSOLICITED
    assert [v.rule for v in check_indices("x", "vuart", indices)] == (["ring.no_overrun"] if fault else [])


def test_lines_of_the_second_stage() -> None:
    event = parse_event("7 8 dc ack dom=2 event=pre_suspend to=me err=-111")
    assert event == DcReport(7, 8, event.line, DcOp.ACK, 2, DcEvent.PRE_SUSPEND, DcEnd.ME, -111)
    created = parse_event("1 2 domain create dom=2 pid=1 spid=2 incarnation=3 name=x")
    assert isinstance(created, DomainEvent)
    assert created.incarnation == 3
    sample = parse_event("1 2 ring sample dev=x req_prod=1 req_cons=1 rsp_prod=1 rsp_cons=1 phys=0x41000")
    assert isinstance(sample, RingSample)
    assert sample.phys == 0x41000
    row = parse_domains("dom=2 state=resuming pid=1 spid=2 name=x vbs_phys=0x1 shared_phys=0x2"
                        " vbs_evtchn=1 incarnation=4")[0]
    assert row.incarnation == 4
    sent = parse_send_result("vdummy: sent=9 received=10 lost=0 doubled=1"
                             " reordered=0 corrupt=0 early=0 full=0 ms=1")
    assert sent.doubled == 1
    link = parse_vuart("dev=backend/vuart/2/0 state=4 requests=1 responses=2 notifications=3 errors=0")[0]
    assert link.state == 4


@pytest.mark.parametrize("line", [
    "1 2 dc ack dom=2 event=suspend", "1 2 dc ask dom=2 event=suspend to=me",
    "1 2 dc send dom=2 event=sleep to=me", "1 2 dc send dom=2 event=suspend to=you",
    "1 2 dc send event=suspend to=me", "1 2 dc ack dom=2 event=suspend to=me err=no"])
def test_lines_that_are_none(line: str) -> None:
    with pytest.raises(ObserveError):
        parse_event(line)
