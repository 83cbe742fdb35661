# SPDX-License-Identifier: GPL-2.0-only
"""Each planted defect is found, by its name and in time; guests without one show nothing."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from harness.deadline import scale
from harness.outcome import Verdict
from harness.scenario.faults import AGENCY_FAULTS, ME_FAULTS
from harness.scenario.result import Result

RunText = Callable[[str], Result]

_SCENARIO = """
about: A guest with the planted defect '{fault}'.
images: ref-virt64-faults
agency: {{overlays: [{backend}]{append}{agency_fault}}}
mes:
  - {{name: alpha, overlays: [vdummy-fe-on]{me_fault}}}
steps:
  - boot
  - inject: alpha
  - send: {{me: alpha, count: 200, window: 8, within: 10s}}
  - {end}: alpha
"""

# A CPU that spins with interrupts off is noticed by the other one, after this many seconds.
_STALL = "rcupdate.rcu_cpu_stall_timeout=4"
_WITHIN = 10.0


@dataclass(frozen=True)
class Defect:
    """A fault, the rule that it breaks, and how it is provoked."""

    fault: str
    rule: str
    verdict: Verdict = Verdict.FAIL
    backend: str = "vdummy-be-on"
    end: str = "kill"
    append: str = ""

    def scenario(self) -> str:
        """The text of a scenario that it spoils."""
        fault = f", fault: {self.fault}"
        return _SCENARIO.format(
            fault=self.fault, backend=self.backend, end=self.end,
            append=f", append: {self.append}" if self.append else "",
            agency_fault=fault if self.fault in AGENCY_FAULTS else "",
            me_fault=fault if self.fault in ME_FAULTS else "",
        )


DEFECTS = (
    Defect("be-skip-initwait", "state.be_initwait_skipped"),
    Defect("be-entry-disabled", "store.be_entry_disabled", backend=""),
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
    Defect("fe-producer-beyond", "ring.no_overrun"),
    Defect("fe-no-reply-terminate", "me.end", end="shutdown"),
    Defect("agency-panic", "console.panic", Verdict.CRASH),
    Defect("agency-oops", "console.oops", Verdict.CRASH),
    Defect("agency-bug", "console.bug", Verdict.CRASH),
    Defect("agency-hang", "console.rcu_stall", Verdict.CRASH, append=_STALL),
)


def test_every_fault_has_a_row() -> None:
    assert {defect.fault for defect in DEFECTS} == AGENCY_FAULTS | ME_FAULTS


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.fault)
def test_found_by_name(defect: Defect, run_text: RunText) -> None:
    result = run_text(defect.scenario())
    assert (result.verdict, result.rules[:1]) == (defect.verdict, (defect.rule,)), result.reason
    assert result.latency < _WITHIN * scale(), f"{defect.rule} took {result.latency:.1f} s"


@pytest.mark.parametrize("end", ["kill", "shutdown"])
def test_clean_guests_show_nothing(end: str, run_text: RunText) -> None:
    """The test build without a fault switched on: the same steps, no violation."""
    result = run_text(Defect("none", "", end=end).scenario())
    assert (result.verdict, result.violations) == (Verdict.PASS, ()), result.reason
