# SPDX-License-Identifier: GPL-2.0-only
"""Input for a machine that is held: it is in the guest's devices before the guest goes on.

A byte that stays in the socket would be taken by QEMU's main loop while the guest runs, at a moment that
no two runs share. So no more is sent than the device takes at once, and the guest is not released before
it has.
"""

from __future__ import annotations

import fcntl
import re
import struct
import termios
from collections.abc import Sequence
from pathlib import Path

from harness.deadline import host_now
from harness.errors import HostError
from harness.qemu.channel import Channel
from harness.qemu.qmp import Qmp

# The first PL011 of the machine `virt`: its flag register says whether its receiver is empty.
_UART_FLAGS = 0x0900_0018
_RECEIVER_EMPTY = 1 << 4
_UART_FIFO = 16
# The guest's driver offers pages to a port.
_PORT_PIECE = 1024
_TAKEN_WITHIN_S = 10.0
# A look at all threads is not one moment.
_QUIET_LOOKS = 2
_SLEEPS = b"S"
_WORD = re.compile(r": 0x([0-9a-f]{8})")


class Feeder:
    """Hands over what is queued for the consoles of one machine.

    :param serial: the console on the first serial port, if any; the others are virtio ports
    :param pid: QEMU's process
    """

    def __init__(self, channels: Sequence[Channel], serial: str | None, qmp: Qmp, pid: int) -> None:
        self._channels = channels
        self._serial = serial
        self._qmp = qmp
        self._tasks = Path(f"/proc/{pid}/task")

    def feed(self) -> None:
        """Give each console the next piece of its input.

        :raise HostError: a device does not take it, for instance because nobody has opened the port
        """
        waiting = [channel for channel in self._channels if channel.has_output]
        for channel in waiting:
            self._give(channel)
        if waiting:
            self.await_rest()

    def _give(self, channel: Channel) -> None:
        if channel.name == self._serial:
            if not self._uart_is_empty():
                return  # at another beat
            channel.hand_over(_UART_FIFO)
        else:
            channel.hand_over(_PORT_PIECE)
        limit = host_now() + _TAKEN_WITHIN_S
        while _untaken(channel):
            self._qmp.status()  # a turn of QEMU's main loop
            if host_now() > limit:
                raise HostError("the guest does not take input here", where=channel.place,
                                hint="in a deterministic run its port must be open before somebody types")
        self._qmp.status()  # whatever it began is done

    def await_rest(self) -> None:
        """Wait until all threads of QEMU sleep: its main loop must not be on its way when the guest goes on.

        A thread that is woken runs at once: nothing is under way when all sleep.

        :raise HostError: they do not
        """
        limit = host_now() + _TAKEN_WITHIN_S
        quiet = 0
        while quiet < _QUIET_LOOKS:
            quiet = quiet + 1 if self._all_sleep() else 0
            if host_now() > limit:
                raise HostError("QEMU does not come to rest", where="deterministic run")

    def _all_sleep(self) -> bool:
        try:
            return all(task.joinpath("stat").read_bytes().rpartition(b") ")[2][:1] == _SLEEPS
                       for task in self._tasks.iterdir())
        except (FileNotFoundError, ProcessLookupError):  # a thread has ended meanwhile: that is no rest
            return False

    def _uart_is_empty(self) -> bool:
        found = _WORD.search(self._qmp.human(f"xp /1wx {_UART_FLAGS:#x}"))
        return found is not None and bool(int(found[1], 16) & _RECEIVER_EMPTY)


def _untaken(channel: Channel) -> bool:
    """Whether QEMU has not read all that was sent."""
    answer = fcntl.ioctl(channel.fileno(), termios.TIOCOUTQ, struct.pack("i", 0))
    return bool(struct.unpack("i", answer)[0])
