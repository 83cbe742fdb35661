# SPDX-License-Identifier: GPL-2.0-only
"""The thread that drains all consoles of a machine, always and at full speed, whoever waits for what."""

import os
import selectors
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from harness.deadline import Deadline, now_ns
from harness.errors import HarnessError
from harness.qemu.lockstep import Lockstep
from harness.qemu.scan import PatternHit

# After the end of a machine in lockstep, in seconds, its last words are there.
_LAST_WORDS_S = 5.0

# A console is silent when nothing came for this long; then its unfinished line is judged too.
_SILENCE_S = 0.1
_SILENCE_NS = int(_SILENCE_S * 1e9)


class Drained(Protocol):
    """What the pump needs of a console. All but `deliver` are called with the pump's lock held."""

    name: str

    def fileno(self) -> int: ...
    def receive(self) -> bool:
        """Read once; False at the end of the stream."""
        ...
    def collect(self) -> bool:
        """Read all that is there; False at the end of the stream."""
        ...
    def tell(self) -> None:
        """Take in what was collected."""
        ...
    def transmit(self) -> None:
        """Send what is queued, as far as the other side takes it."""
        ...
    def settle(self) -> None:
        """The console is silent."""
        ...
    def deliver(self) -> None:
        """Hand complete lines to the callbacks; called without the lock."""
        ...
    deaf: bool

    @property
    def has_output(self) -> bool: ...
    @property
    def unsettled_since(self) -> int | None:
        """When the last byte of an unjudged line came; None if there is no such line."""
        ...


class Pump:
    """Drains the consoles that were added; entering starts its thread, leaving drains once more and ends it.

    `changed` guards the state of all consoles; it is notified when a wait may have ended.

    :ivar lockstep: who holds the machine at its beats; None: it runs freely
    """

    def __init__(self) -> None:
        self.changed = threading.Condition(threading.RLock())
        self.lockstep: Lockstep | None = None
        self.failures: list[PatternHit] = []
        self._defect: PatternHit | HarnessError | None = None
        self._forgiving = False
        self._selector = selectors.DefaultSelector()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._all: list[Drained] = []
        self._open: list[Drained] = []
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="soo-console-pump", daemon=True)

    def add(self, console: Drained) -> None:
        """Drain `console` from now on; call it before the thread starts."""
        self._all.append(console)
        self._open.append(console)
        self._selector.register(console, selectors.EVENT_READ)

    def step_with(self, lockstep: Lockstep) -> None:
        """Take in what comes at the beats of `lockstep` only; call it before the thread starts."""
        self.lockstep = lockstep
        self._selector.register(lockstep, selectors.EVENT_READ)

    def wait(self, over: Callable[[], object], deadline: Deadline) -> bool:
        """Wait until `over` holds; False if it does not in time. Lock held, and given up while waiting.

        In lockstep this is what lets the guest run.

        :raise Expired: the guest's clock stands still
        """
        if self.lockstep is None:
            return deadline.wait_for(self.changed, over)
        while not over():
            if self.lockstep.ended:
                return bool(self.changed.wait_for(over, _LAST_WORDS_S))
            if deadline.expired():
                return False
            self.lockstep.advance()
        return True

    def __enter__(self) -> Self:
        self._selector.register(self._wake, selectors.EVENT_READ)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None,
                 tb: TracebackType | None) -> None:
        with self.changed:
            self._stopping = True
        self.wake()
        self._thread.join()
        with self.changed:
            self._selector.close()
            os.close(self._wake)
            self._wake = -1

    def wake(self) -> None:
        """Make the thread look at queues and callbacks now; nothing happens after its end."""
        with self.changed:
            if self._wake >= 0:
                os.eventfd_write(self._wake, 1)

    @property
    def defect(self) -> PatternHit | HarnessError | None:
        """What ends every wait: the first failure pattern or error; None while all is well."""
        return None if self._forgiving else self._defect

    @property
    def silent(self) -> bool:
        """Whether all consoles have ended, and with them QEMU; their last words were taken in."""
        with self.changed:
            return bool(self._all) and not self._open

    def close_ears(self) -> None:
        """From now on nothing that comes is taken in."""
        with self.changed:
            for console in self._all:
                console.deaf = True

    def fail(self, error: HarnessError) -> None:
        """End all waits, now and later, with `error`, unless something ends them already."""
        with self.changed:
            self._defect = self._defect or error
            self.changed.notify_all()

    def record(self, hit: PatternHit) -> None:
        """A failure pattern was seen that is not allowed: end all waits."""
        with self.changed:
            self.failures.append(hit)
            self._defect = self._defect or hit
            self.changed.notify_all()

    def forgive(self) -> None:
        """From now on neither failure patterns nor errors end a wait."""
        with self.changed:
            self._forgiving = True

    def _run(self) -> None:
        try:
            while not self._stopping:
                self._turn(self._patience())
            while self._turn(0.0):  # what was sent before the other side closed
                pass
        except Exception as error:  # noqa: BLE001 - a bug: without this, every wait would hang
            self.fail(HarnessError(f"the console pump failed: {error!r}"))

    def _patience(self) -> float | None:
        if self.lockstep is not None:
            return None
        waiting = any(console.unsettled_since is not None for console in self._open)
        return _SILENCE_S if waiting else None

    def _turn(self, timeout: float | None) -> bool:
        """Wait for something to do and do it; False if no console had data."""
        received = beat = False
        for key, events in self._selector.select(timeout):
            if key.fileobj is self._wake or key.fd == self._wake:
                os.eventfd_read(self._wake)
                continue
            if key.fileobj is self.lockstep:
                beat = self._beat()
                continue
            console: Drained = key.fileobj  # type: ignore[assignment]
            with self.changed:
                if events & selectors.EVENT_WRITE:
                    console.transmit()
                if events & selectors.EVENT_READ:
                    received |= self._receive(console)
        with self.changed:
            if beat:
                self._take_in()
            if beat or self.lockstep is None:
                self._settle()
            for console in self._open:
                self._watch(console)
        for console in self._all:
            console.deliver()
        if beat and self.lockstep is not None:
            with self.changed:
                self.lockstep.hold()
        return received

    def _beat(self) -> bool:
        """Whether the guest is at a beat; at the end of the channel it will have no more."""
        assert self.lockstep is not None
        with self.changed:
            beat = self.lockstep.receive()
            if self.lockstep.ended:
                self._selector.unregister(self.lockstep)
                self.changed.notify_all()
            return beat

    def _take_in(self) -> None:
        """The guest stands still: all it has printed is in our sockets."""
        for console in tuple(self._open):
            if not console.collect():
                self._close(console)
            console.tell()

    def _receive(self, console: Drained) -> bool:
        if console.receive():
            return True
        self._close(console)
        return False

    def _close(self, console: Drained) -> None:
        self._open.remove(console)
        self._selector.unregister(console)
        self.changed.notify_all()

    def _settle(self) -> None:
        silent_since = now_ns() - _SILENCE_NS
        for console in self._open:
            since = console.unsettled_since
            if since is not None and since <= silent_since:
                console.settle()

    def _watch(self, console: Drained) -> None:
        """Ask for room to write only while something is queued, or the selector would spin."""
        writes = console.has_output and self.lockstep is None
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if writes else 0)
        if self._selector.get_key(console).events != wanted:
            self._selector.modify(console, wanted)
