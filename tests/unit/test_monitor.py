# SPDX-License-Identifier: GPL-2.0-only
"""A clean stream is silent, legal contexts are known, and what steps ask is answered."""

from __future__ import annotations

import pytest

from harness.abi.vbus import VbusState as S
from harness.check.monitor import Monitor
from harness.model.device import Side
from harness.model.events import DomainEvent, DomainOp, StreamLost
from harness.model.link import LinkKey
from tests.unit import life_log
from tests.unit.event_log import (
    BE2,
    BOOT,
    FE2,
    clean,
    connect,
    entries,
    judged,
    kill,
    leave,
    parsed,
    rules,
    traffic,
    until,
    up_to_connected,
)

LINK2 = LinkKey("vdummy", 2)


def _be(state: int, tx: int = 9) -> str:
    return f"store write dom=0 tx={tx} path={BE2}/state val={state}"


def _fe(state: int, tx: int = 9) -> str:
    return f"store write dom=2 tx={tx} path={FE2}/state val={state}"


def test_clean_stream_is_silent() -> None:
    monitor = Monitor({"vdummy"})
    assert judged(clean(), monitor) == []
    assert monitor.finish(10**15) == []
    assert monitor.present() == ()
    assert monitor.domains.all() == ()
    assert monitor.lost == 0


def test_disabled_backend_with_enabled_frontend_is_silent() -> None:
    # No backend/vdummy: the ME has nothing to make but its own half.
    lines = [line for line in [*BOOT, *entries()] if "backend/vdummy" not in line]
    monitor = Monitor(set())
    assert judged(lines, monitor) == []
    assert monitor.finish(10**15) == []


def test_an_me_has_its_name_from_its_creation_on() -> None:
    monitor = Monitor()
    monitor.feed(DomainEvent(1, 1000, "", DomainOp.CREATE, 2, name="alpha"))
    assert [(one.dom, one.name) for one in monitor.domains.all()] == [(2, "alpha")]


def test_names_that_an_me_makes_up_are_not_kept_for_ever() -> None:
    monitor = Monitor({"vdummy"})
    made: list[str] = []
    for number in range(600):
        path = f"device/2/n{number}"
        made += [f"store mkdir dom=2 tx=0 path={path}", f"store mkdir dom=2 tx=0 path={path}/0",
                 f"store write dom=2 tx=0 path={path}/0/state val=1", f"store rm dom=2 tx=0 path={path}"]
    assert judged([*up_to_connected(), *made], monitor) == []
    assert len(monitor.links) < 300
    assert monitor.connected(LINK2)


def test_nobody_sends_in_order_to_a_dead_me_and_a_life_begun_unseen_is_not_judged() -> None:
    dead = [*up_to_connected(), "domain state dom=2 state=killed", "dc send dom=2 event=suspend to=me"]
    assert judged(dead) == []
    assert judged([*BOOT, "domain state dom=4 state=hibernate"]) == []


def test_values_that_are_no_text_have_as_many_bytes_as_they_had() -> None:
    for count, found in ((639, []), (640, ["store.bad_value"])):
        line = f"store write dom=2 tx=0 path=soo/me/2/name val={'%ff' * count}"
        assert rules(judged([*up_to_connected(), line])) == found


def test_states_and_history() -> None:
    monitor = Monitor({"vdummy"})
    judged(up_to_connected(), monitor)
    assert monitor.connected(LINK2)
    assert monitor.states(LINK2, Side.BE) == (1, 2, 4)
    assert monitor.states(LINK2, Side.FE) == (1, 3, 4)
    assert [(change.side, change.state, change.writer) for change in monitor.history(LINK2)] == [
        (Side.FE, 1, 2), (Side.BE, 1, 2), (Side.BE, 2, 0), (Side.FE, 3, 2), (Side.BE, 4, 0), (Side.FE, 4, 2)]
    assert monitor.store.read("backend/vdummy/2/0/state") == "4"
    assert monitor.store.read("soo/me/2/shortdesc") == "An ME"
    assert monitor.store.watchers(f"{BE2}/state") == (2,)
    assert monitor.present() == (LINK2,)
    assert [domain.dom for domain in monitor.domains.all()] == [2]
    assert monitor.samples[BE2].indices.req_prod == 4294967290
    assert monitor.recent_changes(2)[-1].path == f"{FE2}/state"


def test_last_states_stay_after_the_kill_and_begin_anew_with_the_next_me() -> None:
    monitor = Monitor({"vdummy"})
    judged([*up_to_connected(), *traffic(), *kill()], monitor)
    assert monitor.states(LINK2, Side.BE) == (1, 2, 4, 6)
    assert monitor.state(LINK2, Side.BE) is None
    assert monitor.links[LINK2].ended
    monitor = Monitor({"vdummy"})
    judged([*up_to_connected(), *kill(), *entries()], monitor)
    assert monitor.states(LINK2, Side.BE) == (1,)
    assert [link.key for link in monitor.past] == [LINK2]


def test_whole_life_of_real_guests_is_silent() -> None:
    monitor = Monitor({"vdummy"}, stall_after=2)
    assert judged(life_log.whole(), monitor) == []
    assert monitor.finish(10**15) == []
    assert monitor.present() == ()
    assert monitor.domains.all() == ()


def test_an_me_may_rest_as_long_as_it_likes() -> None:
    monitor = Monitor({"vdummy"}, stall_after=2)
    assert judged([*life_log.suspended(), *life_log.save()], monitor) == []
    assert monitor.tick(10**12) == []
    # From the moment that it is resumed the time counts.
    more = [*life_log.suspended(), *life_log.save(), *until(life_log.resume(), "dc ack")]
    monitor = Monitor({"vdummy"}, stall_after=2)
    assert judged(more, monitor) == []
    assert monitor.tick(monitor.now_ns + 1_000_000_000) == []
    found = monitor.tick(monitor.now_ns + 2_100_000_000)
    assert [v.place for v in found] == ["vdummy/2/0: FE of domain 2 waits for BE to leave Suspended"]


@pytest.mark.parametrize(("last", "who"), [
    (f"path={BE2}/state val=9", "BE waits for FE of domain 2 to leave Connected"),
    (f"path={FE2}/state val=10", "FE of domain 2 waits for BE to leave Suspending"),
    (f"path={BE2}/state val=11", "BE waits for FE of domain 2 to leave Suspended"),
    ("tx=5 path=device/2/vdummy/0/state val=4", "FE of domain 2 waits for BE to leave Resuming"),
])
def test_who_is_waited_for_in_a_rest(last: str, who: str) -> None:
    monitor = Monitor({"vdummy"}, stall_after=2)
    assert judged(until([*life_log.suspended(), *life_log.resume()], last), monitor) == []
    found = monitor.tick(monitor.now_ns + 2_100_000_000)
    assert [v.place for v in found if v.rule == "link.stalled"] == [f"vdummy/2/0: {who}"]


@pytest.mark.parametrize(("last", "who"), [
    ("dc ack dom=2 event=resume", "FE of domain 2 waits for BE to leave Initialising"),
    (f"path={BE2}/state val=7", "BE waits for FE of domain 2 to leave Suspended"),
    (f"path={FE2}/state val=8", "FE of domain 2 waits for BE to leave Reconfiguring"),
    (f"path={BE2}/state val=4", "BE waits for FE of domain 2 to leave Reconfigured"),
])
def test_who_is_waited_for_in_a_migration(last: str, who: str) -> None:
    monitor = Monitor({"vdummy"}, stall_after=2)
    assert judged(until([*BOOT, *life_log.joined(), *life_log.reconnect()], last), monitor) == []
    found = monitor.tick(monitor.now_ns + 2_100_000_000)
    assert [v.place for v in found] == [f"vdummy/2/0: {who}"]


def test_a_guest_that_waited_in_vain_says_so() -> None:
    lines = [*until([*up_to_connected(), *life_log.suspend()], f"path={BE2}/state val=9"),
             f"error report dev={BE2} code=-110 text=no-answer-to-suspend"]
    found = [v for v in judged(lines) if v.rule == "link.stalled"]
    assert [v.place for v in found] == ["vdummy/2/0: BE waits for FE of domain 2 to leave Connected"]


@pytest.mark.parametrize("last", [
    f"path={BE2}/state val=9", f"path={FE2}/state val=10", f"path={BE2}/state val=10",
    f"path={BE2}/state val=11"])
def test_killed_in_any_state_the_backend_may_close(last: str) -> None:
    lines = [*until([*life_log.suspended(), *life_log.resume()], last), "domain state dom=2 state=killed",
             f"store write dom=0 tx=0 path={BE2}/state val=6"]
    assert [v for v in judged(lines) if v.rule.startswith("state.")] == []


def test_suspend_and_resume_in_the_same_place() -> None:
    lines = [_be(9), _fe(10), _be(10, tx=0), _be(11), _fe(4), _be(4)]
    assert judged([*up_to_connected(), *lines, *leave()]) == []


def test_migration_takes_a_new_ring() -> None:
    lines = [_be(9), _fe(10), _be(10, tx=0)]
    new_ring = [f"store write dom=2 tx=9 path={FE2}/ring-ref val=2",
                f"store write dom=2 tx=9 path={FE2}/ring-evtchn val=3"]
    moved = [f"ring sample dev={BE2} req_prod=0 req_cons=0 rsp_prod=0 rsp_cons=0"]
    # The entries are made again under the new number; here the same one, and the FE's state is kept.
    adopted = {"backend": None, f"{BE2}/state": "1", f"{FE2}/state": "10",
               f"{FE2}/ring-ref": "1", f"{FE2}/ring-evtchn": "2"}
    monitor = Monitor({"vdummy"})
    assert judged([*up_to_connected(), *lines], monitor) == []
    monitor.adopt_store(adopted)
    rest = [_be(7), *new_ring, _fe(8), *moved, _be(4), _fe(4)]
    assert [v for event in parsed(rest, 5000) for v in monitor.feed(event)] == []
    monitor = Monitor({"vdummy"})
    monitor.adopt_store(adopted)
    late = [_be(7), _fe(8)]
    assert rules([v for event in parsed(late, 1) for v in monitor.feed(event)]) == [
        "store.ring_ref_late", "store.ring_ref_late"]


@pytest.mark.parametrize("last", [f"{BE2}/frontend", f"{BE2}/state val=2", f"{FE2}/state val=3"])
def test_killed_in_the_handshake_the_backend_may_close(last: str) -> None:
    lines = [*until(up_to_connected(), last), _be(6)]
    assert rules(judged(lines)) == ["state.illegal_transition"]
    lines.insert(-1, "domain state dom=2 state=killed")
    assert judged(lines) == []


@pytest.mark.parametrize("context", [
    f"error report dev={BE2} code=-22 text=bad%20reference",
    f"store write dom=0 tx=3 path={BE2}/error val=bad",
    f"store write dom=2 tx=3 path={FE2}/error val=bad",
])
def test_after_an_error_both_sides_may_close(context: str) -> None:
    lines = [*until(up_to_connected(), f"{FE2}/state val=3"), _be(5), _fe(5), _be(6)]
    assert set(rules(judged(lines))) == {"state.illegal_transition"}
    lines.insert(-3, context)
    assert judged(lines) == []


def test_an_error_of_the_last_link_is_no_context_for_the_next() -> None:
    lines = [*up_to_connected(), f"error report dev={BE2} code=-5 text=x", *kill(), *entries(), _be(5)]
    assert rules(judged(lines)) == ["state.illegal_transition"]


def test_lost_lines_make_the_monitor_lenient() -> None:
    monitor = Monitor({"vdummy"})
    events = parsed(up_to_connected())
    for event in events[:30]:
        monitor.feed(event)
    found = [v for event in (StreamLost(1, 1, "gap", 7), *events[37:]) for v in monitor.feed(event)]
    assert found == []
    assert monitor.lost == 7


def test_unknown_backends_are_not_judged() -> None:
    assert judged([*BOOT, "store mkdir dom=0 tx=0 path=backend/vuart"], Monitor()) == []


def test_stalled_on_demand() -> None:
    monitor = Monitor({"vdummy"})
    judged(until(up_to_connected(), f"{BE2}/state val=2"), monitor)
    violation = monitor.stalled(LINK2, monitor.now_ns + 3_000_000_000)
    assert violation.place == "vdummy/2/0: BE waits for FE of domain 2 to leave Initialising"
    assert violation.observed == "BE InitWait(2), FE Initialising(1) for 3.0 s"
    nothing = monitor.stalled(LinkKey("vdummy", 5))
    assert nothing.observed == "BE absent, FE absent"
    assert monitor.waiting_for(LinkKey("vdummy", 5)) is None


def test_two_links_do_not_mix() -> None:
    monitor = Monitor({"vdummy"})
    judged([*BOOT, *entries(2), *entries(3), *connect(3)], monitor)
    assert monitor.states(LINK2, Side.BE) == (S.INITIALISING,)
    assert monitor.states(LinkKey("vdummy", 3), Side.BE) == (1, 2, 4)


def test_time_that_the_host_denied_is_no_standing_still() -> None:
    last = f"path={BE2}/state val=9"
    lines = until([*life_log.suspended(), *life_log.resume()], last)
    monitor = Monitor({"vdummy"}, stall_after=2)
    monitor.deny(5_000_000_000)  # before the link stood still
    assert judged(lines, monitor) == []
    now = monitor.now_ns
    monitor.deny(8_000_000_000)
    assert monitor.tick(now + 4_900_000_000) == []
    assert [v.rule for v in monitor.tick(now + 5_100_000_000)] == ["link.stalled"]


def test_no_denial_excuses_a_link_for_ever() -> None:
    lines = until([*life_log.suspended(), *life_log.resume()], f"path={BE2}/state val=9")
    monitor = Monitor({"vdummy"}, stall_after=2)
    assert judged(lines, monitor) == []
    now = monitor.now_ns
    monitor.deny(10**12)
    assert monitor.tick(now + 19_000_000_000) == []
    assert [v.rule for v in monitor.tick(now + 20_100_000_000)] == ["link.stalled"]
