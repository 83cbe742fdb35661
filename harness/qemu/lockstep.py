# SPDX-License-Identifier: GPL-2.0-only
"""Guest and harness in turns: a machine that is held at every beat of its own time.

Under `-icount` a machine without input runs the same way each time. What would make two runs differ is the
moment at which the host's bytes arrive. So the machine is held at fixed moments of guest time, the beats:
a plugin of QEMU (`images/plugin/pace.c`) lets the emulated CPU wait inside one instruction until we answer.
All that the guest printed so far is taken in then, whoever waits for it looks, and types; only then the
guest goes on, to the next beat. QEMU's main loop is not held, so that input and QMP are served meanwhile,
and it has nothing to do while the guest runs.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

from harness.deadline import scale
from harness.errors import Expired

# The time between two beats is this much of the guest's, and so the resolution of its clock here.
BEAT_NS = 1_000_000
# A beat that takes so long on the host, in seconds, does not come. A boot has none before its modules
# are loaded.
_NO_BEAT_S = 60.0

_GO = b"g"


class Lockstep:
    """Our end of the plugin's channel, and the clock of the guest.

    All but `now_ns` is called with the lock of `changed` held.

    :param sock: our end; owned by somebody else
    :param changed: the condition of the machine's pump, notified at each hold
    :ivar held: the guest stands still, and all that it printed was taken in
    :ivar ended: QEMU has closed the channel
    """

    def __init__(self, sock: socket.socket, changed: threading.Condition) -> None:
        self._sock = sock
        self._changed = changed
        self._beats = 0
        self._feed: Callable[[], None] = _nothing
        self._patience = _NO_BEAT_S * scale()
        self.held = False
        self.ended = False
        sock.setblocking(False)

    def fileno(self) -> int:
        """Descriptor of the channel, for the selector."""
        return self._sock.fileno()

    def now_ns(self) -> int:
        """The guest's time: nanoseconds since its first instruction here, never 0; it moves at holds only."""
        return (self._beats + 1) * BEAT_NS

    def feed_with(self, feed: Callable[[], None]) -> None:
        """Before each release `feed` hands the guest what is typed."""
        self._feed = feed

    # For the pump.

    def receive(self) -> bool:
        """Read once; whether a beat came."""
        try:
            data = self._sock.recv(1)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        self.ended = not data
        return bool(data)

    def hold(self) -> None:
        """All that came before the beat was taken in."""
        self._beats += 1
        self.held = True
        self._changed.notify_all()

    # For who waits for the guest.

    def advance(self) -> None:
        """Let the guest run to its next beat, or to the end of QEMU; the lock is given up meanwhile.

        :raise Expired: no beat comes: the guest is stuck with interrupts off, or has no pacemaker
        """
        self._await_hold()
        if self.held:
            self._feed()
            self.release()
        self._await_hold()

    def release(self) -> None:
        """Let the guest run, if it is held."""
        if self.held and not self.ended:
            self.held = False
            try:
                self._sock.send(_GO)
            except OSError:  # QEMU is gone: the pump tells
                return

    def _await_hold(self) -> None:
        if not self._changed.wait_for(lambda: self.held or self.ended, self._patience):
            raise Expired(f"the guest's clock stands still: no beat in {self._patience:.0f} s on this host",
                          waiting_for="a beat", where="deterministic run",
                          hint="a CPU spins with interrupts off, or the guest has no pacemaker")

    def run_until(self, done: Callable[[], object]) -> None:
        """Release at every beat until `done`, whose end somebody notifies."""
        while not done() and not self.ended:
            self.release()
            self._changed.wait_for(lambda: self.held or self.ended or bool(done()))

    def let_go(self) -> None:
        """Hold the guest no more."""
        self.ended = True
        self.held = False
        try:
            self._sock.shutdown(socket.SHUT_RDWR)
        except OSError:  # QEMU is gone
            return


def _nothing() -> None:
    return None
