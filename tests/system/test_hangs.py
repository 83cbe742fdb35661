# SPDX-License-Identifier: GPL-2.0-only
"""A system that hangs: the result names the functions in which its CPUs and its MEs stand."""

from collections.abc import Callable

import pytest

from harness.deadline import scale, speed
from harness.outcome import Verdict
from harness.scenario.result import Result
from tests.system.busy import busy_host

RunText = Callable[[str], Result]

_SCENARIO = """
about: A system that hangs at the injection.
images: ref-virt64-faults
agency: {{overlays: [vdummy-be-on]{agency}}}
mes: [{{name: alpha, overlays: [vdummy-fe-on]{me}}}]
steps:
  - inject: {{me: alpha, within: 4s}}
  - expect.connected: {{links: [alpha/vdummy], within: 8s}}
  - kill: alpha
"""
_WITHIN = 10.0
# Of the injection above, and what `harness.deadline` makes of it at most.
_BUDGET = 4.0
_LONGEST = 10.0


def hang(agency: str = "", me: str = "") -> str:
    return _SCENARIO.format(agency=agency and f", fault: {agency}", me=me and f", fault: {me}")


def _place(result: Result, name: str) -> str:
    """The line of the result that tells of a function."""
    lines = [line for line in result.places if name in line]
    assert len(lines) == 1, result.reason
    return lines[0]


def test_a_spin_with_interrupts_off(run_text: RunText) -> None:
    result = run_text(hang(agency="agency-hang"))
    assert result.verdict is Verdict.CRASH
    line = _place(result, "soo:spin_with_interrupts_off+")
    assert line.startswith("cpu")
    assert "<- soo:soo_fault_on_injection+" in line
    assert line in result.reason
    assert result.run_dir is not None
    told = (result.run_dir / "places.txt").read_text()
    assert "soo:soo_domain_create+" in told
    assert "kernel:__arm64_sys_ioctl+" in told


def test_a_lock_that_is_never_given_back(run_text: RunText) -> None:
    result = run_text(hang(agency="agency-hang-locked"))
    assert result.verdict is Verdict.CRASH
    holder = _place(result, "soo:soo_fault_spin_with_events_locked+")
    waiter = _place(result, "kernel:queued_spin_lock_slowpath+")
    assert "<- soo:emit+" in waiter
    assert {holder.split(":")[0], waiter.split(":")[0]} == {"cpu0", "cpu1"}
    assert holder in result.reason
    assert waiter in result.reason


def test_a_task_that_waits_for_itself_while_all_cpus_are_idle(run_text: RunText) -> None:
    result = run_text(hang(agency="agency-hang-mutex"))
    assert result.verdict is Verdict.CRASH
    assert result.places[:2] == ("cpu0: idle", "cpu1: idle")
    line = _place(result, "task injector")
    assert "kernel:mutex_lock+" in line
    assert "<- soo:lock_twice+" in line
    assert "<- soo:soo_fault_on_injection+" in line
    assert line in result.reason


def test_a_wake_up_that_is_lost_in_an_me(run_text: RunText) -> None:
    result = run_text(hang(me="fe-wakeup-lost"))
    assert (result.verdict, result.rules[:1]) == (Verdict.FAIL, ("link.stalled",)), result.reason
    line = _place(result, "ME alpha")
    assert line.startswith("ME alpha, thread vbus_watch waits in vbs_request <- vbs_transaction_end <- vbus_")
    assert "<- vbus_otherend_written" in line
    assert line in result.reason


def test_an_me_that_spins(run_text: RunText) -> None:
    result = run_text(hang(me="fe-hang-probe"))
    assert result.rules[:1] == ("link.stalled",), result.reason
    assert "in thread vbus_watch: me:vdummy_probe+" in result.reason


@pytest.mark.parametrize(("agency", "me", "name"), [
    ("agency-hang-locked", "", "soo:soo_fault_spin_with_events_locked+"),
    ("", "fe-wakeup-lost", "waits in vbs_request"),
], ids=["spin", "wake-up"])
def test_a_hang_is_found_on_a_busy_host_too(agency: str, me: str, name: str, run_text: RunText) -> None:
    with busy_host():
        result = run_text(hang(agency, me))
    assert name in _place(result, name)
    # Ten times the budget of the step is the end, however busy the host is; then the machine is looked at.
    assert result.latency < _BUDGET * speed() * _LONGEST + _WITHIN * scale(), result.reason
