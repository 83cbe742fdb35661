# SPDX-License-Identifier: GPL-2.0-only
"""Each planted defect is found, by its name and in time; guests without one show nothing."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from harness.deadline import speed
from harness.outcome import Verdict
from harness.scenario.faults import AGENCY_FAULTS, BOOT_BUGS, EXPLORED, HANGS, HUNTED, ME_FAULTS
from harness.scenario.result import Result
from tests.system.first_screen import first_screens, squeezed

RunText = Callable[[str], Result]

_SCENARIO = """
about: A guest with the planted defect '{fault}'.
images: ref-virt64-faults
agency: {{overlays: [{backends}]{append}{agency_fault}}}
mes:
  - {{name: alpha, overlays: [{frontends}]{me_fault}{hostile}}}
steps:
  - boot
  - inject: alpha
{steps}
  - {end}: alpha
"""

_SEND = """
  - send: {me: alpha, count: 200, window: 8, within: 10s}
"""

# Full traffic across everything that can happen to an ME.
_SUSPEND = """
  - send: {me: alpha, window: 32, background: true, every: 0}
  - expect.traffic: alpha/vdummy
  - suspend: alpha
  - resume: alpha
"""
_SUSPEND_SENT = _SUSPEND + """
  - sent: {me: alpha, within: 15s}
"""
_MOVE = """
  - send: {me: alpha, window: 32, background: true, every: 0}
  - expect.traffic: alpha/vdummy
  - save: {me: alpha, file: first}
  - restore: {me: alpha, file: first, slot: 3, within: 6s}
  - sent: {me: alpha, within: 15s}
"""
# The first transaction makes both keys, which is one change of their parent; the second changes both.
_STORE = """
  - run: {on: alpha, command: "store watch device/2"}
  - run: {on: alpha, command: "store tx device/2/a 1 device/2/b 2"}
  - run: {on: alpha, command: "store tx device/2/a 3 device/2/b 4"}
"""
_FOREIGN = """
  - run: {on: alpha, command: "store write soo/directcomm/2/event-channel 2", status: any}
"""
_CHAT = """
  - chat: {me: alpha, lines: 20, within: 4s}
"""

# A CPU that spins with interrupts off is noticed by the other one, after this many seconds.
_STALL = "rcupdate.rcu_cpu_stall_timeout=4"
# Seconds of the scenario's own clock, which no busy host makes longer.
_WITHIN = 10.0
# Characters of a sentence that a first screen has in any case.
_SHOWN = 300


@dataclass(frozen=True)
class Defect:
    """A fault, the rule that it breaks, and how it is provoked.

    :ivar kinds: device types whose frontend is on, and their backends unless `backend` is false.
    """

    fault: str
    rule: str
    verdict: Verdict = Verdict.FAIL
    steps: str = _SEND
    backend: bool = True
    end: str = "kill"
    append: str = ""
    kinds: tuple[str, ...] = ("vdummy",)
    hostile: bool = False

    def scenario(self) -> str:
        """The text of a scenario that it spoils."""
        fault = f", fault: {self.fault}"
        return _SCENARIO.format(
            fault=self.fault, end=self.end, steps=self.steps.strip("\n"),
            backends=", ".join(f"{kind}-be-on" for kind in self.kinds if self.backend),
            frontends=", ".join(f"{kind}-fe-on" for kind in self.kinds),
            append=f", append: {self.append}" if self.append else "",
            agency_fault=fault if self.fault in AGENCY_FAULTS else "",
            me_fault=fault if self.fault in ME_FAULTS else "",
            hostile=", hostile: true" if self.hostile else "",
        )


def _isolation(fault: str, rule: str, kind: str, operations: int = 20) -> Defect:
    """A defect of the agency that a hostile ME makes use of, by attacks of this kind."""
    steps = f"  - attack: {{me: alpha, kind: {kind}, operations: {operations}}}"
    return Defect(fault, rule, steps=steps, hostile=True)


DEFECTS = (
    Defect("be-skip-initwait", "state.be_initwait_skipped"),
    Defect("be-entry-disabled", "store.be_entry_disabled", backend=False),
    Defect("be-stuck", "link.stalled"),
    Defect("be-state-rewritten", "state.rewritten"),
    Defect("be-drop-17th", "ring.response_lost"),
    Defect("be-swap", "ring.response_order"),
    Defect("be-flip", "ring.payload"),
    Defect("be-publish-early", "ring.index_before_data"),
    Defect("be-rsp-beyond", "ring.no_overrun"),
    Defect("be-entries-left", "store.entries_left"),
    Defect("be-grant-left", "grant.leaked"),
    Defect("be-evtchn-left", "evtchn.leaked"),
    Defect("fe-connected-first", "state.fe_connected_before_be"),
    Defect("fe-ring-ref-late", "store.ring_ref_late"),
    Defect("fe-state-rewritten", "state.rewritten"),
    Defect("fe-hang-probe", "link.stalled"),
    Defect("fe-wakeup-lost", "link.stalled"),
    Defect("fe-producer-beyond", "ring.no_overrun"),
    Defect("fe-no-reply-terminate", "dc.no_answer", end="shutdown"),
    Defect("be-suspend-skips-state", "state.illegal_transition", steps=_SUSPEND),
    Defect("be-resume-no-connect", "link.stalled", steps=_SUSPEND),
    Defect("be-resuming-skipped", "state.illegal_transition", steps=_SUSPEND),
    Defect("be-suspended-notified", "state.suspended_wakes", steps=_SUSPEND),
    Defect("be-double-after-resume", "ring.response_doubled", steps=_SUSPEND_SENT),
    Defect("be-lost-on-suspend", "ring.response_lost", steps=_SUSPEND_SENT),
    Defect("be-reconfigure-old-ring", "grant.wrong_ref", steps=_MOVE),
    Defect("be-restore-wrong-incarnation", "domain.incarnation", steps=_MOVE),
    Defect("snapshot-no-gic", "dc.no_answer", steps=_MOVE),
    Defect("snapshot-stale-page", "ring.no_overrun", steps=_MOVE),
    Defect("vbs-event-twice", "watch.event_twice"),
    Defect("vbs-no-ancestor", "watch.event_missing", steps=_STORE),
    Defect("vbs-order-swapped", "watch.event_order", steps=_STORE),
    Defect("vbs-owner-unchecked", "store.foreign_write", steps=_FOREIGN),
    Defect("vbs-tx0-wakes", "watch.event_unasked", steps=_SUSPEND),
    Defect("fe-suspended-early", "ring.moved_while_suspended", steps=_SUSPEND),
    Defect("fe-stuck-suspend", "link.stalled", steps=_SUSPEND),
    Defect("fe-no-reply-suspend", "dc.no_answer", steps=_SUSPEND),
    Defect("fe-resend-all", "ring.response_order", steps=_MOVE),
    Defect("fe-forgets-unanswered", "ring.response_lost", steps=_MOVE),
    Defect("fe-watch-lost", "link.stalled", steps=_MOVE),
    Defect("fe-entries-old-domain", "store.entries_missing", steps=_MOVE),
    Defect("fe-vuart-takes-one", "vuart.lost", steps=_CHAT, kinds=("vuart",)),
    _isolation("vbs-dotdot-allowed", "store.bad_path", "dotdot", 60),
    _isolation("vbs-no-nul-accepted", "hostile.no_nul", "no-nul"),
    _isolation("vbs-be-state-open", "state.wrong_writer", "be-state"),
    _isolation("fe-arrow-unchecked", "state.illegal_transition", "fe-state"),
    _isolation("watch-unlimited", "hostile.watches", "[nodes, watches]", 100),
    _isolation("be-index-trusted", "hostile.index_beyond", "index-beyond", 1),
    _isolation("be-slot-read-twice", "hostile.rewrite", "rewrite"),
    _isolation("gnttab-foreign-frame", "hostile.foreign_frame", "foreign-frame"),
    _isolation("gnttab-revoke-mapped", "grant.illegal_step", "busy-revoke", 1),
    _isolation("evtchn-foreign-bind", "evtchn.illegal_step", "taken-channel"),
    Defect("agency-panic", "console.panic", Verdict.CRASH),
    Defect("agency-oops", "console.oops", Verdict.CRASH),
    Defect("agency-bug", "console.bug", Verdict.CRASH),
    Defect("agency-warning", "console.warning", Verdict.CRASH),
    Defect("agency-hang", "console.rcu_stall", Verdict.CRASH, append=_STALL),
)


def test_every_fault_has_a_row() -> None:
    """Those that are left to exploration have test_explore_finds.py; the others have tests too."""
    assert {defect.fault for defect in DEFECTS} == (
        (AGENCY_FAULTS | ME_FAULTS) - EXPLORED - HANGS - HUNTED - BOOT_BUGS)


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.fault)
def test_found_by_name(defect: Defect, run_text: RunText) -> None:
    result = run_text(defect.scenario())
    assert (result.verdict, result.rules[:1]) == (defect.verdict, (defect.rule,)), result.reason
    assert result.sentence
    for screen in first_screens(result):
        for words in (result.title, result.sentence[:_SHOWN], "--seed 7"):
            assert squeezed(words) in screen
    assert result.counted < _WITHIN * speed(), f"{defect.rule} took {result.counted:.1f} s"


@pytest.mark.parametrize("steps", [_SEND, _SUSPEND_SENT, _MOVE], ids=["send", "rest", "move"])
@pytest.mark.parametrize("end", ["kill", "shutdown"])
def test_clean_guests_show_nothing(end: str, steps: str, run_text: RunText) -> None:
    """The test build without a fault switched on: the same steps, no violation."""
    result = run_text(Defect("none", "", steps=steps, end=end).scenario())
    assert (result.verdict, result.violations) == (Verdict.PASS, ()), result.reason
