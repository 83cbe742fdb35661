# SPDX-License-Identifier: GPL-2.0-only
"""The only clock of the harness: deadlines that scale with the speed of the host.

Budgets are written for the host on which they were chosen. `Deadline.after` multiplies them by
`scale()`, so that the same scenario gets the same verdict on a slower or busier host.
"""

import functools
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from harness.errors import Expired, UsageError

SCALE_VARIABLE = "SOO_TIME_SCALE"
_LARGEST_SCALE = 20.0

# Wall time of _calibration_piece() on the host that budgets are written for (2.1 GHz server core, idle).
_REFERENCE_PIECE_S = 0.004
_PIECES = 5


class Clock(Protocol):
    """What deadlines count."""

    def now_ns(self) -> int:
        """Nanoseconds since some moment."""
        ...


class _HostClock:
    """The monotonic clock of the host."""

    def now_ns(self) -> int:
        return time.monotonic_ns()


_HOST = _HostClock()
_clock: Clock = _HOST


def now() -> float:
    """Seconds of the present clock; only differences mean anything."""
    return _clock.now_ns() / 1e9


def now_ns() -> int:
    """Nanoseconds of the present clock, the same clock as `now`."""
    return _clock.now_ns()


def host_now() -> float:
    """Seconds of the host's monotonic clock, whatever deadlines count."""
    return time.monotonic()


@contextmanager
def running_on(clock: Clock) -> Iterator[None]:
    """Within the context, this process has another clock: that of a guest, in a deterministic run.

    Deadlines are not scaled meanwhile, for the speed of the host does not matter then.

    :raise UsageError: it has another clock already
    """
    global _clock
    if _clock is not _HOST:
        raise UsageError("two deterministic machines at once", where="clock", hint="run one after the other")
    _clock = clock
    try:
        yield
    finally:
        _clock = _HOST


def wall_clock() -> datetime:
    """The time of day in UTC, for stamps that people read."""
    return datetime.now(UTC)


def cpu_seconds() -> float:
    """CPU time that this process has used, all threads, in seconds."""
    return time.process_time()


def scale() -> float:
    """How many times slower than the reference host this one is; at least 1, at most 20.

    1 if deadlines count a guest's time. Else taken from the environment variable SOO_TIME_SCALE if set
    (any positive number, also below 1), else from one calibration of about 20 ms.

    :raise UsageError: SOO_TIME_SCALE is not a positive number
    """
    return _host_scale() if _clock is _HOST else 1.0


@functools.cache
def _host_scale() -> float:
    chosen = os.environ.get(SCALE_VARIABLE)
    if chosen is None:
        return _calibrate()
    try:
        value = float(chosen)
    except ValueError:
        value = 0.0
    if not 0.0 < value < float("inf"):
        raise UsageError(f"{chosen!r} is not a positive number", where=f"variable {SCALE_VARIABLE}",
                         hint="unset it or give a factor such as 2.5")
    return value


def _calibrate() -> float:
    pieces = sorted(_calibration_piece() for _ in range(_PIECES))
    median = pieces[_PIECES // 2]
    return min(max(median / _REFERENCE_PIECE_S, 1.0), _LARGEST_SCALE)


def _calibration_piece() -> float:
    """Wall time of a fixed piece of work: wall, not CPU, because a busy host is a slow host."""
    start = time.perf_counter()
    value = 1
    for step in range(50_000):
        value = (value * 33 + step) & 0xFFFFFFFF
    return time.perf_counter() - start


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment by which something must have happened; passed down, never renewed.

    :param at: the moment on the clock of `now`, in seconds
    :param what: what must have happened, as used in the error text
    :param budget: seconds granted when the deadline was set, scaled
    """

    at: float
    what: str
    budget: float

    @classmethod
    def after(cls, seconds: float, what: str) -> "Deadline":
        """A deadline in `seconds`, multiplied by the host's `scale()`."""
        budget = seconds * scale()
        return cls(now() + budget, what, budget)

    @classmethod
    def after_real(cls, seconds: float, what: str) -> "Deadline":
        """A deadline in exactly `seconds`, for a span that was scaled already or must not be."""
        return cls(now() + seconds, what, seconds)

    def sub(self, seconds: float, what: str) -> "Deadline":
        """A deadline for a part of the work: `seconds` scaled, but never later than this one."""
        budget = seconds * scale()
        at = now() + budget
        return Deadline(at, what, budget) if at <= self.at else Deadline(self.at, what, self.remaining())

    def remaining(self) -> float:
        """Seconds that are left, not scaled again; 0 when the deadline has passed."""
        return max(0.0, self.at - now())

    def expired(self) -> bool:
        """Whether the deadline has passed."""
        return now() >= self.at

    def error(self, *, where: str | None = None, last: str | None = None) -> Expired:
        """The error to raise when this deadline has run out.

        :param last: the last sign of life, quoted in the text
        """
        text = f"{self.what}: not within {self.budget:.1f} s"
        if last is not None:
            text += f"; last seen: {last}"
        return Expired(text, waiting_for=self.what, where=where)

    def check(self) -> None:
        """:raise Expired: the deadline has passed"""
        if self.expired():
            raise self.error()
