# SPDX-License-Identifier: GPL-2.0-only
"""One console of a machine: its whole output, its input, and the waits on it."""

import re
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from harness.deadline import Deadline
from harness.errors import HarnessError, Panicked, QemuExited, UsageError
from harness.qemu.channel import Channel, DataWait, LineCallback, SearchWait
from harness.qemu.dialogue import ConsoleDialogue
from harness.qemu.patterns import Pattern
from harness.qemu.pump import Pump
from harness.qemu.scan import PatternHit
from harness.qemu.search import Match

# After a failure pattern, output is awaited for so long, or until nothing has come for _QUIET_S.
_DRAIN_S = 0.3
_QUIET_S = 0.1

_Defect = PatternHit | HarnessError | None


class Console:
    """A character channel of a machine, drained by a pump into a log file.

    Positions count bytes from the start of the channel, see `Stream`. `wait_for` continues where the
    last successful wait ended, as a dialogue does. A failure pattern on any console of the machine
    ends every wait.

    :param name: for error texts
    :param sock: our end of the channel; owned from now on
    :param pump: the machine's pump, not started yet
    :param log: file for the raw output; LOG.times gets the times, see `Stream`
    :param patterns: failure patterns to watch for
    :param lost: makes the error for a channel that has ended
    :raise HostError: the log file cannot be made
    """

    def __init__(self, name: str, sock: socket.socket, pump: Pump, log: Path, *,
                 patterns: Iterable[Pattern] = (), lost: Callable[[], QemuExited] | None = None) -> None:
        self.name = name
        self.place = f"console {name}"
        self.log = log
        self._pump = pump
        self._changed = pump.changed
        self._channel = Channel(name, sock, pump, log, patterns)
        self._lost = lost
        self._cursor = 0
        self._borrower: tuple[str, int] | None = None

    def close(self) -> None:
        """Give back the descriptors; call it when the pump has ended."""
        self._channel.close()

    @property
    def channel(self) -> Channel:
        """The pump's side of it."""
        return self._channel

    @property
    def at_end(self) -> bool:
        """Whether the other side has closed the channel, as QEMU does when it ends."""
        return self._channel.at_end

    @property
    def failures(self) -> list[PatternHit]:
        """The failure patterns that matched without being allowed; the first 200."""
        return [hit for hit in self.hits if not hit.allowed]

    @property
    def hits(self) -> list[PatternHit]:
        """All failure patterns that matched, allowed or not; the first 200."""
        with self._changed:
            return list(self._channel.hits)

    def mark(self) -> int:
        """The position after the last byte that has come."""
        with self._changed:
            return self._channel.stream.end

    def text(self, from_: int = 0, to: int | None = None) -> bytes:
        """The output from one position to another, or up to now."""
        with self._changed:
            stream = self._channel.stream
            return stream.read(from_, stream.end if to is None else to)

    def time_at(self, position: int) -> int:
        """When the line at `position` began to arrive: monotonic nanoseconds, 0 if no longer known."""
        with self._changed:
            return self._channel.stream.time_at(position)

    def last_line(self) -> str:
        """The last line that is not blank, decoded and shortened for error texts."""
        with self._changed:
            return self._channel.stream.last_line().decode(errors="replace")

    def lost(self) -> QemuExited:
        """The error for a channel that has ended."""
        if self._lost is not None:
            return self._lost()
        return QemuExited("the other side closed the channel", where=self.place)

    def send(self, data: bytes) -> None:
        """Queue `data` for the guest and return; it is sent as fast as the guest takes it.

        :raise UsageError: another thread has borrowed the console
        :raise QemuExited: the channel has ended
        :raise GuestLost: the guest has left more than 1 MiB untaken
        """
        with self._changed:
            if self._borrower is not None and self._borrower[1] != threading.get_ident():
                raise UsageError("cannot send", where=self.place, hint=f"{self._borrower[0]} has borrowed it")
            if not self.at_end:
                self._channel.queue(data)
                return
        raise self.lost()

    def wait_for(self, pattern: bytes | re.Pattern[bytes], deadline: Deadline, *,
                 start: int | None = None) -> Match:
        """Wait until the output matches.

        :param pattern: bytes that must appear as they are, or a compiled expression, whose match may
            span reads if it is no longer than 4096 bytes
        :param start: position to search from; None: where the last successful wait ended
        :raise Panicked: a failure pattern was or is seen on any console of the machine
        :raise QemuExited: the channel ended without a match
        :raise Expired: the deadline passed; tells the pattern and the last line
        """
        with self._changed:
            wait = SearchWait(pattern, self._cursor if start is None else start)
            with self._channel.waiting(wait):
                self._pump.wait(lambda: wait.match or self.at_end or self._pump.defect, deadline)
            defect = self._pump.defect
            if defect is None and wait.match is not None:
                self._cursor = wait.match.span[1]
                return wait.match
            self._drain(defect)
        raise_defect(defect)
        shown = repr(pattern if isinstance(pattern, bytes) else pattern.pattern)
        if self.at_end:
            error = self.lost()
            error.what += f"; waited for {deadline.what}, last seen: {self.last_line()!r}"
            raise error
        late = replace(deadline, what=f"{deadline.what}: waiting for {shown}")
        raise late.error(where=self.place, last=repr(self.last_line()))

    def wait_end(self, deadline: Deadline) -> None:
        """Wait until the channel ends, as it does when QEMU exits; a failure pattern does not end this.

        :raise Expired: it is still open at the deadline
        """
        with self._changed:
            if self._pump.wait(lambda: self.at_end, deadline):
                return
        raise deadline.error(where=self.place, last=repr(self.last_line()))

    def check(self) -> None:
        """:raise HarnessError: what any wait would raise now, for instance `Panicked`"""
        raise_defect(self._pump.defect)

    def _drain(self, defect: _Defect) -> None:
        """After a failure pattern, let what belongs to it arrive, so that the log has it. Lock held."""
        if not isinstance(defect, PatternHit):
            return
        limit = Deadline.after_real(_DRAIN_S, "the rest of a failure report")
        while not self.at_end and not limit.expired():
            before = self._channel.stream.end
            quiet = Deadline.after_real(min(_QUIET_S, limit.remaining()), limit.what)
            self._await_data(before, quiet)
            if self._channel.stream.end == before:
                return

    def _await_data(self, position: int, deadline: Deadline, *, heed_defects: bool = False) -> None:
        """Wait for output after `position` or the end. Lock held, and given up while waiting."""
        stream = self._channel.stream
        with self._channel.waiting(DataWait(position)):
            self._pump.wait(lambda: stream.end > position or self.at_end
                            or (heed_defects and self._pump.defect), deadline)

    @contextmanager
    def allow(self, name: str) -> Iterator[None]:
        """Within the context, the failure pattern `name` on this console is recorded but ends no wait.

        :raise UsageError: the console has no such pattern
        """
        names = [pattern.name for pattern in self._channel.scanner.patterns]
        if name not in names:
            raise UsageError(f"no failure pattern {name!r}", where=self.place,
                             hint=f"known: {', '.join(names) or 'none'}")
        with self._channel.allowing(name):
            yield

    def expect_boot(self) -> None:
        """The next boot banner is a first one, for instance because an ME is injected."""
        with self._changed:
            self._channel.scanner.reset_counts()

    @contextmanager
    def borrow(self, who: str, *, deadline: Deadline | None = None,
               timeout: float = 30.0) -> Iterator[ConsoleDialogue]:
        """Own the console: no other thread may send to it, and nobody may borrow it, meanwhile.

        :param who: the borrower, for error texts
        :param deadline: no `expect` of the dialogue waits longer
        :param timeout: seconds (scaled) of an `expect` without a time-out of its own
        :raise UsageError: somebody else has it
        """
        with self._changed:
            if self._borrower is not None:
                raise UsageError(f"{who} cannot borrow the console", where=self.place,
                                 hint=f"{self._borrower[0]} has it")
            self._borrower = (who, threading.get_ident())
            dialogue = ConsoleDialogue(self, self._cursor, deadline, timeout)
        try:
            yield dialogue
        finally:
            with self._changed:
                self._cursor = max(self._cursor, dialogue.consumed)
                self._borrower = None

    def recall(self, data: bytes) -> None:
        """Before the pump starts: output of a machine that this one goes on from; waits go on behind it."""
        self._channel.recall(data)
        self._cursor = len(data)

    def on_line(self, callback: LineCallback) -> None:
        """Call `callback` with each line, without its end, from the first line of the channel on.

        It is called in the pump's thread, in order and without a lock. It should be quick and must
        not wait for a console. An exception in it is reported by every later wait.
        """
        with self._changed:
            self._channel.subscribe(callback)

    def read_some(self, position: int, size: int, deadline: Deadline) -> bytes | None:
        """Up to `size` bytes from `position`; b"" at the deadline, None at the end of the channel.

        :raise Panicked: as `wait_for`
        """
        with self._changed:
            stream = self._channel.stream
            self._await_data(position, deadline, heed_defects=True)
            defect = self._pump.defect
            self._drain(defect)
            data = stream.read(position, position + size)
            ended = self.at_end
        raise_defect(defect)
        return None if not data and ended else data


def raise_defect(defect: _Defect) -> None:
    """:raise HarnessError: the error for what ended a wait; nothing if that is None"""
    if isinstance(defect, PatternHit):
        line = defect.line.decode(errors="replace")
        raise Panicked(f"{defect.name}: {line}", pattern=defect.name, line=line,
                       where=f"console {defect.console}")
    if defect is not None:
        raise defect
