# SPDX-License-Identifier: GPL-2.0-only
"""The tasks of a stopped Linux, read from its memory: where each one waits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.qemu.cpus import Read, frames
from harness.symbols.system import TASK_STRUCTURES, TaskLayout

_NAME = 16
_STUCK = 2  # TASK_UNINTERRUPTIBLE
_MOST = 1000  # of anything that is linked: memory may be damaged
_INSTRUCTION = 4


@dataclass(frozen=True, slots=True)
class Task:
    """A task that does not run.

    :ivar stuck: it waits for something that has to happen, not even a signal ends that.
    :ivar calls: addresses, the innermost first.
    """

    name: str
    pid: int
    stuck: bool
    calls: tuple[int, ...]


class Tasks:
    """Walks the lists of tasks.

    :param read: memory as a CPU in the kernel sees it
    :param layout: where the kernel has them
    """

    def __init__(self, read: Read, layout: TaskLayout) -> None:
        self._read = read
        self._task, thread, context, signal = (layout.structures[name] for name in TASK_STRUCTURES)
        self._context = self._task["thread"] + thread["cpu_context"]
        self._fp, self._pc = context["fp"], context["pc"]
        self._threads = signal["thread_head"]
        self._first = layout.first

    def waiting(self) -> Iterator[Task]:
        """All tasks that no CPU runs."""
        for leader in self._linked(self._first + self._task["tasks"], self._task["tasks"]):
            head = self._word(leader + self._task["signal"]) + self._threads
            for task in self._linked(head, self._task["thread_node"]):
                if not self._word(task + self._task["on_cpu"]) & 0xFFFFFFFF:
                    yield self._describe(task)

    def _describe(self, task: int) -> Task:
        name = (self._read(task + self._task["comm"], _NAME) or b"?").split(b"\0")[0].decode(errors="replace")
        pid = self._word(task + self._task["pid"]) & 0xFFFFFFFF
        state = self._word(task + self._task["__state"]) & 0xFFFFFFFF
        pc = self._word(task + self._context + self._pc)
        returns = frames(self._word(task + self._context + self._fp), self._read)
        calls = (pc, *(address - _INSTRUCTION for address in returns))
        return Task(name, pid, state == _STUCK, calls)

    def _linked(self, head: int, offset: int) -> Iterator[int]:
        """What is in a list (struct list_head), by the offset of its link."""
        link = self._word(head)
        for _ in range(_MOST):
            if link in (0, head):
                return
            yield link - offset
            link = self._word(link)

    def _word(self, address: int) -> int:
        data = self._read(address, 8)
        return int.from_bytes(data, "little") if data is not None else 0
