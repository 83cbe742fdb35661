# SPDX-License-Identifier: GPL-2.0-only
"""Nothing is left behind: store, grants, event channels and the agency's memory, then and now."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.check.violation import Violation
from harness.scenario.context import Context
from harness.scenario.store import Tree, dump
from harness.scenario.watch import failure

# Measured with inject, send and kill, which leak nothing: what the kernel holds differed by -36 to
# +120 KiB in 17 runs of 20 rounds on a busy host, free memory by up to 1,256 KiB in runs of 10 to 100.
# A page of an ME that stays pinned is below that, hence pins are counted.
KERNEL_KIB = 256
_FREE_KIB = 4096

# The allocator keeps empty slabs, up to 280 KiB more then than now; shrinking gives them back.
_FREE_CACHES = ("sync; echo 3 >/proc/sys/vm/drop_caches; for d in /sys/kernel/slab/*; do "
                "[ -L $d ] || [ ! -w $d/shrink ] || echo 1 >$d/shrink; done")
# Each CPU counts for itself; reading stat_refresh adds the counts up first.
_PINS = "cat /proc/sys/vm/stat_refresh; grep nr_foll_pin /proc/vmstat"
# Memory that the kernel holds for itself; what user space or the page cache has is not in it.
_KERNEL = ("SUnreclaim", "KernelStack", "PageTables", "Percpu", "VmallocUsed")


@dataclass(frozen=True, slots=True)
class Baseline:
    """What was there.

    :ivar kernel_kib: memory that the kernel held for itself.
    :ivar free_kib: memory that nobody used, page cache dropped.
    :ivar pinned: pages of user memory, such as MEs', that the kernel keeps in place.
    """

    store: Tree
    grants: tuple[str, ...]
    channels: tuple[str, ...]
    kernel_kib: int
    free_kib: int
    pinned: int


def take_baseline(ctx: Context) -> None:
    """Remember what is there now."""
    ctx.baseline = _look(ctx)


def compare(ctx: Context, tolerance: int) -> None:
    """Everything is as it was at the baseline; kernel memory within `tolerance` KiB.

    :raise ExpectationFailed: something is left, or gone
    :raise UsageError: no baseline was taken
    """
    before = ctx.baseline
    if not isinstance(before, Baseline):
        raise ctx.lacks("no baseline to compare with: put the step 'baseline' before")
    now = _look(ctx)
    found = [
        *_lines("store.entries_left", "store", _spelled(before.store), _spelled(now.store)),
        *_lines("grant.leaked", "gnttab", before.grants, now.grants),
        *_lines("evtchn.leaked", "evtchn", before.channels, now.channels),
        *_grown("kernel memory", now.kernel_kib - before.kernel_kib, tolerance),
        *_grown("memory in use", before.free_kib - now.free_kib, _FREE_KIB),
        *_pins(before.pinned, now.pinned),
    ]
    ctx.timeline.add("leak", f"kernel memory {now.kernel_kib - before.kernel_kib:+} KiB, "
                             f"free memory {now.free_kib - before.free_kib:+} KiB, "
                             f"pinned pages {now.pinned - before.pinned:+}")
    if found:
        raise failure(found)


def _look(ctx: Context) -> Baseline:
    deadline = ctx.limit(10.0, "what the agency holds")
    ctx.agency.run(_FREE_CACHES, deadline)
    memory = ctx.agency.memory(deadline)
    text = ctx.agency.run(_PINS, deadline).output
    return Baseline(
        store=dump(ctx, deadline),
        grants=tuple(sorted(ctx.agency.view("gnttab", deadline).split("\n"))),
        channels=tuple(sorted(ctx.agency.view("evtchn", deadline).split("\n"))),
        kernel_kib=sum(memory.get(name, 0) for name in _KERNEL),
        free_kib=memory["MemFree"],
        pinned=_count(text, "nr_foll_pin_acquired") - _count(text, "nr_foll_pin_released"),
    )


def _spelled(tree: Tree) -> tuple[str, ...]:
    return tuple(path if value is None else f"{path} = {value}" for path, value in tree.items())


def _lines(rule: str, place: str, before: tuple[str, ...], now: tuple[str, ...]) -> list[Violation]:
    left = [line for line in now if line not in before]
    gone = [line for line in before if line not in now]
    if not left and not gone:
        return []
    return [Violation(rule, place, "the same as at the baseline",
                      f"new: {', '.join(left[:5]) or 'nothing'}; gone: {', '.join(gone[:5]) or 'nothing'}")]


def _count(text: str, name: str) -> int:
    match = re.search(rf"^{name} (\d+)$", text, re.MULTILINE)
    return int(match[1]) if match else 0


def _pins(before: int, now: int) -> list[Violation]:
    if before == now:
        return []
    return [Violation("memory.leaked", "agency pinned pages", f"{before} as at the baseline", str(now))]


def _grown(what: str, grown: int, tolerance: int) -> list[Violation]:
    if grown <= tolerance:
        return []
    return [Violation("memory.leaked", f"agency {what}", f"at most {tolerance} KiB more",
                      f"{grown} KiB more")]
