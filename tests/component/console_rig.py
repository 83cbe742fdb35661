# SPDX-License-Identifier: GPL-2.0-only
"""A console whose other side is in the hands of a test."""

import socket
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.deadline import Deadline
from harness.qemu.console import Console
from harness.qemu.patterns import LINUX, Pattern
from harness.qemu.pump import Pump


@dataclass
class Rig:
    """Consoles with their far ends, drained by one pump."""

    pump: Pump
    consoles: list[Console]
    far: list[socket.socket]

    @property
    def console(self) -> Console:
        return self.consoles[0]

    def say(self, data: bytes, number: int = 0) -> None:
        """Let the guest print."""
        self.far[number].sendall(data)

    def hear(self, size: int, number: int = 0) -> bytes:
        """The next `size` bytes that the guest receives."""
        data = b""
        while len(data) < size:
            data += self.far[number].recv(size - len(data))
        return data


@contextmanager
def rig(folder: Path, *, patterns: Iterable[Pattern] = LINUX, consoles: int = 1) -> Iterator[Rig]:
    """A running pump with `consoles` consoles."""
    with ExitStack() as stack:
        pump = Pump()
        made = Rig(pump, [], [])
        for number in range(consoles):
            near, far = socket.socketpair()
            stack.callback(near.close)
            far.settimeout(20)
            made.far.append(stack.enter_context(far))
            name = f"c{number}"
            made.consoles.append(Console(name, near, pump, folder / f"{name}.log", patterns=patterns))
            stack.callback(made.consoles[-1].close)
        stack.enter_context(pump)
        yield made


def soon(what: str = "test") -> Deadline:
    """A deadline that only a hanging test reaches."""
    return Deadline.after(20, what)
