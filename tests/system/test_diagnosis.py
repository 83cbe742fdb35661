# SPDX-License-Identifier: GPL-2.0-only
"""What a failed run says first names the cause: of planted defects, of hangs, of systems that do not boot."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.bench.browser import Browser
from harness.diagnose.model import Diagnosis, read
from harness.outcome import Verdict
from harness.report.block import failure_block
from harness.scenario.faults import BOOT_BUGS
from harness.scenario.result import Result
from tests.system.first_screen import pictured, squeezed
from tests.system.test_hangs import hang
from tests.system.test_planted_defects import DEFECTS

RunText = Callable[..., Result]
Diagnosed = Callable[[Result], Diagnosis]

_SCENARIOS = {defect.fault: defect.scenario() for defect in DEFECTS}
_SCENARIOS |= {name: hang(agency=name) for name in ("agency-hang-locked", "agency-hang-mutex")}
_FAULT_C = "(images/agency/modules/core/fault.c:"


@dataclass(frozen=True)
class Told:
    """What is told of a planted defect.

    :ivar title: all of it; equal for equal failures.
    :ivar says: parts of the sentence, in this order.
    """

    fault: str
    title: str
    says: tuple[str, ...]
    pattern: str = ""


_TOLD = (
    # Handshakes: who waits for whom, and what stands in the way.
    Told("be-stuck", "link.stalled: BE stays in InitWait",
         ("FE of ME 2 (alpha) waits for BE to leave InitWait", "BE was told of Initialised",
          "its driver's reconfigured() has not been called since",
          "no CPU and no task is at work in a module")),
    Told("fe-hang-probe", "link.stalled: FE stays in Initialising, in vdummy_probe",
         ("BE waits for FE of ME 2 (alpha) to leave Initialising",
          "me:vdummy_probe (images/me/soo/drivers/vdummyfront/vdummy.c:")),
    Told("fe-wakeup-lost", "link.stalled: FE stays in Initialising, in vbs_request",
         ("BE waits for FE of ME 2 (alpha) to leave",
          "thread vbus_watch waits in me:vbs_request (images/me/soo/",
          "for the agency's answer to a vbstore request")),
    Told("fe-stuck-suspend", "link.stalled: FE stays in Connected",
         ("BE waits for FE of ME 2 (alpha) to leave Connected", "FE was told of Suspending, and did nothing",
          "none of its threads is at work on it")),
    Told("be-resume-no-connect", "link.stalled: BE stays in Resuming",
         ("FE of ME 2 (alpha) waits for BE to leave Resuming", "BE was told of Connected",
          "its driver's connected() has not been called since")),
    Told("fe-no-reply-suspend", "dc.no_answer: SUSPEND",
         ("the agency waits for ME 2 (alpha) to answer SUSPEND", "none of its threads is at work on it")),
    # Rules: who broke which one, on which link.
    Told("be-flip", "ring.payload: BE of vdummy",
         ("BE broke ring.payload (a response has the bytes of its request)",)),
    Told("be-drop-17th", "ring.response_lost: BE of vdummy",
         ("BE broke ring.response_lost (each request gets its response)",)),
    Told("be-state-rewritten", "state.rewritten: BE of vdummy",
         ("BE broke state.rewritten", "on vdummy of ME 2 (alpha)")),
    Told("fe-state-rewritten", "state.rewritten: FE of vdummy",
         ("FE broke state.rewritten", "on vdummy of ME 2 (alpha)")),
    Told("be-skip-initwait", "state.be_initwait_skipped: BE of vdummy",
         ("BE broke", "on vdummy of ME 2 (alpha)")),
    Told("be-grant-left", "grant.leaked: the agency", ("the agency broke grant.leaked", "ME 2 (alpha)")),
    # What the kernel says of itself: the function, its line, the task.
    Told("agency-oops", "kernel oops: NULL pointer dereference in soo:soo_fault_on_injection",
         (f"kernel oops in soo:soo_fault_on_injection {_FAULT_C}", "called from soo:soo_domain_create",
          "task injector", "Unable to handle kernel NULL pointer dereference"), "kernel.oops"),
    Told("agency-bug", "kernel BUG in soo:soo_fault_on_injection",
         (f"kernel BUG in soo:soo_fault_on_injection {_FAULT_C}", "task injector"), "kernel.bug"),
    Told("agency-panic", "kernel panic: planted: injection in soo:soo_fault_on_injection",
         (f"kernel panic in soo:soo_fault_on_injection {_FAULT_C}", "planted: injection"), "kernel.panic"),
    Told("agency-warning", "kernel warning in soo:soo_fault_on_injection",
         (f"kernel warning in soo:soo_fault_on_injection {_FAULT_C}",), "kernel.warning"),
    # Hangs: who runs, who waits, and for what.
    Told("agency-hang", "RCU stall: cpu in soo:spin_with_interrupts_off",
         (f"is in soo:spin_with_interrupts_off {_FAULT_C}",), "kernel.rcu_stall"),
    Told("agency-hang-locked", "hang: answer to 'injector': cpu in soo:soo_fault_spin_with_events_locked",
         ("is in soo:soo_fault_spin_with_events_locked (images/agency/modules/core/events.c:",
          "waits in soo:emit (images/agency/modules/core/events.c:", "for a spin lock")),
    Told("agency-hang-mutex", "hang: answer to 'injector': task injector in soo:lock_twice",
         ("answer to 'injector /mnt/ME/alpha.itb' does not come", f"waits in soo:lock_twice {_FAULT_C}",
          "for a mutex")),
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("chromium")) as made:
        yield made


@pytest.fixture
def diagnosed(browser: Browser, request: pytest.FixtureRequest, tmp_path: Path) -> Diagnosed:
    """The diagnosis of a result, after a look at the first screen of its report."""
    def look(result: Result) -> Diagnosis:
        assert result.run_dir is not None
        found = read(result.run_dir)
        assert found is not None
        assert (found.title, found.sentence) == (result.title, result.sentence)
        # It is what a person reads first.
        first = failure_block(result).splitlines()[0]
        assert first == f"{result.verdict.name}: {result.name}: {found.sentence}"
        name = request.node.name.removeprefix("test_").replace("[", "-").rstrip("]")
        for seen in pictured(browser, result, name, tmp_path):
            assert squeezed(found.title) in seen
            assert squeezed(found.sentence) in seen
        return found
    return look


def _in_order(text: str, parts: tuple[str, ...]) -> bool:
    at = 0
    for part in parts:
        at = text.find(part, at)
        if at < 0:
            return False
    return True


@pytest.mark.parametrize("told", _TOLD, ids=lambda told: told.fault)
def test_planted(told: Told, run_text: RunText, diagnosed: Diagnosed) -> None:
    found = diagnosed(run_text(_SCENARIOS[told.fault]))
    assert found.title == told.title, found.sentence
    assert _in_order(found.sentence, told.says), found.sentence
    assert found.pattern == told.pattern


_BOOT = """
about: A system that does not come up.
images: {images}
boot: cold
deadline: 20s
agency: {{overlays: [vdummy-be-on{overlay}]{agency}}}
mes: [{{name: alpha, overlays: [vdummy-fe-on]{me}}}]
steps:
  - boot
  - inject: {{me: alpha, within: 8s}}
  - expect.connected: alpha/vdummy
"""
_DISABLED = """/* SPDX-License-Identifier: GPL-2.0-only */
/dts-v1/;
/plugin/;
&{{/{node}}} {{ status = "disabled"; }};
"""


def _boot(agency: str = "", me: str = "", overlay: str = "") -> str:
    faults = bool(agency or me)
    return _BOOT.format(images="ref-virt64-faults" if faults else "ref-virt64",
                        agency=agency and f", fault: {agency}", me=me and f", fault: {me}",
                        overlay=overlay and f", {overlay}")


@pytest.mark.parametrize(("node", "title", "says"), [
    ("timer", "missing DT node: timer",
     ("the agency's boot ends before its first word", "has no timer",
      "compatible with arm,armv8-timer: /timer is disabled")),
    ("pl011@9000000", "missing DT node: console",
     ("the agency's boot hangs before its first word", "has no console", "/pl011@9000000 is disabled")),
    ("pcie@10000000", "missing DT node: PCI host",
     ("the agency's event stream does not come", "has no PCI host", "/pcie@10000000 is disabled")),
], ids=["timer", "console", "pci"])
def test_a_missing_node(node: str, title: str, says: tuple[str, ...], tmp_path: Path,
                        run_text: RunText, diagnosed: Diagnosed) -> None:
    (tmp_path / "lacking.dtso").write_text(_DISABLED.format(node=node))
    result = run_text(_boot(overlay="lacking"))
    found = diagnosed(result)
    assert result.verdict in (Verdict.CRASH, Verdict.FAIL)
    assert (found.title, found.pattern) == (title, "dt.missing"), found.sentence
    assert _in_order(found.sentence, says), found.sentence


def test_a_module_that_deadlocks_in_its_init(run_text: RunText, diagnosed: Diagnosed) -> None:
    result = run_text(_boot(agency="agency-init-deadlock"))
    found = diagnosed(result)
    assert result.verdict is Verdict.CRASH
    assert found.title == "boot hang: task insmod in soo:wait_for_setup", found.sentence
    assert _in_order(found.sentence, (
        "the agency does not get to its prompt", "task insmod", f"waits in soo:wait_for_setup {_FAULT_C}",
        "for the end of a work item", "task kworker", f"waits in soo:set_up {_FAULT_C}", "for a mutex",
    )), found.sentence


def test_an_me_that_corrupts_its_page_tables(run_text: RunText, diagnosed: Diagnosed) -> None:
    found = diagnosed(run_text(_boot(me="me-page-tables")))
    assert found.title == "ME in an endless exception: its page tables are damaged", found.sentence
    assert found.pattern == "me.exception_loop"
    assert _in_order(found.sentence, (
        "ME alpha", "takes the same exception for ever: its page tables are damaged",
        "they do not map its own code at 0x", "translation fault")), found.sentence


def test_an_me_whose_tree_lacks_a_node(tmp_path: Path, run_text: RunText, diagnosed: Diagnosed) -> None:
    (tmp_path / "lacking.dtso").write_text(_DISABLED.format(node="interrupt-controller@8000000"))
    found = diagnosed(run_text(_boot().replace("[vdummy-fe-on]", "[vdummy-fe-on, lacking]")))
    assert found.title == "missing DT node of the ME: interrupt controller", found.sentence
    assert _in_order(found.sentence, ("ME alpha does not come to life", "has no interrupt controller",
                                      "/interrupt-controller@8000000 is disabled")), found.sentence


def test_a_task_that_the_kernel_finds_hanging(run_text: RunText, diagnosed: Diagnosed) -> None:
    append = ", append: sysctl.kernel.hung_task_timeout_secs=2 sysctl.kernel.hung_task_check_interval_secs=1"
    text = _boot(agency="agency-hang-mutex").replace("agency-hang-mutex", f"agency-hang-mutex{append}")
    found = diagnosed(run_text(text))
    assert found.title == "hung task: injector: task injector in soo:lock_twice", found.sentence
    assert f"waits in soo:lock_twice {_FAULT_C}" in found.sentence
    assert found.pattern == "kernel.hung_task"


def test_every_boot_bug_has_a_test() -> None:
    assert {"agency-init-deadlock", "me-page-tables"} == BOOT_BUGS


def test_a_backend_that_is_not_there(run_text: RunText, diagnosed: Diagnosed) -> None:
    found = diagnosed(run_text("""
about: A frontend without a backend.
mes: [{name: alpha, overlays: [vdummy-fe-on]}]
steps:
  - inject: alpha
  - expect.connected: {links: [alpha/vdummy], within: 2s}
"""))
    assert (found.title, found.pattern) == ("no BE: vdummy", "link.no_be"), found.sentence
    assert "/agency/backends/vdummy is disabled" in found.sentence
    assert "ME alpha" in found.sentence
