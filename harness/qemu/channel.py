# SPDX-License-Identifier: GPL-2.0-only
"""The pump's side of a console: takes in bytes, logs them, judges them, and tells who waits."""

import re
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from harness.deadline import now_ns
from harness.errors import GuestLost, HarnessError, HostError
from harness.qemu.patterns import Pattern
from harness.qemu.pump import Pump
from harness.qemu.scan import PatternHit, Scanner
from harness.qemu.search import Match, Search
from harness.qemu.stream import Stream

_READ_SIZE = 1 << 18
_MOST_QUEUED = 1 << 20
_MOST_HITS = 200

# A line editor asks where the cursor is (busybox does) and waits for the answer.
_CURSOR_QUESTION = b"\x1b[6n"
_CURSOR_ANSWER = b"\x1b[1;1R"

LineCallback = Callable[[bytes], None]


class Wait(Protocol):
    """Something that a thread waits for in the stream."""

    def look(self, stream: Stream) -> bool:
        """Look at what has come; True when the wait is over."""
        ...


class SearchWait:
    """A wait for a pattern."""

    def __init__(self, pattern: bytes | re.Pattern[bytes], start: int) -> None:
        self._search = Search(pattern, start)
        self.match: Match | None = None

    def look(self, stream: Stream) -> bool:
        """See `Wait`."""
        if self.match is None:
            self.match = self._search.advance(stream)
        return self.match is not None


class DataWait:
    """A wait for any byte after a position."""

    def __init__(self, position: int) -> None:
        self._position = position

    def look(self, stream: Stream) -> bool:
        """See `Wait`."""
        return stream.end > self._position


class _Subscription:
    def __init__(self, callback: LineCallback) -> None:
        self.callback = callback
        self.position = 0


class _Allowance:
    """Where in the stream a failure pattern is no failure; a line belongs to where it begins."""

    def __init__(self, name: str, start: int) -> None:
        self._name = name
        self._start = start
        self.end: int | None = None

    def covers(self, name: str, position: int) -> bool:
        return name == self._name and self._start <= position and (self.end is None or position < self.end)


class Channel:
    """One socket of the pump. All state is guarded by the pump's lock.

    :param name: name of the console
    :param sock: our end; owned from now on
    :param log: file for the raw output
    :param patterns: failure patterns to watch for
    :ivar deaf: what comes is thrown away
    :raise HostError: the log cannot be made
    """

    def __init__(self, name: str, sock: socket.socket, pump: Pump, log: Path,
                 patterns: Iterable[Pattern]) -> None:
        self.name = name
        self.place = f"console {name}"
        self._sock = sock
        self._pump = pump
        self.scanner = Scanner(patterns)
        self.hits: list[PatternHit] = []
        self._allowances: list[_Allowance] = []
        self.at_end = False
        self.deaf = False
        self._untold = bytearray()
        self._waits: list[Wait] = []
        self._subscriptions: list[_Subscription] = []
        self._outgoing = bytearray()
        self._tail = b""
        self._last_byte_ns = 0
        try:
            self.stream = Stream(log)
        except OSError as error:
            raise HostError(f"cannot make the log: {error}", where=self.place) from error
        sock.setblocking(False)
        pump.add(self)

    def fileno(self) -> int:
        """Descriptor of the socket, for the selector."""
        return self._sock.fileno()

    def close(self) -> None:
        """Give back the descriptors; call it when the pump has ended."""
        self._sock.close()
        self.stream.close()

    # For threads that use the console.

    @contextmanager
    def waiting(self, wait: Wait) -> Iterator[None]:
        """Within the context, `wait` is shown all that comes; the pump notifies when it is over."""
        self._waits.append(wait)
        try:
            wait.look(self.stream)
            yield
        finally:
            self._waits.remove(wait)

    @contextmanager
    def allowing(self, name: str) -> Iterator[None]:
        """Within the context, lines that match the pattern `name` are no failures.

        That goes for each line of which a part comes meanwhile: the lock is not held inside.
        """
        allowance = _Allowance(name, self.stream.line_end)
        with self._pump.changed:
            self._allowances.append(allowance)
        try:
            yield
        finally:
            with self._pump.changed:
                allowance.end = self.stream.end

    def subscribe(self, callback: LineCallback) -> None:
        """Call `callback` with each line from the first on."""
        self._subscriptions.append(_Subscription(callback))
        self._pump.wake()

    def queue(self, data: bytes) -> None:
        """Send `data` as soon as the other side takes it.

        :raise GuestLost: 1 MiB is queued already
        """
        if len(self._outgoing) > _MOST_QUEUED:
            raise GuestLost(f"takes no input: {len(self._outgoing)} bytes are waiting", where=self.place)
        self._outgoing += data
        if self._pump.lockstep is not None:
            return
        self.transmit()
        if self._outgoing:
            self._pump.wake()

    def hand_over(self, most: int) -> None:
        """In lockstep: send the next piece of what is queued."""
        sent = self._sock.send(self._outgoing[:most])
        del self._outgoing[:sent]

    def recall(self, data: bytes) -> None:
        """Before the pump starts: what came from here before this machine went on from a template."""
        if data:
            self.stream.append(data, now_ns())
            self._record(self.scanner.feed(data))

    # For the pump, see `harness.qemu.pump.Drained`.

    @property
    def has_output(self) -> bool:
        """Whether bytes are queued for the guest."""
        return bool(self._outgoing)

    @property
    def unsettled_since(self) -> int | None:
        """When the last byte of an unjudged line came, in nanoseconds."""
        return self._last_byte_ns if self._last_byte_ns and self.scanner.pending else None

    def transmit(self) -> None:
        """Send what the socket takes now; in lockstep nothing, for `hand_over` does."""
        if self._pump.lockstep is not None:
            return
        try:
            while self._outgoing:
                del self._outgoing[:self._sock.send(self._outgoing)]
        except BlockingIOError:
            return
        except OSError:  # the other side is gone: reading tells, once what it sent has been read
            self._outgoing.clear()

    def receive(self) -> bool:
        """Read once; False at the end of the stream."""
        try:
            data = self._sock.recv(_READ_SIZE)
        except BlockingIOError:
            return True
        except OSError:  # a reset is an end, too
            data = b""
        if self.deaf:
            return bool(data)
        if not data:
            self.tell()
            self.settle()
            self.at_end = True
            return False
        if self._pump.lockstep is not None:
            self._untold += data
        else:
            self._take(data)
        return True

    def collect(self) -> bool:
        """In lockstep: read all that is there; False at the end of the stream."""
        before = -1
        while before != len(self._untold):
            before = len(self._untold)
            if not self.receive():
                return False
        return True

    def tell(self) -> None:
        """In lockstep: take in what was read since the last beat, in one piece."""
        if self._untold:
            data = bytes(self._untold)
            self._untold.clear()
            self._take(data)

    def _take(self, data: bytes) -> None:
        self._last_byte_ns = now_ns()
        try:
            self.stream.append(data, self._last_byte_ns)
        except OSError as error:
            self._pump.fail(HostError(f"cannot write {self.stream.path.name}: {error}", where=self.place))
        self._answer(data)
        self._record(self.scanner.feed(data))
        over = [wait.look(self.stream) for wait in self._waits]  # every wait must look
        if any(over):
            self._pump.changed.notify_all()

    def _answer(self, data: bytes) -> None:
        """Answer each question for the cursor's position, one that is split over reads included."""
        questions = data.count(_CURSOR_QUESTION)
        seam = self._tail + data[:len(_CURSOR_QUESTION) - 1]
        questions += _CURSOR_QUESTION in seam
        self._tail = (self._tail + data[-3:])[-3:]
        if questions:
            self._outgoing += _CURSOR_ANSWER * questions
            self.transmit()

    def settle(self) -> None:
        """The console is silent: judge the unfinished line."""
        self._last_byte_ns = 0
        self._record(self.scanner.settle())

    def _record(self, found: Iterable[tuple[str, bytes, int]]) -> None:
        for name, line, position in found:
            allowed = any(allowance.covers(name, position) for allowance in self._allowances)
            if len(self.hits) < _MOST_HITS:
                time = self.stream.time_at(position)
                self.hits.append(PatternHit(name, self.name, line, position, time, allowed))
                if not allowed:
                    self._pump.record(self.hits[-1])

    def deliver(self) -> None:
        """Hand new complete lines, and at the end an unfinished one, to the callbacks."""
        for subscription in self._subscriptions:
            with self._pump.changed:
                end = self.stream.end if self.at_end else self.stream.line_end
                data = self.stream.read(subscription.position, end)
                subscription.position = end
            if not data:
                continue
            lines = data.split(b"\n")
            try:
                for line in lines if lines[-1] else lines[:-1]:
                    subscription.callback(line)
            except Exception as error:  # noqa: BLE001 - the pump must go on; every wait reports it
                self._pump.fail(HarnessError(f"a line callback failed: {error!r}", where=self.place))
