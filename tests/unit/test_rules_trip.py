# SPDX-License-Identifier: GPL-2.0-only
"""Each rule has a case that breaks it, and only it; and no rule is without one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.check.monitor import Monitor
from harness.check.ring import check_send
from harness.check.rules import RULES
from harness.check.views import compare_store
from harness.check.violation import Violation
from harness.check.wrap import console_violation, tree_violations
from harness.dt.diff import Difference
from harness.model.views import SendResult
from tests.unit.event_log import (
    BE2,
    BOOT,
    FE2,
    connect,
    entries,
    judged,
    kill,
    rules,
    spoil,
    traffic,
    until,
    up_to_connected,
)
from tests.unit.life_cases import LIFE_CASES, MORE

Case = Callable[[], list[Violation]]


def _spoiled(old: str, *new: str) -> Case:
    return lambda: judged(spoil(up_to_connected(), old, *new))


def _then(*more: str) -> Case:
    return lambda: judged([*up_to_connected(), *more])


def _killed_without(*old: str) -> Case:
    def case() -> list[Violation]:
        lines = kill()
        for line in old:
            lines = spoil(lines, line)
        return judged([*up_to_connected(), *lines])
    return case


def _sent(lost: int = 0, reordered: int = 0, corrupt: int = 0, early: int = 0,
          doubled: int = 0) -> Case:
    result = SendResult(1000, 1000 - lost + doubled, lost, reordered, corrupt, early, 0, 12, doubled)
    return lambda: list(check_send("alpha/vdummy", result))


def _console(kind: str) -> Case:
    return lambda: [console_violation(kind, "agency", "a line")]


def _stalled() -> list[Violation]:
    monitor = Monitor({"vdummy"}, stall_after=5)
    lines = until(up_to_connected(), f"tx=2 path={FE2}/state val=3")
    return [*judged(lines, monitor), *monitor.finish(monitor.now_ns + 5_100_000_000)]


_SAMPLE = f"ring sample dev={BE2} req_prod="

CASES: dict[str, Case] = {
    "state.be_initwait_skipped": lambda: judged(
        [*BOOT, *entries(), f"store write dom=0 tx=1 path={BE2}/state val=4"]),
    "state.fe_connected_before_be": lambda: judged(
        [*until(up_to_connected(), f"path={FE2}/state val=3"),
         f"store write dom=2 tx=3 path={FE2}/state val=4"])[:1],
    "state.illegal_transition": _then(f"store write dom=2 tx=9 path={FE2}/state val=2"),
    "state.rewritten": _then(f"store write dom=0 tx=9 path={BE2}/state val=4"),
    "state.wrong_writer": _then(f"store write dom=2 tx=9 path={BE2}/state val=9"),
    "store.be_entry_disabled": lambda: judged([*BOOT, "store mkdir dom=0 tx=0 path=backend/vuart"]),
    "store.ring_ref_late": lambda: judged(
        spoil(spoil(until(up_to_connected(), f"path={FE2}/state val=3"), "ring-ref"), "ring-evtchn")),
    "store.no_parent": lambda: judged([*BOOT, "store write dom=2 tx=0 path=device/2/vdummy val=1"]),
    "store.foreign_write": lambda: judged(
        [*BOOT, *entries(2), *entries(3), "store write dom=3 tx=0 path=device/2/vdummy/0/backend val=x"]),
    "store.entries_left": _killed_without("store rm dom=0 tx=0 path=backend/vdummy/2"),
    "ring.response_lost": _sent(lost=58),
    "ring.response_doubled": _sent(doubled=2),
    "ring.response_order": _sent(reordered=2),
    "ring.payload": _sent(corrupt=1),
    "ring.index_before_data": _sent(early=3),
    "ring.no_overrun": _then(f"{_SAMPLE}33 req_cons=0 rsp_prod=0 rsp_cons=0"),
    "ring.moved_before_connected": _spoiled(
        _SAMPLE, f"{_SAMPLE}4294967291 req_cons=4294967290 rsp_prod=4294967290 rsp_cons=4294967290"),
    "link.stalled": _stalled,
    "grant.leaked": _killed_without("grant unmap", "grant revoke"),
    "evtchn.leaked": _killed_without("evtchn close dom=0 port=12"),
    "tree.differs": lambda: list(tree_violations("agency", [Difference("/agency", "status", "okay", None)])),
    "view.disagrees": lambda: list(compare_store({"backend/x": "1"}, {"backend/x": "2"})),
    **{f"console.{kind}": _console(kind)
       for kind in ("panic", "oops", "bug", "warning", "hung_task", "rcu_stall", "second_boot", "lockup")},
    **LIFE_CASES,
}


# Judged on what guests print when they are asked; the run names the event before that.
_OF_FIGURES = {"ring.response_lost", "ring.response_doubled", "ring.response_order", "ring.payload",
               "ring.index_before_data", "tree.differs", "view.disagrees"}


def test_every_rule_has_a_case_and_every_case_a_rule() -> None:
    assert set(CASES) == set(RULES)


@pytest.mark.parametrize("rule", sorted(CASES))
def test_case_breaks_its_rule_and_no_other(rule: str) -> None:
    found = CASES[rule]()
    assert set(rules(found)) == {rule}
    for violation in found:
        assert violation.place
        assert violation.expected
        assert violation.observed
        assert (violation.event is None) == (rule in _OF_FIGURES or rule.startswith("console."))
        assert "\n" not in str(violation)


def test_event_is_told() -> None:
    last = _then(f"store write dom=0 tx=9 path={BE2}/state val=4")()[-1]
    assert last.event is not None
    assert last.event.endswith("val=4")
    assert last.place == f"{BE2}/state"


@pytest.mark.parametrize(("lines", "rule"), [
    ([f"{_SAMPLE}1 req_cons=1 rsp_prod=2 rsp_cons=0"], "ring.no_overrun"),
    ([f"{_SAMPLE}1 req_cons=2 rsp_prod=1 rsp_cons=0"], "ring.no_overrun"),
    ([f"{_SAMPLE}2 req_cons=1 rsp_prod=2 rsp_cons=0"], "ring.no_overrun"),
    ([f"{_SAMPLE}2 req_cons=2 rsp_prod=2 rsp_cons=3"], "ring.no_overrun"),
    ([*traffic(), f"{_SAMPLE}80 req_cons=80 rsp_prod=80 rsp_cons=80"], "ring.no_overrun"),
    ([f"error report dev={BE2} code=-71 text=impossible"], "ring.no_overrun"),
    ([f"store write dom=2 tx=9 path={FE2}/ring-ref val=2"], "store.ring_ref_late"),
    (["store mkdir dom=2 tx=0 path=device/3"], "store.foreign_write"),
    (["store rm dom=2 tx=0 path=backend/vdummy"], "store.foreign_write"),
    ([f"store write dom=2 tx=9 path={FE2}/state val=five"], "state.illegal_transition"),
    ([f"store write dom=0 tx=9 path={BE2}/state val=5"], "state.illegal_transition"),
    ([f"store write dom=0 tx=9 path={FE2}/state val=5"], "state.wrong_writer"),
    (["store mkdir dom=2 tx=0 path=device/2/vdummy/1",
      "store write dom=2 tx=0 path=device/2/vdummy/1/state val=4"], "state.illegal_transition"),
    (["store mkdir dom=2 tx=0 path=backend/vdummy/2/1",
      "store write dom=0 tx=0 path=backend/vdummy/2/1/state val=1"], "state.wrong_writer"),
])
def test_other_ways_to_break_a_rule(lines: list[str], rule: str) -> None:
    assert rules(_then(*lines)()) == [rule]


@pytest.mark.parametrize("number", range(len(MORE)))
def test_other_ways_to_break_a_rule_of_the_life(number: int) -> None:
    case, rule = MORE[number]
    assert rules(case())[:1] == [rule]


def test_lasting_ring_fault_is_told_once() -> None:
    assert rules(_then(*[f"{_SAMPLE}33 req_cons=0 rsp_prod=0 rsp_cons=0"] * 3)()) == ["ring.no_overrun"]


def test_frontend_connected_first_out_of_initialising() -> None:
    lines = until(up_to_connected(), f"path={BE2}/state val=2")
    found = judged([*lines, f"store write dom=2 tx=3 path={FE2}/state val=4"])
    assert rules(found) == ["state.fe_connected_before_be", "state.illegal_transition"]


def test_frontend_initialised_before_the_backend_waits() -> None:
    lines = spoil(spoil(up_to_connected(), f"path={BE2}/state val=2"), "store txend dom=0 tx=1")
    told = lines.index(f"watch event dom=2 path={BE2}/state")
    found = judged(until([*lines[:told], *lines[told + 1:]], f"path={FE2}/state val=3"))
    assert rules(found) == ["state.illegal_transition"]
    assert "BE is InitWait(2)" in found[0].expected
    assert found[0].observed == "BE is Initialising(1)"


def test_backend_connected_before_the_frontend_is_initialised() -> None:
    lines = until(up_to_connected(), f"path={BE2}/state val=2")
    assert rules(judged([*lines, f"store write dom=0 tx=3 path={BE2}/state val=4"])) == [
        "state.illegal_transition"]


def test_all_left_entries_are_found() -> None:
    lines = [line for line in kill() if "store rm" not in line]
    found = judged([*up_to_connected(), *lines])
    assert {violation.place for violation in found} == {"device/2/vdummy", "backend/vdummy/2", "soo/me/2"}


def test_next_me_in_a_slot_with_old_entries_is_judged_as_new() -> None:
    lines = spoil(kill(), "store rm dom=0 tx=0 path=backend/vdummy/2")
    found = judged([*up_to_connected(), *lines, *entries(), *connect()])
    assert rules(found) == ["store.entries_left"]


@pytest.mark.parametrize(("last", "who"), [
    (f"path={FE2}/backend", "no"),
    (f"path={BE2}/frontend", "FE of domain 2 waits for BE to leave Initialising"),
    (f"path={BE2}/state val=2", "BE waits for FE of domain 2 to leave Initialising"),
    (f"path={FE2}/state val=3", "FE of domain 2 waits for BE to leave InitWait"),
    (f"path={BE2}/state val=4", "BE waits for FE of domain 2 to leave Initialised"),
    (f"path={FE2}/state val=4", "no"),
])
def test_stall_tells_who_is_waited_for(last: str, who: str) -> None:
    monitor = Monitor({"vdummy"}, stall_after=2)
    assert judged(until(up_to_connected(), last), monitor) == []
    assert monitor.tick(monitor.now_ns + 1_000_000_000) == []
    found = [v for v in monitor.tick(monitor.now_ns + 2_000_000_000) if v.rule == "link.stalled"]
    assert [violation.place for violation in found] == ([] if who == "no" else [f"vdummy/2/0: {who}"])
    assert monitor.finish(monitor.now_ns + 9_000_000_000) == []  # told once


def test_no_stall_of_a_killed_me_or_after_an_error() -> None:
    for last in ("domain state dom=2 state=killed", f"error report dev={BE2} code=-5 text=no"):
        monitor = Monitor({"vdummy"}, stall_after=2)
        lines = [*until(up_to_connected(), "dc ack dom=2 event=trigger"), last]
        assert judged(lines, monitor) == []
        assert monitor.finish(10**12) == []
