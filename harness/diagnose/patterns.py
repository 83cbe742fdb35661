# SPDX-License-Identifier: GPL-2.0-only
"""Known ways to fail that can be read off a console line, each with a title by which equal failures group.

Texts are those of Linux 6.1 (kernel/panic.c, arch/arm64/kernel/traps.c and mm/fault.c, kernel/hung_task.c,
kernel/watchdog.c, kernel/rcu/tree_stall.h, mm/oom_kill.c, init/do_mounts.c, init/main.c,
arch/arm64/kernel/irq.c and time.c), of SO3, of U-Boot, and of our own agency's init.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from harness.diagnose.model import Moment


@dataclass(frozen=True, slots=True)
class Known:
    """A way to fail.

    :ivar key: its name, ``system.what``.
    :ivar title: for people; ``{what}`` is what the expression's group of that name found.
    :ivar regex: what the line contains.
    """

    key: str
    title: str
    regex: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Hit:
    """A line that a known pattern matched; `title` has no numbers that differ from run to run."""

    known: Known
    title: str
    what: str
    at: Moment
    index: int


def _known(key: str, title: str, regex: str) -> Known:
    return Known(key, title, re.compile(regex))


KNOWN: tuple[Known, ...] = (
    # What is missing at boot comes before the panic that it ends in.
    _known("kernel.no_root", "no root file system",
           r"VFS: (?:Cannot open root device|Unable to mount root fs)"),
    _known("kernel.no_init", "no init program",
           r"No working init found|Requested init \S+ failed|Failed to execute /init"),
    _known("dt.no_irqchip", "missing DT node: interrupt controller",
           r"not syncing: No interrupt controller found"),
    _known("dt.no_timer", "missing DT node: timer",
           r"not syncing: Unable to initialise architected timer|arch_timer: No interrupt available"),
    _known("dt.no_memory", "missing DT node: memory", r"not syncing: .*no memory|the tree names no memory"),
    _known("dt.no_me", "missing DT node: /ME", r"soo: the tree has no node /ME"),
    _known("link.no_be", "no BE: the backend's entry is missing", r"Cannot find backend node: "),
    _known("kernel.oom", "out of memory",
           r"Out of memory: Killed process|System is deadlocked on memory|invoked oom-killer"),
    _known("kernel.soft_lockup", "soft lockup", r"soft lockup - CPU#\d+ stuck for"),
    _known("kernel.hard_lockup", "hard lockup", r"[Hh]ard LOCKUP on cpu"),
    _known("kernel.workqueue_lockup", "workqueue lockup", r"BUG: workqueue lockup"),
    _known("kernel.hung_task", "hung task: {what}",
           r"INFO: task (?P<what>.{1,60}):\d+ blocked for more than \d+ seconds"),
    _known("kernel.rcu_stall", "RCU stall", r"rcu: INFO: \S+ (?:self-)?detected (?:expedited )?stalls? on"),
    _known("kernel.bug", "kernel BUG", r"kernel BUG at (?P<what>\S+:\d+)!"),
    _known("kernel.stack", "kernel stack overflow", r"kernel stack overflow|stack-protector: Kernel stack"),
    _known("kernel.serror", "SError", r"SError Interrupt on CPU"),
    _known("kernel.oops", "kernel oops: {what}", r"Unable to handle kernel (?P<what>.+?) at virtual address"),
    _known("kernel.oops", "kernel oops: {what}", r"Internal error: (?P<what>[^:]+)"),
    _known("kernel.atomic", "kernel BUG: {what}",
           r"BUG: (?P<what>sleeping function called from invalid context|scheduling while atomic)"),
    _known("kernel.bug_text", "kernel BUG: {what}", r"(?<![A-Za-z])BUG: (?P<what>[^,:(]+)"),
    _known("kernel.warning", "kernel warning", r"WARNING: CPU: \d+ PID: \d+ at (?P<what>\S+)"),
    _known("kernel.panic", "kernel panic: {what}", r"Kernel panic - not syncing: (?P<what>.+)"),
    _known("me.bug", "BUG in the ME: {what}", r"\bBUG in (?P<what>\S+) at line"),
    _known("me.exception", "exception in the ME", r"^exception: (?P<what>\S+), vector"),
    _known("me.panic", "panic of the ME: {what}", r"^panic: (?P<what>.+)"),
    _known("me.panic", "panic of the ME", r"kernel_panic: entering infinite loop"),
    _known("agency.module", "a module does not load: {what}",
           r"init: (?:\S*/)?(?P<what>[\w-]+\.ko) does not load"),
    _known("agency.no_events", "no event stream", r"init: no port soo\.events"),
    _known("uboot.abort", "exception in U-Boot", r'^"(?:Synchronous Abort|Error|Bad Mode)[^"]*" handler'),
)
# What a healthy system may print too, where a scenario asks for it: no cause by itself.
_SOFT = frozenset({"link.no_be", "dt.no_me", "agency.no_events", "kernel.warning"})

# So many lines before the one that ends a run may belong to it: an exception before its BUG.
_BELONGS = 3

_NUMBER = re.compile(r"0x[0-9a-fA-F]+|\b[0-9a-fA-F]{8,}\b|\b\d+\b")
# A prompt may stand before it, where the kernel broke in on a shell.
_STAMP = re.compile(r"^.{0,40}?\[ *\d+\.\d+\] (?:\[[^\]]*\] )?")


def plain(text: str) -> str:
    """A kernel's line without its time stamp."""
    return _STAMP.sub("", text.strip()).strip()


def grouped(text: str) -> str:
    """A text that is the same for equal failures: numbers and addresses become ``N``."""
    return _NUMBER.sub("N", " ".join(text.split()))


def match(text: str) -> tuple[Known, str] | None:
    """The first known pattern that a line shows, and what its group found."""
    line = plain(text)
    for known in KNOWN:
        found = known.regex.search(line)
        if found is not None:
            return known, (found.groupdict().get("what") or "").strip()
    return None


def find(moments: Sequence[Moment], sources: Iterable[str], key: str) -> Hit | None:
    """The last line of the consoles `sources` that shows this way to fail."""
    hits = (_hit(moments, index, frozenset(sources)) for index in range(len(moments) - 1, -1, -1))
    return next((hit for hit in hits if hit is not None and hit.known.key == key), None)


def first(moments: Sequence[Moment], sources: Iterable[str], line: str = "") -> Hit | None:
    """The first line of the consoles `sources` that shows a known way to fail.

    :param line: the one that ended the run, if one did: earlier ones were allowed, but for what belongs to it
    """
    among, begin, ended = frozenset(sources), 0, line.strip()
    if ended:
        at = next((number for number, moment in enumerate(moments)
                   if moment.source in among and ended in moment.text), None)
        if at is None:
            return None
        begin, among = max(0, at - _BELONGS), frozenset({moments[at].source})
    for index in range(begin, len(moments)):
        hit = _hit(moments, index, among)
        if hit is not None and (hit.known.key not in _SOFT or (ended and ended in hit.at.text)):
            return hit
    return None


def _hit(moments: Sequence[Moment], index: int, among: Collection[str]) -> Hit | None:
    moment = moments[index]
    found = match(moment.text) if moment.source in among else None
    if found is None:
        return None
    known, what = found
    return Hit(known, known.title.format(what=grouped(what)), what, moment, index)
