# SPDX-License-Identifier: GPL-2.0-only
"""Where a failed system stands, by names of functions: its CPUs, its MEs, tasks of the agency that wait.

What the agency's shell tells comes first, while the machine runs: each ME's threads. Then the machine is
stopped, and the stacks of its CPUs and of its tasks are read from outside, which needs nobody's help.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from harness.abi.soo import AVZ_SHARED, SIGNATURE
from harness.guest.tasks import Task
from harness.model.views import MeThread, MeWhere
from harness.qemu.cpus import Read, Registers, calls
from harness.scenario.prepare import MeImage
from harness.symbols.system import KERNEL, Symbols
from harness.symbols.table import Spot

# A CPU is idle, and a thread waits, in these; who looks for a cause wants to know what is further out.
_IDLE = frozenset({"cpu_do_idle", "arch_cpu_idle", "default_idle_call", "thread_idle"})
_WAITING = frozenset({"cpu_switch", "switch_to_next", "thread_wait", "wait_sleep", "thread_start"})
# The shell of an ME waits for a line in its first function, and for a command in the second one.
_PROMPT, _COMMAND = "shell_run", "shell_line"
_MOST_NAMES = 6
_SCHEDULER = re.compile(r"(__)?(switch_to|schedule)")
# A task that waits in such a function waits for data, which may come or not.
_SERVING = ("_read", "_poll")

Find = Callable[[int], Spot | None]
Call = tuple[int, Spot | None]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody is.

    :ivar who: for instance ``cpu0`` or ``ME alpha, thread init``.
    :ivar trace: all functions with offsets, the innermost first.
    :ivar brief: the few names that tell most, as a sentence; empty for one that has nothing to do.
    :ivar state: ``idle``, ``running`` or ``waiting``.
    :ivar calls: the same as `trace`, as addresses and the functions that have them.
    """

    who: str
    trace: str
    brief: str
    state: str = ""
    calls: tuple[Call, ...] = ()

    def __str__(self) -> str:
        return f"{self.who}: {self.trace}"


def of_cpus(cpus: Iterable[tuple[Registers, Read]], symbols: Symbols, mes: Sequence[MeImage],
            names: Mapping[int, str]) -> Iterator[Standing]:
    """Where each CPU of a stopped machine is.

    :param mes: images of the MEs, whose trees tell where their shared page is
    :param names: names of the MEs by domain
    """
    for at, read in cpus:
        who = f"cpu{at.cpu}"
        if at.level == 0:
            yield _unnamed(who, "in a program of the agency", at.pc)
        elif at.level >= 2:
            yield _unnamed(who, "in the hypervisor", at.pc)
        elif symbols.is_me(at.pc):
            yield _cpu(f"{who}, in {_which(read, mes, names)}", at, read, symbols.in_me)
        else:
            yield _cpu(who, at, read, symbols.in_agency)


def of_mes(places: Iterable[MeWhere], symbols: Symbols) -> Iterator[Standing]:
    """Where the threads of MEs wait, as `mewhere` tells."""
    for me in places:
        running = next((thread for thread in me.threads if thread.state == "running"), None)
        if me.cpu:
            who = f"ME {me.name}, cpu" + (f" in thread {running.name}" if running is not None else "")
            spots = [symbols.in_me(address) for address in me.cpu]
            idle = any(spot is not None and spot.name in _IDLE for spot in spots[:1])
            yield Standing(who, _trace(me.cpu, spots), "" if idle else f"{who}: {_brief(me.cpu, spots)}",
                           "idle" if idle else "running", _calls(me.cpu, spots))
        yield from (_thread(me.name, thread, symbols) for thread in me.threads if thread.calls)


def of_tasks(tasks: Iterable[Task], symbols: Symbols) -> Iterator[Standing]:
    """Where tasks of the agency wait: those that are stuck, and those that wait in a module."""
    for task in tasks:
        spots = [symbols.in_agency(address) for address in task.calls]
        known = [spot for spot in spots if spot is not None and not _SCHEDULER.match(spot.name)]
        ours = [spot for spot in known if spot.owner != KERNEL]
        if not known or not (ours or task.stuck):
            continue
        serves = not task.stuck and bool(ours) and ours[0].name.endswith(_SERVING)
        shown = known[:known.index(ours[0]) + 3] if ours else known
        who = f"task {task.name} ({task.pid})"
        yield Standing(who + (", stuck" if task.stuck else ""), _trace(task.calls, spots),
                       "" if serves else f"{who} waits in {' <- '.join(map(str, shown[:_MOST_NAMES]))}",
                       "idle" if serves else "waiting", _calls(task.calls, spots))


def brief(found: Iterable[Standing]) -> tuple[str, ...]:
    """One short line for each that has something to do."""
    return tuple(standing.brief for standing in found if standing.brief)


def _unnamed(who: str, where: str, pc: int) -> Standing:
    return Standing(f"{who}, {where}", f"at {pc:#x}", f"{who}: {where}", "running")


def _function(find: Find) -> Callable[[int], object]:
    """What tells functions apart."""
    def function(address: int) -> object:
        spot = find(address)
        return (spot.owner, spot.name) if spot is not None else None
    return function


def _cpu(who: str, at: Registers, read: Read, find: Find) -> Standing:
    addresses = calls(at, read, _function(find))
    spots = [find(address) for address in addresses]
    names = [spot.name for spot in spots if spot is not None]
    idle = bool(_IDLE.intersection(names[:3]))
    return Standing(who, _trace(addresses, spots), f"{who}: {'idle' if idle else _brief(addresses, spots)}",
                    "idle" if idle else "running", _calls(addresses, spots))


def _thread(me: str, thread: MeThread, symbols: Symbols) -> Standing:
    spots = [symbols.in_me(address) for address in thread.calls]
    outside = [spot for spot in spots if spot is None or spot.name not in _WAITING]
    names = [spot.name if spot is not None else "?" for spot in outside]
    at_prompt = any(outer == _PROMPT and inner != _COMMAND for inner, outer in pairwise(names))
    at_rest = len(names) <= 1 or at_prompt or bool(_IDLE.intersection(names))
    who = f"ME {me}, thread {thread.name}"
    does = "waits" if thread.state == "waiting" else f"is {thread.state}"
    return Standing(f"{who}, {thread.state}", _trace(thread.calls, spots),
                    "" if at_rest else f"{who} {does} in {' <- '.join(names[:_MOST_NAMES])}",
                    "idle" if at_rest else "waiting", _calls(thread.calls, spots))


def _calls(addresses: Sequence[int], spots: Sequence[Spot | None]) -> tuple[Call, ...]:
    return tuple(zip(addresses, spots, strict=True))


def _trace(addresses: Sequence[int], spots: Sequence[Spot | None]) -> str:
    return " <- ".join(str(spot) if spot is not None else f"{address:#x}"
                       for address, spot in zip(addresses, spots, strict=True))


def _brief(addresses: Sequence[int], spots: Sequence[Spot | None]) -> str:
    """From the innermost function on; from the first one that is not the kernel's only one caller more."""
    shown = []
    for address, spot in zip(addresses, spots, strict=True):
        shown.append(str(spot) if spot is not None else f"{address:#x}")
        outside = sum(1 for name in shown if not name.startswith(f"{KERNEL}:"))
        if outside == 2 or len(shown) == _MOST_NAMES:
            break
    return " <- ".join(shown)


def _which(read: Read, mes: Sequence[MeImage], names: Mapping[int, str]) -> str:
    """Which ME a CPU runs now: the page that it shares with the agency has its number."""
    for image in mes:
        data = read(shared_page(image), AVZ_SHARED.size)
        if data is not None:
            shared = AVZ_SHARED.numbers(data)
            if shared["signature"] == SIGNATURE:
                return f"ME {names.get(shared['domid'], shared['domid'])}"
    return "an ME"


def shared_page(image: MeImage) -> int:
    """Where an ME finds the page: the first word of what its tree reserves."""
    tree = image.tree.tree
    nodes = tree.children("/reserved-memory")
    value = tree.value(nodes[0], "reg") if nodes else None
    return int.from_bytes((value or b"")[:8], "big")
