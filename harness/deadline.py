# SPDX-License-Identifier: GPL-2.0-only
"""The only clock of the harness: deadlines that scale with the speed of the host.

Budgets are written for the host on which they were chosen. `Deadline.after` multiplies them by
`scale()`, so that the same scenario gets the same verdict on a slower host.

What a deadline counts is said by its `Clock`. `REAL` is the default; `harness.service` has one that
leaves out the time for which a busy host kept the machine from running; a machine with a clock of its
own has another. Whoever waits blocks for `Deadline.patience()` at most and then asks again, or
leaves that to `Deadline.wait_for`: on such a clock the time that is left may have become more.
"""

import functools
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Condition, Lock
from typing import Protocol

from harness.errors import Expired, UsageError

SCALE_VARIABLE = "SOO_TIME_SCALE"
_LARGEST_SCALE = 20.0

# Wall time of _calibration_piece() on the host that budgets are written for (2.1 GHz server core, idle).
_REFERENCE_PIECE_S = 0.004
_PIECES = 5


class Time(Protocol):
    """Where `now` comes from."""

    def now_ns(self) -> int:
        """Nanoseconds since some moment."""
        ...


class _HostTime:
    """The monotonic clock of the host, without what `stand_still` has left out."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._left_out = 0
        self._since: int | None = None

    def now_ns(self) -> int:
        with self._lock:
            return (time.monotonic_ns() if self._since is None else self._since) - self._left_out

    def stop(self) -> None:
        with self._lock:
            self._since = self._since if self._since is not None else time.monotonic_ns()

    def go_on(self) -> None:
        with self._lock:
            if self._since is not None:
                self._left_out += time.monotonic_ns() - self._since
            self._since = None


_HOST = _HostTime()
_time: Time = _HOST


def now() -> float:
    """Seconds of the present time; only differences mean anything."""
    return _time.now_ns() / 1e9


def now_ns() -> int:
    """Nanoseconds of the present time, the same as `now`."""
    return _time.now_ns()


def host_now() -> float:
    """Seconds of the host's monotonic clock, whatever deadlines count."""
    return time.monotonic()


def stand_still() -> None:
    """From now on no time passes, neither for deadlines nor for `now`: a person looks at the machine."""
    _HOST.stop()


def go_on() -> None:
    """Time passes again; nothing happens if it did."""
    _HOST.go_on()


@contextmanager
def running_on(other: Time) -> Iterator[None]:
    """Within the context, this process has another time: that of a guest, in a deterministic run.

    Deadlines are not scaled meanwhile, for the speed of the host does not matter then.

    :raise UsageError: it has another one already
    """
    global _time
    if _time is not _HOST:
        raise UsageError("two deterministic machines at once", where="clock", hint="run one after the other")
    _time = other
    try:
        yield
    finally:
        _time = _HOST


def wall_clock() -> datetime:
    """The time of day in UTC, for stamps that people read."""
    return datetime.now(UTC)


def cpu_seconds() -> float:
    """CPU time that this process has used, all threads, in seconds."""
    return time.process_time()


def scale() -> float:
    """How many times slower than the reference host this one is now, load included; at least 1, at most 20.

    1 if deadlines count a guest's time. Else taken from the environment variable SOO_TIME_SCALE if set
    (any positive number, also below 1), else from one calibration of about 20 ms.

    :raise UsageError: SOO_TIME_SCALE is not a positive number
    """
    return _host_scale() if _time is _HOST else 1.0


@functools.cache
def _host_scale() -> float:
    return _chosen() or _calibrate(time.perf_counter)


@functools.cache
def speed() -> float:
    """The same without the load: how many times slower a CPU of this host is when one has it.

    For clocks that leave out what a busy host denies: the load would count twice.
    """
    return _chosen() or _calibrate(time.thread_time)


def _chosen() -> float | None:
    chosen = os.environ.get(SCALE_VARIABLE)
    if chosen is None:
        return None
    try:
        value = float(chosen)
    except ValueError:
        value = 0.0
    if not 0.0 < value < float("inf"):
        raise UsageError(f"{chosen!r} is not a positive number", where=f"variable {SCALE_VARIABLE}",
                         hint="unset it or give a factor such as 2.5")
    return value


def _calibrate(clock: Callable[[], float]) -> float:
    pieces = sorted(_calibration_piece(clock) for _ in range(_PIECES))
    median = pieces[_PIECES // 2]
    return min(max(median / _REFERENCE_PIECE_S, 1.0), _LARGEST_SCALE)


def _calibration_piece(clock: Callable[[], float]) -> float:
    """Time of a fixed piece of work, on the given clock."""
    start = clock()
    value = 1
    for step in range(50_000):
        value = (value * 33 + step) & 0xFFFFFFFF
    return clock() - start


class Clock(Protocol):
    """What a deadline counts. Its seconds may be longer than real ones, but not without bound."""

    def now(self) -> float:
        """Seconds; only differences mean anything. It may stand still."""

    def block(self, seconds: float) -> float:
        """For how many real seconds a wait may block if `seconds` are left on this clock."""

    def scale(self) -> float:
        """What budgets, which are written for the reference host, are multiplied by."""

    def denied(self) -> float:
        """Seconds so far that passed on the machine's own clock, but not on this one."""


class _Real:
    """Real time: one second is one second."""

    def now(self) -> float:
        return now()

    def block(self, seconds: float) -> float:
        return seconds

    def scale(self) -> float:
        return scale()

    def denied(self) -> float:
        return 0.0


REAL: Clock = _Real()

# A clock that stands still ends no wait: after so many times the budget in real time a deadline has passed.
_LONGEST = 10.0
# From so many times the budget on, an error tells the real time.
_TOLD = 1.2


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment by which something must have happened; passed down, never renewed.

    :param at: the moment on `clock`, in seconds
    :param what: what must have happened, as used in the error text
    :param budget: seconds granted when the deadline was set, scaled
    :param clock: what is counted
    :param latest: real time, as of `now`, at which it has passed whatever `clock` says
    :param began: real time at which it was set
    """

    at: float
    what: str
    budget: float
    clock: Clock = REAL
    latest: float = float("inf")
    began: float = float("inf")

    @classmethod
    def after(cls, seconds: float, what: str, clock: Clock = REAL) -> "Deadline":
        """A deadline in `seconds`, multiplied by the clock's `scale()`: on real time by the host's."""
        return cls.after_real(seconds * clock.scale(), what, clock)

    @classmethod
    def after_real(cls, seconds: float, what: str, clock: Clock = REAL) -> "Deadline":
        """A deadline in exactly `seconds`, for a span that was scaled already or must not be."""
        began = now()
        return cls(clock.now() + seconds, what, seconds, clock, began + _LONGEST * seconds, began)

    def sub(self, seconds: float, what: str) -> "Deadline":
        """A deadline for a part of the work, same clock: `seconds` scaled, but never later than this one."""
        part = Deadline.after(seconds, what, self.clock)
        if part.at > self.at:
            part = replace(part, at=self.at, budget=self.remaining())
        return replace(part, latest=min(part.latest, self.latest))

    def remaining(self) -> float:
        """Seconds that are left on the clock, not scaled again; 0 when the deadline has passed."""
        return 0.0 if now() >= self.latest else max(0.0, self.at - self.clock.now())

    def patience(self) -> float:
        """Real seconds for which a wait may block before it asks again whether the deadline has passed."""
        left = self.remaining()
        return min(self.clock.block(left), self.latest - now()) if left else 0.0

    def expired(self) -> bool:
        """Whether the deadline has passed."""
        return not self.remaining()

    def wait_for(self, changed: Condition, holds: Callable[[], object]) -> bool:
        """Wait until `holds`, with the lock of `changed` held; False if it does not at the deadline."""
        while not changed.wait_for(holds, max(0.0, self.patience())):
            if self.expired():
                return bool(holds())
        return True

    def error(self, *, where: str | None = None, last: str | None = None) -> Expired:
        """The error to raise when this deadline has run out.

        :param last: the last sign of life, quoted in the text
        """
        text = f"{self.what}: not within {self.budget:.1f} s"
        took = now() - self.began
        if took > _TOLD * self.budget + 1:
            text += f" of the machine's time, which were {took:.1f} s"
        if last is not None:
            text += f"; last seen: {last}"
        return Expired(text, waiting_for=self.what, where=where)

    def check(self) -> None:
        """:raise Expired: the deadline has passed"""
        if self.expired():
            raise self.error()
