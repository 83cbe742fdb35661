# SPDX-License-Identifier: GPL-2.0-only
"""Failure patterns against console output in the form that the systems print it."""

import pytest

from harness.errors import UsageError
from harness.qemu import patterns
from harness.qemu.scan import Scanner

BOOT = b"""\
[    0.000000] Booting Linux on physical CPU 0x0000000000 [0x410fd083]
[    0.000000] Linux version 6.1.0-56-cloud-arm64 (debian-kernel@lists.debian.org) #1 SMP Debian 6.1.0
[    0.000000] psci: PSCIv1.1 detected in firmware.
[    0.000000] rcu: Hierarchical RCU implementation.
[    0.000000] rcu: \tRCU event tracing is enabled.
[    0.052417] DEBUG: soo_vbus is compiled with checks
[    0.201337] kvm [1]: IPA Size Limit: 44 bits
[    0.690001] watchdog: Delayed init of the lockup detector failed: -19
[    1.120045] printk: console [ttyAMA0]: printing thread started
[    1.300000] Run /init as init process
agency ~ #
"""

OOPS = b"""\
[   12.700100] Unable to handle kernel NULL pointer dereference at virtual address 0000000000000010
[   12.700102] Mem abort info:
[   12.700103]   ESR = 0x0000000096000004
[   12.700120] Internal error: Oops: 0000000096000004 [#1] SMP
[   12.700131] Modules linked in: soo(OE) virtio_console
"""

SAMPLES = [
    ("linux", "panic", b"[    1.2] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000b00"),
    ("linux", "panic", b"[    1.2] SError Interrupt on CPU1, code 0x00000000be000011 -- SError"),
    ("linux", "oops", OOPS),
    ("linux", "oops", b"[    1.2] Internal error: synchronous external abort: 96000210 [#1] SMP"),
    ("linux", "oops", b"[    3.4] Unable to handle kernel paging request at virtual address ffff8000123456"),
    ("linux", "bug", b"[    7.1] kernel BUG at mm/slub.c:378!"),
    ("linux", "bug", b"[    7.1] BUG: scheduling while atomic: injector/211/0x00000002"),
    ("linux", "bug", b"[    7.1] BUG: sleeping function called from invalid context at kernel/mutex.c:580"),
    ("linux", "warning", b"[    7.1] WARNING: CPU: 1 PID: 211 at lib/refcount.c:28 warn+0xf4/0x144"),
    ("linux", "hung_task", b"[  241.6] INFO: task kworker/u4:1:29 blocked for more than 120 seconds."),
    ("linux", "lockup", b"[   48.0] watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [me:214]"),
    ("linux", "lockup", b"[   48.0] BUG: workqueue lockup - pool cpus=0 node=0 flags=0x0 nice=0 stuck"),
    ("linux", "lockup", b"[   48.0] Watchdog detected hard LOCKUP on cpu 1"),
    ("linux", "rcu_stall", b"[   81.0] rcu: INFO: rcu_sched self-detected stall on CPU"),
    ("linux", "rcu_stall", b"[   81.0] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:"),
    ("linux", "rcu_stall", b"[   8.0] rcu: INFO: rcu_sched detected expedited stalls on CPUs/tasks: { 1- }"),
    ("so3", "bug", b"BUG in vbs_get_response at line 212"),
    ("so3", "panic", b"kernel_panic: entering infinite loop..."),
    ("uboot", "panic", b"### ERROR ### Please RESET the board ###"),
    ("uboot", "oops", b'"Synchronous Abort" handler, esr 0x96000010'),
    ("uboot", "oops", b"data abort"),
]


def _names(system: str, text: bytes) -> list[str]:
    scanner = Scanner(patterns.of(system))
    return [name for name, _, _ in scanner.feed(text.replace(b"\n", b"\r\n") + b"\r\n")]


@pytest.mark.parametrize(("system", "name", "text"), SAMPLES, ids=[f"{s}-{n}-{i}" for i, (s, n, _) in
                                                                    enumerate(SAMPLES)])
def test_each_failure_has_its_name_and_no_other(system: str, name: str, text: bytes) -> None:
    assert set(_names(system, text)) == {name}


def test_a_normal_boot_is_no_failure() -> None:
    assert _names("linux", BOOT) == []


def test_the_second_boot_is_a_failure() -> None:
    assert _names("linux", BOOT + BOOT) == ["second_boot"]
    banner = b"********** Smart Object Oriented SO3 Operating System **********\n"
    assert _names("so3", banner) == []
    assert _names("so3", banner + banner) == ["second_boot"]


def test_u_boot_may_tell_its_version_again_but_not_boot_again() -> None:
    boot = b"\n\nU-Boot 2023.01+dfsg-2 (Jan 01 2026)\n\nDRAM:  512 MiB\nCore:  51 devices\n"
    assert _names("uboot", boot + b"=> version\nU-Boot 2023.01+dfsg-2 (Jan 01 2026)\n") == []
    assert _names("uboot", boot + boot) == ["second_boot"]


def test_literals_never_hide_a_match() -> None:
    """Every sample is found as well when each line is tried against the expressions."""
    for system, name, text in SAMPLES:
        slow = [patterns.Pattern(p.name, p.regex, (), p.max_count) for p in patterns.of(system)]
        found = {hit for hit, _, _ in Scanner(slow).feed(text + b"\n")}
        assert found == {name}


def test_unknown_system_is_refused() -> None:
    with pytest.raises(UsageError, match="known: linux, so3, uboot"):
        patterns.of("windows")
    assert patterns.of(None) == ()


def test_custom_pattern() -> None:
    assert patterns.custom("plain", b"avz: panic").literals == (b"avz: panic",)
    assert patterns.custom("regex", rb"avz: [Pp]anic").literals == ()


@pytest.mark.parametrize("regex", [b"(", b"", b"x*"])
def test_custom_pattern_that_cannot_work_is_refused(regex: bytes) -> None:
    with pytest.raises(UsageError, match="pattern mine"):
        patterns.custom("mine", regex)


def test_a_manifest_replaces_a_pattern_by_name() -> None:
    mine = patterns.custom("bug", b"MY BUG")
    merged = patterns.combined(patterns.SO3, [mine])
    assert [p.regex for p in merged if p.name == "bug"] == [b"MY BUG"]
    assert len(merged) == len(patterns.SO3)
