# SPDX-License-Identifier: GPL-2.0-only
"""A clock that counts service: real time without what a busy host kept a machine from running.

Slow is not hung. A deadline on real time ends a healthy scenario when somebody else takes the CPUs;
a long deadline finds a hang late on an idle host. So the deadlines of a scenario count service:

* The kernel tells for each thread how long it was ready to run and had no CPU (the second number of
  `/proc/PID/task/TID/schedstat`). This is looked at for the threads of QEMU and those of the harness.
* Denied is that part of what they wanted which they did not get, of the time in which they wanted any: waits
  / (waits + running) of all of them. Where one waits for the other, as vCPU, console and harness do in
  turn, that is the sum of their waits; where several run side by side, it is their mean.
* A thread that waits for the disk (state D of proc(5)) is denied the time in which it neither ran nor was
  ready. The kernel does not add these times up: what a thread does at a look is taken for what it did in
  all the time since the last look that is not accounted for. A clone reads its memory from a file, page by
  page, which beside somebody who writes a lot takes many times as long.
* What a hypervisor below takes from this host's CPUs (`steal` in `/proc/stat`) is denied to all, in equal
  shares.
* A guest that is idle waits for no CPU, and one that spins gets its share: with N neighbours on its CPU
  a hang is found after N + 1 times the budget, and at ten times at the latest (`harness.deadline`).
* A host that is slow, but gives its CPUs, is what `harness.deadline.speed` is for.

Where the kernel does not tell, nothing is denied, and service is real time.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.deadline import now, speed

_PROC = Path("/proc")
# Seconds between two looks at the threads: one look takes about 0.3 ms.
_LOOK = 0.05
_NS = 1e9
_STEAL = 8
_READY, _DISK = "R", "D"


@dataclass(slots=True)
class _Thread:
    """What the kernel said of a thread at the last look, in seconds.

    :ivar due: waited, but not counted yet; below 0 if counted before the kernel told
    """

    ran: float
    waited: float
    due: float = 0.0


class ServiceClock:
    """Seconds of service for the threads of this process and of those in `watch`; thread-safe.

    A `harness.deadline.Clock`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pids = [os.getpid()]
        self._threads: dict[Path, _Thread] = {}
        self._denied = 0.0
        self._stolen = _stolen()
        self._looked = now()
        self._look(0.0)

    def watch(self, pid: int) -> None:
        """Look at the threads of this process too; it may end at any time."""
        with self._lock:
            self._pids.append(pid)

    def now(self) -> float:
        """Real time without what was denied; it may go back by what one look at the threads finds."""
        return now() - self.denied()

    def block(self, seconds: float) -> float:
        """Service is never faster than real time."""
        return seconds

    def scale(self) -> float:
        """How slow a CPU of this host is; how busy the host is does not matter here."""
        return speed()

    def denied(self) -> float:
        """Seconds so far for which a thread was ready and had no CPU, or waited for the disk."""
        with self._lock:
            passed = now() - self._looked
            if passed >= _LOOK:
                self._looked += passed
                self._denied += self._look(passed)
            return self._denied

    def _look(self, passed: float) -> float:
        """Seconds that were denied in the last `passed` ones."""
        known = self._threads
        self._threads = {}
        before, self._stolen = self._stolen, _stolen()
        parts = [part for pid in self._pids for part in self._parts(pid, known, passed)]
        waited = sum(part[0] for part in parts)
        wanted = sum(map(sum, parts))
        denied = waited * min(1.0, passed / wanted) if wanted else 0.0
        return min(passed, denied + max(0.0, self._stolen - before))

    def _parts(self, pid: int, known: Mapping[Path, _Thread], passed: float) -> Iterator[tuple[float, float]]:
        """How long each thread of a process had to wait, and how long it ran."""
        for path in _threads(pid):
            state = _schedstat(path)
            if state is None:
                continue
            before = known.get(path)
            if before is not None:
                state.due = before.due + state.waited - before.waited
                yield _claim(path, before, state, passed), state.ran - before.ran
            self._threads[path] = state


def stolen(stat: str) -> float:
    """Seconds taken from each CPU so far, by the text of /proc/stat (proc(5)); 0 if it does not tell."""
    head = stat.partition("\n")[0].split()
    return int(head[_STEAL]) / os.sysconf("SC_CLK_TCK") / (os.cpu_count() or 1) if len(head) > _STEAL else 0.0


def _stolen() -> float:
    try:
        return stolen((_PROC / "stat").read_text())
    except (OSError, ValueError):
        return 0.0


def _threads(pid: int) -> Sequence[Path]:
    try:
        return tuple((_PROC / str(pid) / "task").iterdir())
    except OSError:  # it has ended
        return ()


def _claim(path: Path, before: _Thread, state: _Thread, passed: float) -> float:
    """How much of the time that has passed a thread had to wait, for a CPU or for the disk.

    The kernel tells of a wait for a CPU when it is over; one that goes on is seen by the thread's state.
    """
    ran = state.ran - before.ran
    told = min(passed, max(0.0, state.due))
    still = not ran and state.waited == before.waited
    doing = _doing(path) if still or passed - ran - told > passed / 2 else ""
    claim = passed if still and doing == _READY else told
    state.due -= claim
    return claim + max(0.0, passed - ran - claim) if doing == _DISK else claim


def _schedstat(path: Path) -> _Thread | None:
    try:
        ran, waited, _ = (path / "schedstat").read_text().split()
    except (OSError, ValueError):
        return None
    return _Thread(int(ran) / _NS, int(waited) / _NS)


def _doing(path: Path) -> str:
    """The state of a thread now, a letter of proc(5); empty if it has ended."""
    try:
        return (path / "stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return ""
