# SPDX-License-Identifier: GPL-2.0-only
"""Service: time without what a busy CPU denies, with real processes on one CPU."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from harness.deadline import Deadline, now
from harness.errors import Expired
from harness.proc import Child
from harness.service import ServiceClock

_SPIN = "while True: pass"
_SLEEP = "select.select([], [], [])"
_SETTLED_S = 0.5
_SPAN_S = 1.0


@contextmanager
def _on_one_cpu(text: str, count: int) -> Iterator[list[Child]]:
    """Processes that share a CPU."""
    cpu = min(os.sched_getaffinity(0))
    program = f"import os, select\nos.sched_setaffinity(0, {{{cpu}}})\n{text}"
    with ExitStack() as running:
        yield [running.enter_context(Child([sys.executable, "-c", program])) for _ in range(count)]


def _pass_time(child: Child, limit: Deadline) -> None:
    with pytest.raises(Expired):
        child.wait(limit)


def _denied_share(child: Child, *others: Child) -> float:
    """What part of a second was denied to some processes."""
    clock = ServiceClock()
    for watched in (child, *others):
        clock.watch(watched.pid)
    _pass_time(child, Deadline.after_real(_SETTLED_S, "start"))
    began, denied = now(), clock.denied()
    _pass_time(child, Deadline.after_real(_SPAN_S, "span"))
    return (clock.denied() - denied) / (now() - began)


def test_what_others_take_is_denied() -> None:
    with _on_one_cpu(_SPIN, 4) as children:
        assert _denied_share(children[0]) > 0.5


def test_side_by_side_it_is_the_mean() -> None:
    with _on_one_cpu(_SPIN, 4) as children:
        assert _denied_share(*children[:2]) < 0.97


def test_who_waits_for_no_cpu_is_denied_little() -> None:
    with _on_one_cpu(_SPIN, 2), _on_one_cpu(_SLEEP, 1) as sleepers:
        share = _denied_share(sleepers[0])
    with _on_one_cpu(_SPIN, 4) as children:
        assert share < _denied_share(children[0])


# As long as the file of its child cannot be opened, vfork(2) keeps the parent where a page fault would.
_STUCK = """
import os, sys
opened = (os.POSIX_SPAWN_OPEN, 0, sys.argv[1], os.O_RDONLY, 0)
os.posix_spawn("/bin/true", ["true"], {}, file_actions=[opened])
"""


def test_what_the_disk_takes_is_denied(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with Child([sys.executable, "-c", _STUCK, str(fifo)]) as child:
        try:
            assert _denied_share(child) > 0.9
        finally:
            os.close(os.open(fifo, os.O_WRONLY))  # now it can be opened
        assert child.wait(Deadline.after(10, "end")) == 0


def test_a_deadline_on_service_is_later_by_what_was_denied_but_not_without_bound() -> None:
    with _on_one_cpu(_SPIN, 4) as children:
        clock = ServiceClock()
        clock.watch(children[0].pid)
        _pass_time(children[0], Deadline.after_real(_SETTLED_S, "start"))
        began = now()
        _pass_time(children[0], Deadline.after_real(0.5, "work", clock))
        took = now() - began
    assert 0.9 < took <= 5.5


def test_a_process_that_has_ended_denies_nothing() -> None:
    clock = ServiceClock()
    with Child(["true"]) as child:
        clock.watch(child.pid)
        child.wait(Deadline.after(10, "end"))
    assert clock.denied() >= 0
