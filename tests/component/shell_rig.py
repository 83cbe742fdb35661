# SPDX-License-Identifier: GPL-2.0-only
"""A guest's shell made small: a real `sh` on a socket, with a line between that prints chatter."""

import os
import random
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from harness.guest.dialect import BusyboxDialect, Dialect
from harness.guest.frame import Shell
from harness.proc import Child
from tests.component.console_rig import Rig, rig

# What the line does with a piece of the shell's output: what goes out instead.
Noise = Callable[[bytes], bytes]


def quiet(piece: bytes) -> bytes:
    """Let it pass as it is."""
    return piece


def kernel_records(rng: random.Random) -> Noise:
    """Now and then a kernel record before a piece, as a whole, wherever the piece was cut."""

    def noise(piece: bytes) -> bytes:
        if rng.random() < 0.3:
            number = rng.randrange(10**6)
            return b"[%5d.%06d] soo: chatter %d\r\n" % (number // 1000, number, number) + piece
        return piece

    return noise


@dataclass
class Guest:
    """The shell and what is between it and the console."""

    rig: Rig
    line: "Line"
    dialect: Dialect

    def shell(self, check: Callable[[], None] = lambda: None) -> Shell:
        """A framed shell on the console."""
        return Shell(self.rig.console, self.dialect, nonces=random.Random(1), check=check)


class Line(threading.Thread):
    """Passes bytes between the console's far end and the shell, in pieces of 1 to 9 bytes.

    :param echo: also send back what is typed, as a terminal does.
    """

    def __init__(self, far: socket.socket, shell: socket.socket, *, echo: bool) -> None:
        super().__init__(daemon=True)
        self.noise: Noise = quiet
        self._far = far
        self._shell = shell
        self._echo = echo
        self._rng = random.Random(2)

    def run(self) -> None:
        typing = threading.Thread(target=self._type, daemon=True)
        typing.start()
        while data := self._read(self._shell):
            while data:
                size = self._rng.randrange(1, 10)
                self._print(self.noise(data[:size].replace(b"\n", b"\r\n")))
                data = data[size:]
        with suppress(OSError):  # the test has ended, and closed it
            self._far.shutdown(socket.SHUT_RDWR)

    def _type(self) -> None:
        while data := self._read(self._far):
            if self._echo:
                self._print(data.replace(b"\n", b"\r\n"))
            with suppress(OSError):  # the shell has ended
                self._shell.sendall(data)

    @staticmethod
    def _read(sock: socket.socket) -> bytes:
        try:
            return sock.recv(4096)
        except OSError:
            return b""

    def _print(self, data: bytes) -> None:
        with suppress(OSError):  # the test has ended
            self._far.sendall(data)


@contextmanager
def guest(folder: Path, *, dialect: Dialect | None = None, echo: bool = False) -> Iterator[Guest]:
    """A running shell behind a console."""
    spoken = dialect or BusyboxDialect("busybox", scratch=str(folder / "scratch"))
    with ExitStack() as stack:
        made = stack.enter_context(rig(folder))
        near, shell = socket.socketpair()
        stack.enter_context(near)
        made.far[0].settimeout(None)
        # A socket as standard input takes output as well.
        child = Child(["sh", "-c", "exec sh >&0 2>&1"], stdin=shell.fileno(), cwd=folder,
                      env={"PATH": os.environ["PATH"]})
        with shell:
            stack.enter_context(child)
        line = Line(made.far[0], near, echo=echo)
        line.start()
        yield Guest(made, line, spoken)
