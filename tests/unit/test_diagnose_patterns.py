# SPDX-License-Identifier: GPL-2.0-only
"""Known ways to fail are recognised in what guests have really printed, and not in what they print in health.

The files of `logs/` are excerpts of consoles of the reference guests with planted defects.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.diagnose import patterns, report
from harness.diagnose.model import Frame, Moment

_LOGS = Path(__file__).parent / "logs"


def _moments(name: str, source: str = "agency") -> list[Moment]:
    lines = (_LOGS / f"{name}.log").read_text().splitlines()
    return [Moment(number / 1000, line, source) for number, line in enumerate(lines)]


# File, and what the first line that tells of the failure is recognised as.
_REAL = [
    ("oops", "kernel.oops", "kernel oops: NULL pointer dereference"),
    ("bug", "kernel.bug", "kernel BUG"),
    ("panic", "kernel.panic", "kernel panic: planted: injection"),
    ("hung_task", "kernel.hung_task", "hung task: injector"),
    ("rcu_stall", "kernel.rcu_stall", "RCU stall"),
    ("oom", "kernel.oom", "out of memory"),
    ("no_root", "kernel.no_root", "no root file system"),
    ("no_timer", "dt.no_timer", "missing DT node: timer"),
    ("me_exception", "me.exception", "exception in the ME"),
]


@pytest.mark.parametrize(("name", "key", "title"), _REAL, ids=[name for name, *_ in _REAL])
def test_a_real_log(name: str, key: str, title: str) -> None:
    """Other lines of the same report are known too, but come later."""
    hit = patterns.first(_moments(name), ["agency"])
    assert hit is not None
    assert (hit.known.key, hit.title) == (key, title)


# What cannot be had from the reference guests: the lines as the sources of Linux 6.1 and SO3 print them.
_LINES = [
    ("watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [insmod:77]", "kernel.soft_lockup"),
    ("Watchdog detected hard LOCKUP on cpu 1", "kernel.hard_lockup"),
    ("BUG: workqueue lockup - pool cpus=1 node=0 flags=0x0 nice=0 stuck for 31s!", "kernel.workqueue_lockup"),
    ("SError Interrupt on CPU0, code 0x00000000be000011 -- SError", "kernel.serror"),
    ("Kernel panic - not syncing: No interrupt controller found.", "dt.no_irqchip"),
    ("Kernel panic - not syncing: Unable to initialise architected timer.", "dt.no_timer"),
    ("BUG: sleeping function called from invalid context at kernel/locking/mutex.c:580", "kernel.atomic"),
    ("BUG: scheduling while atomic: insmod/77/0x00000002", "kernel.atomic"),
    ("Unable to handle kernel paging request at virtual address ffff800000c30000", "kernel.oops"),
    ("Kernel panic - not syncing: No working init found.  Try passing init= option to kernel.",
     "kernel.no_init"),
    ("BUG in kernel/heap.c at line: 101", "me.bug"),
    ("exception: synchronous, vector 4, class 0x25 esr 0x96000004 far 0x0 elr 0x40081234 lr 0x4 sp 0x5 "
     "spsr 0x6 x0 0x0 x1 0x0 thread init", "me.exception"),
    ("panic: no page table left for address 0x80000000", "me.panic"),
    ("kernel_panic: entering infinite loop... CPU: 0", "me.panic"),
    ("soo: the tree has no node /ME: no identity", "dt.no_me"),
    ("Cannot find backend node: backend/vdummy", "link.no_be"),
    ("init: /lib/soo/soo.ko does not load", "agency.module"),
    ("init: no port soo.events", "agency.no_events"),
    ('"Synchronous Abort" handler, esr 0x96000010', "uboot.abort"),
]


@pytest.mark.parametrize(("line", "key"), _LINES, ids=[key for _, key in _LINES])
def test_a_line(line: str, key: str) -> None:
    for text in (line, f"[   12.345678] {line}"):
        if text.startswith("[") and key.startswith(("me.", "uboot.")):
            continue
        found = patterns.match(text)
        assert found is not None, text
        assert found[0].key == key


@pytest.mark.parametrize("line", [
    "[    0.000000] Booting Linux on physical CPU 0x0000000000 [0x410fd083]",
    "[    0.4] rcu: Hierarchical SRCU implementation.", "agency ~ # ", "[vdummy] Frontend probe",
    "[    1.2] soo: ... vbstore SOO Agency setting up...", "fault: fe-hang-probe", "SO3 Memory information:",
    "  - Pages: 12 of 4096 in use, heap 64 KiB", "rcu: \tOffload RCU callbacks from CPUs: (none).",
    "[    0.1] NMI watchdog: Enabled. Permanently consumes one hw-PMU counter.",
])
def test_a_harmless_line(line: str) -> None:
    assert patterns.match(line) is None


def test_what_a_scenario_allowed_is_no_cause() -> None:
    warning, oops = _moments("warning"), _moments("oops")
    assert patterns.first(warning, ["agency"]) is None
    ended = patterns.first(warning, ["agency"], warning[0].text)
    assert ended is not None
    assert ended.title == "kernel warning"
    after = patterns.first([*oops, *_moments("panic")], ["agency"], _moments("panic")[0].text)
    assert after is not None
    assert after.known.key == "kernel.panic"


def test_an_exception_belongs_to_the_bug_that_follows() -> None:
    said = _moments("me_exception", "me2")
    hit = patterns.first(said, ["agency", "me2"], "BUG in arch/arm64/trap.c at line: 24")
    assert hit is not None
    assert hit.known.key == "me.exception"
    assert report.read(said, hit.index) == report.Report(task="idle", elr=0x400865C8, far=0xB800000)


def test_keys_and_titles() -> None:
    for known in patterns.KNOWN:
        assert known.title, known.key
        assert ("{what}" in known.title) <= ("what" in known.regex.groupindex), known.key


def test_equal_failures_have_equal_titles() -> None:
    assert patterns.grouped("task 77 at 0xffff800000c30000, after 12 s") == "task N at N, after N s"


def test_a_report_of_an_oops() -> None:
    said = report.read(_moments("oops"), 0)
    assert (said.task, said.cpu) == ("injector", 1)
    assert said.frames[:3] == (Frame("soo", "soo_fault_on_injection", 0x4C),
                               Frame("soo", "soo_domain_create", 0xC0), Frame("soo", "core_ioctl", 0x138))


def test_a_report_of_a_panic_leaves_out_who_reports() -> None:
    said = report.read(_moments("panic"), 0)
    assert said.frames[0] == Frame("soo", "soo_fault_on_injection", 0x9C)


def test_a_report_ends_with_its_trace() -> None:
    moments = [*_moments("panic"), Moment(9.0, "[    9.9]  something_else+0x4/0x8")]
    assert all(frame.function != "something_else" for frame in report.read(moments, 0).frames)


def test_an_exception_of_an_me() -> None:
    line = ("exception: synchronous, vector 4, class 0x25 esr 0x96000004 far 0x8 elr 0x40081234 lr 0x4 "
            "sp 0x5 spsr 0x6 x0 0x0 x1 0x0 thread init")
    said = report.read([Moment(1.0, line, "me2")], 0)
    assert (said.task, said.elr, said.far) == ("init", 0x40081234, 8)
