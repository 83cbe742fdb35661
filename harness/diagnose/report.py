# SPDX-License-Identifier: GPL-2.0-only
"""What a failing kernel, or ME, says of itself: function, task, CPU, calls."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from harness.diagnose.model import Frame, Moment
from harness.diagnose.patterns import plain

_PLACE = r"(?P<function>[\w.]+)\+0x(?P<offset>[0-9a-f]+)/0x[0-9a-f]+(?: \[(?P<module>\w+)\])?"
_PC = re.compile(rf"^pc : {_PLACE}")
_CALL = re.compile(rf"^{_PLACE}$")
_CPU = re.compile(r"^CPU: (?P<cpu>\d+) PID: (?P<pid>\d+) Comm: (?P<task>\S.*?)(?: Tainted:| Not tainted)")
_INSTRUCTION = 4
_LINES = 80  # a report has about 45
# Functions that only print the report.
_REPORTING = re.compile(r"dump_backtrace|show_stack|dump_stack|panic|warn_slowpath|__warn|die|bug_handler"
                        r"|report_bug|arm64_notify_die")
_THREAD = re.compile(r"\bthread (?P<thread>\S+)$")
_FAULT = re.compile(r" far (?P<far>0x[0-9a-f]+) elr (?P<elr>0x[0-9a-f]+)")


@dataclass(frozen=True, slots=True)
class Report:
    """What was said.

    :ivar task: name of the task or thread; empty if it was not told.
    :ivar cpu: number of the CPU; -1 if it was not told.
    :ivar frames: the calls, the innermost first, without those that only report.
    :ivar elr: where an exception of an ME was raised; 0 if none was.
    :ivar far: the address that it was about.
    """

    task: str = ""
    cpu: int = -1
    frames: tuple[Frame, ...] = ()
    elr: int = 0
    far: int = 0


def read(moments: Sequence[Moment], index: int) -> Report:
    """The report that begins at, or shortly after, the line `index`; of its console only."""
    source = moments[index].source
    task, cpu, elr, far = "", -1, 0, 0
    innermost: Frame | None = None
    frames: list[Frame] = []
    tracing = False
    lines = [moment.text for moment in moments[index:index + 4 * _LINES] if moment.source == source][:_LINES]
    for line in map(plain, lines):
        if line.startswith("---[ end trace") or (frames and tracing and not _CALL.match(line)):
            break
        tracing = tracing or line.startswith("Call trace:")
        cpu_line, pc, call = _CPU.match(line), _PC.match(line), _CALL.match(line)
        fault, thread = _FAULT.search(line), _THREAD.search(line)
        if cpu_line is not None and not task:
            task, cpu = cpu_line["task"], int(cpu_line["cpu"])
        elif pc is not None:
            innermost = _frame(pc)
        elif call is not None and tracing:
            frames.append(_frame(call, back=_INSTRUCTION))
        elif fault is not None:
            elr, far = int(fault["elr"], 16), int(fault["far"], 16)
            task = thread["thread"] if thread is not None else task
    while frames and _REPORTING.search(frames[0].function):
        frames.pop(0)
    if innermost is not None:
        frames[:1] = [innermost] if frames and frames[0].function == innermost.function else [
            innermost, *frames[:1]]
    return Report(task, cpu, tuple(frames), elr, far)


def _frame(found: re.Match[str], back: int = 0) -> Frame:
    """:param back: a return address is behind the call, which may be the last thing that a function does"""
    return Frame(found["module"] or "kernel", found["function"], int(found["offset"], 16) - back)
