# SPDX-License-Identifier: GPL-2.0-only
"""Views of one thing: alike they are silent, each difference is told."""

from __future__ import annotations

import struct

from harness.abi.ring import RingIndices
from harness.abi.soo import SIGNATURE, MeState, decode_avz_shared
from harness.abi.vbstore import VbsType, decode_page
from harness.check.monitor import Monitor
from harness.check.ring import check_send
from harness.check.views import (
    compare_channels,
    compare_domain,
    compare_front,
    compare_grants,
    compare_page,
    compare_ring,
    compare_store,
)
from harness.check.wrap import console_violation, tree_violations
from harness.dt.diff import Difference
from harness.guest.observe import parse_evtchn, parse_gnttab
from harness.model.events import StoreEvent, StoreOp
from harness.model.views import DomainRow, LinkRow, SendResult
from tests.unit.event_log import judged, up_to_connected
from tests.unit.vbs_pages import RingWriter, message, page


def test_store_views() -> None:
    tree = {"a": None, "a/b": "1"}
    assert list(compare_store(tree, dict(tree))) == []
    found = list(compare_store(tree, {"a": "", "c": None}, names=("events", "QMP")))
    assert [(v.place, v.expected, v.observed) for v in found] == [
        ("a", "a directory by events", "'' by QMP"),
        ("a/b", "'1' by events", "absent by QMP"),
        ("c", "absent by events", "a directory by QMP")]


def test_ring_views() -> None:
    row = LinkRow("backend/vdummy/2/0", 4, 10, 10, 3, 0, 0, 10, 10, 0x1000)
    assert list(compare_ring(RingIndices(10, 10, 10, 10), row)) == []
    found = list(compare_ring(RingIndices(10, 9, 11, 10), row))
    assert [v.observed for v in found] == ["req_cons=9 in memory", "rsp_prod=11 in memory"]
    idle = LinkRow("backend/vdummy/2/0", 2, 0, 0, 0, 0)
    assert list(compare_ring(RingIndices(0, 0, 0, 0), idle)) == []


def _front(*values: int) -> dict[str, str]:
    names = ("req_prod", "req_cons", "rsp_prod", "rsp_cons", "req", "rsp", "start")
    return {name: str(value) for name, value in zip(names, values, strict=True)}


def test_front_of_a_ring_at_rest() -> None:
    row = LinkRow("backend/vdummy/2/0", 4, 10, 10, 3, 0, 7, 10, 10, 0x1000)
    rest = RingIndices(10, 10, 10, 10)
    assert list(compare_front(row, _front(10, 10, 10, 10, 10, 10, 7), rest, rest)) == []
    found = list(compare_front(row, _front(10, 10, 10, 10, 11, 9, 8), rest, rest))
    assert [(v.place.rpartition(" ")[2], v.expected, v.observed) for v in found] == [
        ("req", "10 in memory", "11 by the frontend"), ("rsp", "10 in memory", "9 by the frontend"),
        ("start", "7 by the backend", "8 by the frontend")]
    silent = list(compare_front(row, {"req_prod": "ten"}, rest, rest))
    assert [v.observed.split()[0] for v in silent] == ["ten", *["nothing"] * 5, "None"]


def test_front_whose_words_move_its_ring() -> None:
    row = LinkRow("backend/vuart/2/0", 4, 10, 10, 3, 0, 0, 3, 5, 0x1000)
    before, after = RingIndices(2**32 - 4, 2**32 - 4, 5, 5), RingIndices(3, 3, 5, 5)
    for moved in (2**32 - 4, 2**32 - 1, 0, 3):
        assert list(compare_front(row, _front(moved, moved, 5, 5, moved, 5, 0), before, after)) == []
    for outside in (2**32 - 5, 4):
        found = list(compare_front(row, _front(outside, 0, 5, 5, 0, 5, 0), before, after))
        assert [v.expected for v in found] == ["4294967292 to 3 in memory"]


def test_domain_views() -> None:
    shared = decode_avz_shared(struct.pack("<4I", SIGNATURE, 1, 2, 1).ljust(112, b"\0"))
    row = DomainRow(2, MeState.LIVING, 9, "2a", "alpha", 0x1000, 0x2000, 1)
    assert list(compare_domain(shared, decode_page(page(b"", 0, 0)), row)) == []
    found = list(compare_domain(shared, decode_page(page(b"", 0, 0, domid=3)), row))
    assert [v.observed for v in found] == ["domain number of the vbstore page 3 in memory"]


def _writes(*pairs: tuple[str, str]) -> list[StoreEvent]:
    return [StoreEvent(n, n, "", StoreOp.WRITE, 2, 0, path, value) for n, (path, value) in enumerate(pairs)]


def _page_with(*requests: tuple[int, bytes]) -> bytes:
    writer = RingWriter(0)
    for kind, payload in requests:
        writer.put(message(kind, payload))
    return page(bytes(writer.data), writer.prod, writer.prod)


def test_store_page_against_events() -> None:
    memory = decode_page(_page_with((VbsType.WRITE, b"a\x001\0"), (VbsType.READ, b"b\0"),
                                    (VbsType.RM, b"/c\0"), (VbsType.WRITE, b"a\x002\0")))
    removal = StoreEvent(8, 8, "", StoreOp.RM, 2, 0, "c")
    events = [*_writes(("z", "0"), ("a", "1")), removal, *_writes(("a", "2"))]
    assert list(compare_page(memory, 2, events)) == []
    for changed in (events[:-1], events[2:], _writes(("a", "1"), ("a", "3"))):
        (found,) = compare_page(memory, 2, changed)
        assert found.rule == "view.disagrees"
        assert found.observed.startswith("none for ")


def test_requests_that_are_not_read_yet_need_no_event() -> None:
    writer = RingWriter(0)
    writer.put(message(VbsType.WRITE, b"a\x001\0"))
    memory = decode_page(page(bytes(writer.data), 0, writer.prod))
    assert list(compare_page(memory, 2, [])) == []


def test_a_broken_store_page_is_told() -> None:
    (found,) = compare_page(decode_page(page(b"", 0, 40)), 2, [])
    assert "revision" in found.observed


GNTTAB = "dom=2 ref=1 state=mapped frame=0x41232 phys=0x5a232000\n"
EVTCHN = ("dom=0 port=2 state=interdomain rdom=2 rport=1\ndom=2 port=1 state=interdomain rdom=0 rport=2\n"
          "dom=2 port=2 state=interdomain rdom=0 rport=12\n")


def test_tables_by_events_and_by_view() -> None:
    monitor = Monitor()
    judged(up_to_connected(), monitor)
    assert list(compare_grants(monitor.grants, parse_gnttab(GNTTAB), 2)) == []
    assert list(compare_channels(monitor.channels, parse_evtchn(EVTCHN), 2)) == []
    assert [v.place for v in compare_grants(monitor.grants, (), 2)] == ["domain 2 ref 1"]
    other = parse_gnttab(GNTTAB.replace("mapped", "granted"))
    assert [v.observed for v in compare_grants(monitor.grants, other, 2)] == ["granted by gnttab view"]
    fewer = parse_evtchn(EVTCHN.splitlines()[1])
    assert [v.place for v in compare_channels(monitor.channels, fewer, 2)] == ["domain 2 port 2"]


def test_send_results() -> None:
    assert list(check_send("alpha/vdummy", SendResult(5, 5, 0, 0, 0, 0, 3, 1))) == []
    (found,) = check_send("alpha/vdummy", SendResult(1000, 942, 0, 0, 0, 0, 0, 1))
    assert found.observed == "58 of 1000 without a response"


def test_wrapped_findings() -> None:
    differences = [Difference("/ME", "spid", "0x1", None), Difference("/x", None, None, "")]
    found = list(tree_violations("alpha", differences))
    assert [(v.place, v.expected, v.observed) for v in found] == [
        ("alpha:/ME spid", "0x1", "absent"), ("alpha:/x", "absent", "")]
    assert console_violation("oops", "agency", "Internal error: Oops\r\n").observed == "Internal error: Oops"
    assert console_violation("second boot", "agency", "x").rule == "console.bug"
