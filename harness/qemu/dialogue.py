# SPDX-License-Identifier: GPL-2.0-only
"""The pexpect interface to a console; the bytes come from the pump, so nothing is lost between calls."""

from typing import TYPE_CHECKING, Any, Protocol

import pexpect
from pexpect.spawnbase import SpawnBase

from harness.deadline import Deadline

if TYPE_CHECKING:
    _Spawn = SpawnBase[bytes]
else:
    _Spawn = SpawnBase

# pexpect searches the last `searchwindowsize` bytes when new ones come. A window of twice the read
# size never skips a byte and keeps the cost of a flood linear.
_READ_SIZE = 1 << 14


class Source(Protocol):
    """What a dialogue needs of its console."""

    name: str

    def send(self, data: bytes) -> None: ...
    def last_line(self) -> str: ...
    def lost(self) -> Exception:
        """The error for a console that has ended."""
        ...
    def read_some(self, position: int, size: int, deadline: Deadline) -> bytes | None:
        """Bytes from `position`; b"" at the deadline, None at the end."""
        ...


class ConsoleDialogue(_Spawn):
    """A borrowed console: `send`, `sendline`, `expect`, `expect_exact`, `expect_list`, `before`, `after`.

    Time-outs are in seconds and scaled as deadlines are. Differences to a pexpect child: an end or a
    time-out that is not among the patterns raises an error of ours, and a failure pattern on any
    console of the machine ends an `expect` at once.

    :raise Expired: `expect` without a match in time
    :raise QemuExited: the console ended
    :raise Panicked: a failure pattern was seen
    """

    def __init__(self, source: Source, position: int, deadline: Deadline | None, timeout: float) -> None:
        super().__init__(timeout=timeout, maxread=_READ_SIZE, searchwindowsize=2 * _READ_SIZE)
        self.name = f"<console {source.name}>"
        self.delaybeforesend = None
        self.delayafterread = None
        self.linesep = b"\n"
        self.closed = False
        self._source = source
        self._position = position
        self._limit = deadline

    @property
    def consumed(self) -> int:
        """Position in the console's stream up to which matches have used it."""
        return self._position - len(self.buffer)

    def send(self, s: str | bytes) -> int:
        """Send text to the guest; returns the number of bytes."""
        data = s.encode() if isinstance(s, str) else s
        self._source.send(data)
        return len(data)

    def sendline(self, s: str | bytes = b"") -> int:
        """Send text and a line feed."""
        data = s.encode() if isinstance(s, str) else s
        return self.send(data + self.linesep)

    def read_nonblocking(self, size: int = 1, timeout: float | None = None) -> bytes:
        """The next bytes; pexpect calls this with real, not scaled, seconds."""
        seconds = 0.0 if timeout is None else timeout
        deadline = Deadline.after_real(seconds, f"output of {self.name}")
        data = self._source.read_some(self._position, size, deadline)
        if data is None:
            self.flag_eof = True
            raise pexpect.EOF(f"{self.name} ended")
        if not data:
            raise pexpect.TIMEOUT(f"{self.name} silent")
        self._position += len(data)
        return data

    # Any: pexpect's own unions of patterns. No coroutines here, hence fewer overloads than pexpect has.
    def expect_list(self, pattern_list: Any, timeout: float | None = -1,  # type: ignore[override]
                    searchwindowsize: int | None = -1, async_: bool = False, **kw: Any) -> int:
        """As pexpect's; `expect` ends here too."""
        return self._told(super().expect_list, pattern_list, timeout, searchwindowsize)

    def expect_exact(self, pattern_list: Any, timeout: float | None = -1,  # type: ignore[override]
                     searchwindowsize: int | None = -1, async_: bool = False, **kw: Any) -> int:
        """As pexpect's."""
        return self._told(super().expect_exact, pattern_list, timeout, searchwindowsize)

    def _told(self, method: Any, patterns: Any, timeout: float | None, window: int | None) -> int:
        """Call pexpect's method with a scaled time-out and turn its errors into ours."""
        budget = self.timeout if timeout is None or timeout < 0 else timeout
        what = f"{self.name}: {_shown(patterns)}"
        seconds = 30.0 if budget is None else budget
        deadline = self._limit.sub(seconds, what) if self._limit else Deadline.after(seconds, what)
        try:
            return int(method(patterns, deadline.remaining(), window))
        except pexpect.TIMEOUT:
            raise deadline.error(last=repr(self._source.last_line())) from None
        except pexpect.EOF:
            raise self._source.lost() from None


def _shown(patterns: Any) -> str:
    several = patterns if isinstance(patterns, list) else [patterns]
    return " or ".join(repr(getattr(pattern, "pattern", pattern)) for pattern in several)
