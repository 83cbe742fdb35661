# SPDX-License-Identifier: GPL-2.0-only
"""Guest text: each format, and that no text at all gets through as something else than it is."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.abi.evtchn import EvtchnState
from harness.abi.gnttab import GnttabState
from harness.abi.ring import RingIndices
from harness.abi.soo import MeState
from harness.guest.fields import ObserveError
from harness.guest.observe import (
    EventReader,
    parse_domains,
    parse_event,
    parse_evtchn,
    parse_gnttab,
    parse_melist,
    parse_send_result,
    parse_store_dump,
    parse_vdummy,
)
from harness.model.events import (
    DomainEvent,
    DomainOp,
    ErrorReport,
    Event,
    EvtchnEvent,
    EvtchnOp,
    GrantEvent,
    GrantOp,
    RingSample,
    StateRefused,
    StoreEvent,
    StoreOp,
    StreamBegin,
    StreamLost,
    VbusEvent,
    VbusOp,
    WatchEvent,
)
from harness.model.views import DomainRow, EvtchnRow, GnttabRow, LinkRow, MeSlot, SendResult
from tests.unit.event_log import clean


def _event(body: str) -> Event:
    return parse_event(f"7 8000 {body}")


@pytest.mark.parametrize(("body", "expected"), [
    ("domain create dom=2 pid=9 spid=2a name=a%20b",
     DomainEvent(7, 8000, "", DomainOp.CREATE, 2, name="a b")),
    ("store refuse dom=2 tx=3 path=device/2/vdummy/0/state val=9",
     StateRefused(7, 8000, "", 2, 3, "device/2/vdummy/0/state", "9")),
    ("domain state dom=2 state=killed reason=x",
     DomainEvent(7, 8000, "", DomainOp.STATE, 2, MeState.KILLED, "x")),
    ("store mkdir dom=0 tx=0 path=backend", StoreEvent(7, 8000, "", StoreOp.MKDIR, 0, 0, "backend")),
    ("store write dom=2 tx=3 path=soo/me/2/name val=%c3%a9%25%20%0a",
     StoreEvent(7, 8000, "", StoreOp.WRITE, 2, 3, "soo/me/2/name", "é% \n")),
    ("store write dom=2 tx=3 path=a val=", StoreEvent(7, 8000, "", StoreOp.WRITE, 2, 3, "a", "")),
    ("store write dom=2 tx=3 path=a val=b=c%FF",
     StoreEvent(7, 8000, "", StoreOp.WRITE, 2, 3, "a", "b=c\\xff")),
    ("store txend dom=2 tx=3", StoreEvent(7, 8000, "", StoreOp.TXEND, 2, 3, "")),
    ("store watch dom=2 path=a/b", StoreEvent(7, 8000, "", StoreOp.WATCH, 2, 0, "a/b")),
    ("watch event dom=2 path=a/b", WatchEvent(7, 8000, "", 2, "a/b")),
    ("evtchn bind dom=0 port=4 rdom=2 rport=1", EvtchnEvent(7, 8000, "", EvtchnOp.BIND, 0, 4, 2, 1)),
    ("evtchn close dom=0 port=4", EvtchnEvent(7, 8000, "", EvtchnOp.CLOSE, 0, 4)),
    ("grant map dom=2 ref=1 phys=0x5a234000", GrantEvent(7, 8000, "", GrantOp.MAP, 2, 1, None, 0x5A234000)),
    ("vbus probe dev=backend/vdummy/2/0", VbusEvent(7, 8000, "", VbusOp.PROBE, "backend/vdummy/2/0")),
    ("ring sample dev=d req_prod=4294967295 req_cons=3 rsp_prod=2 rsp_cons=1",
     RingSample(7, 8000, "", "d", RingIndices(4294967295, 3, 2, 1))),
    ("error report dev=d code=-71 text=no%20way", ErrorReport(7, 8000, "", "d", -71, "no way")),
    ("stream begin revision=1", StreamBegin(7, 8000, "", 1)),
    ("stream lost n=12", StreamLost(7, 8000, "", 12)),
])
def test_events(body: str, expected: Event) -> None:
    event = _event(body)
    assert type(event) is type(expected)
    assert replace(event, line="") == expected
    assert event.line == f"7 8000 {body}"


@pytest.mark.parametrize("line", [
    "", "\n", "7", "7 8 store", "x 8 store txend dom=0 tx=1", "7 -8 store txend dom=0 tx=1",
    "٧ 8 store txend dom=0 tx=1", "7  8 store txend dom=0 tx=1", "7 8 stores txend dom=0 tx=1",
    "7 8 store wrote dom=0 tx=1 path=a val=1", "7 8 store write dom=0 tx=1 path=a",
    "7 8 store write tx=1 path=a val=1",
    "7 8 store write dom=0 tx=1 path=a val=%2", "7 8 store write dom=0 tx=1 path=a val=%zz",
    "7 8 store write dom=0 dom=1 tx=1 path=a val=1", "7 8 store write dom=0 tx=1 path=a val=1 rest",
    "7 8 store write dom=-1 tx=1 path=a val=1", "7 8 store write dom=one tx=1 path=a val=1",
    "7 8 store write dom=1_0 tx=1 path=a val=1", "7 8 domain state dom=2",
    "7 8 domain state dom=2 state=odd",
    "7 8 ring sample dev=d req_prod=4294967296 req_cons=3 rsp_prod=2 rsp_cons=1",
    "7 8 ring probe dev=d",
    "7 8 watch events dom=2 path=a", "7 8 stream end n=1", "7 8 error report dev=d code=x",
    "7 8 vbus poke dev=d",
])
def test_malformed_lines(line: str) -> None:
    with pytest.raises(ObserveError) as caught:
        parse_event(line.encode())
    assert repr(line.rstrip("\n")) in caught.value.what


@given(st.binary(max_size=200))
def test_any_bytes_are_an_event_or_an_observe_error(data: bytes) -> None:
    for line in (data, b"7 8 store write " + data, b"7 8 ring sample dev=" + data):
        event = None
        with suppress(ObserveError):
            event = parse_event(line)
        assert event is None or event.seq >= 0


@given(st.lists(st.sampled_from(clean()), min_size=1, max_size=3), st.data())
def test_damaged_lines(lines: list[str], data: st.DataObject) -> None:
    line = f"7 8 {' '.join(lines)}"
    at = data.draw(st.integers(0, len(line)))
    damaged = line[:at] + data.draw(st.text(max_size=3)) + line[at + data.draw(st.integers(0, 4)):]
    with suppress(ObserveError):
        assert parse_event(damaged).seq >= 0


def test_every_line_of_the_clean_stream_is_an_event() -> None:
    for line in clean():
        assert _event(line).line.endswith(line)


def _fed(reader: EventReader, *lines: str) -> list[tuple[str, int]]:
    return [(type(event).__name__, getattr(event, "count", 0))
            for line in lines for event in reader.feed(line)]


def test_gaps_become_lost_events() -> None:
    reader = EventReader()
    assert _fed(reader, "0 5 stream begin revision=1", "1 6 store txend dom=0 tx=1") == [
        ("StreamBegin", 0), ("StoreEvent", 0)]
    assert _fed(reader, "5 7 store txend dom=0 tx=2") == [("StreamLost", 3), ("StoreEvent", 0)]
    assert _fed(reader, "9 8 stream lost n=3") == [("StreamLost", 3)]
    assert _fed(reader, "10 8 stream lost n=4") == [("StreamLost", 4)]
    with pytest.raises(ObserveError):
        reader.feed("10 9 store txend dom=0 tx=3")
    assert _fed(reader, "11 9 store txend dom=0 tx=3") == [("StoreEvent", 0)]


def test_a_stream_may_be_joined_anywhere_on_demand() -> None:
    assert _fed(EventReader(), "5 7 store txend dom=0 tx=2") == [("StreamLost", 5), ("StoreEvent", 0)]
    assert _fed(EventReader(None), "5 7 store txend dom=0 tx=2") == [("StoreEvent", 0)]


def test_store_dump() -> None:
    text = b"/backend\n/backend/vdummy\n/soo/me/2/name = An%20ME\r\n/soo/me/2/shortdesc = \n/x =\n"
    assert parse_store_dump(text) == {"backend": None, "backend/vdummy": None, "soo/me/2/name": "An ME",
                                      "soo/me/2/shortdesc": "", "x": ""}
    assert parse_store_dump("") == {}
    for bad in ("backend\n", "/a\n/a\n", "/a b\n", "/a = %\n"):
        with pytest.raises(ObserveError):
            parse_store_dump(bad)


def test_tables() -> None:
    text = "dom=2 port=3 state=interdomain rdom=0 rport=4\ndom=2 port=4 state=unbound\n"
    assert parse_evtchn(text) == (
        EvtchnRow(2, 3, EvtchnState.INTERDOMAIN, 0, 4), EvtchnRow(2, 4, EvtchnState.UNBOUND))
    assert parse_gnttab("dom=2 ref=1 state=mapped frame=0x41234 phys=0x5a234000\n") == (
        GnttabRow(2, 1, GnttabState.MAPPED, 0x41234, 0x5A234000),)
    text = "dom=2 state=living pid=123 spid=2a name=a%20b vbs_phys=0x10 shared_phys=0x20 vbs_evtchn=1\n"
    assert parse_domains(text) == (DomainRow(2, MeState.LIVING, 123, "2a", "a b", 0x10, 0x20, 1),)
    counters = "dev=backend/vdummy/2/0 state=4 requests=5 responses=4 notifications=3 errors=0"
    assert parse_vdummy(f"{counters} start=1 req=6 rsp=5 ring_phys=0x5a000000 more=1\n{counters}\n") == (
        LinkRow("backend/vdummy/2/0", 4, 5, 4, 3, 0, 1, 6, 5, 0x5A000000),
        LinkRow("backend/vdummy/2/0", 4, 5, 4, 3, 0))
    for parse in (parse_evtchn, parse_gnttab, parse_domains, parse_vdummy):
        assert parse("\n") == ()
        with pytest.raises(ObserveError):
            parse("dom=2 port=x\n")


def test_send_result() -> None:
    line = "vdummy: sent=10 received=9 lost=1 reordered=0 corrupt=0 early=0 full=2 ms=15"
    assert parse_send_result(f"noise\nvdummy: sent=1\n{line}\r\n") == SendResult(10, 9, 1, 0, 0, 0, 2, 15)
    for bad in ("", "vdummy: sent=10\n", line.replace("15", "fast"), line.replace("=9", "=-9")):
        with pytest.raises(ObserveError):
            parse_send_result(bad)


def test_melist() -> None:
    text = ("*** SOO - Mobile Entity list ***\n  slot 2 -> empty\n"
            "  slot 3 -> spid: 00000200000001       name: SOO.a name       state: ME_state_living\n"
            "Short description: It does nothing\n  slot 4 -> empty\ndone.\n")
    assert parse_melist(text) == (
        MeSlot(2), MeSlot(3, MeState.LIVING, "00000200000001", "SOO.a name", "It does nothing"), MeSlot(4))
    for bad in ("done.\n", text.replace("living", "lively")):
        with pytest.raises(ObserveError):
            parse_melist(bad)
