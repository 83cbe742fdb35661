# SPDX-License-Identifier: GPL-2.0-only
"""The user's terminal on the consoles of a running machine."""

from __future__ import annotations

import os
import selectors
import sys
import termios
import threading
import tty
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Protocol

from harness.deadline import Deadline
from harness.errors import GuestLost, UsageError


class Shown(Protocol):
    """What the terminal needs of a console; see `harness.qemu.console.Console`."""

    name: str

    def send(self, data: bytes) -> None: ...
    def read_some(self, position: int, size: int, deadline: Deadline) -> bytes | None: ...


LEAVE = b"\x1d"  # Ctrl-]
NEXT = b"\x1e"  # Ctrl-^
_LONG_S = 7 * 24 * 3600.0
_CHUNK = 4096


def attach(consoles: Sequence[Shown], *, first: str | None = None, echo: Collection[str] = ()) -> None:
    """Connect the terminal to one console at a time; Ctrl-^ goes to the next one, Ctrl-] leaves.

    Returns when the user leaves or the machine ends. The console's earlier output is shown first.

    :param first: name of the console to begin with; the first of `consoles` if None.
    :param echo: names of consoles whose guest does not show what is typed, so that we do.
    :raise UsageError: standard input is no terminal, or there is no console `first`.
    """
    if not sys.stdin.isatty():
        raise UsageError("an interactive console needs a terminal as standard input")
    names = [console.name for console in consoles]
    demand(first, names)
    index = names.index(first) if first is not None else 0
    with _raw_terminal():
        while True:
            _note(f"console {names[index]}: Ctrl-] leaves, Ctrl-^ goes to the next console")
            key = _Relay(consoles[index], echo=names[index] in echo).run()
            if key != NEXT:
                break
            index = (index + 1) % len(consoles)
    _note("left" if key == LEAVE else "the machine has ended")


def demand(first: str | None, names: Sequence[str]) -> None:
    """:raise UsageError: a console is asked for, but is none of these"""
    if first is not None and first not in names:
        raise UsageError(f"there is no console '{first}'", hint=f"consoles: {', '.join(names)}")


class _Relay:
    """One console and the terminal, until a key of ours or the end of either."""

    def __init__(self, console: Shown, *, echo: bool) -> None:
        self._console = console
        self._echo = echo
        self._ended, self._end = os.pipe()
        self._stopped = False

    def run(self) -> bytes:
        """The key that ended it; empty if the machine did."""
        output = threading.Thread(target=self._show, name="terminal", daemon=True)
        output.start()
        try:
            return self._type()
        finally:
            self._stopped = True

    def _type(self) -> bytes:
        with selectors.DefaultSelector() as ready:
            ready.register(sys.stdin.fileno(), selectors.EVENT_READ)
            ready.register(self._ended, selectors.EVENT_READ)
            while True:
                if any(key.fd == self._ended for key, _ in ready.select()):
                    return b""
                typed = os.read(sys.stdin.fileno(), _CHUNK)
                for key in (LEAVE, NEXT):
                    if key in typed or not typed:
                        return key
                if self._echo:
                    _write(typed.replace(b"\r", b"\r\n").replace(b"\x7f", b"\b \b"))
                with suppress(GuestLost):  # the other thread notices the end and tells
                    self._console.send(typed)

    def _show(self) -> None:
        position = 0
        try:
            while not self._stopped:
                data = self._console.read_some(position, _CHUNK, Deadline.after(_LONG_S, "output"))
                if data is None or self._stopped:
                    break
                position += len(data)
                _write(data)
        except GuestLost:
            pass  # told by the end of the machine
        finally:
            with suppress(OSError):
                os.write(self._end, b"e")


@contextmanager
def _raw_terminal() -> Iterator[None]:
    number = sys.stdin.fileno()
    before = termios.tcgetattr(number)
    restore: Callable[[], None] = lambda: termios.tcsetattr(number, termios.TCSADRAIN, before)  # noqa: E731
    try:
        tty.setraw(number)
        yield
    finally:
        restore()


def _note(text: str) -> None:
    _write(f"\r\n[harness: {text}]\r\n".encode())


def _write(data: bytes) -> None:
    while data:
        data = data[os.write(sys.stdout.fileno(), data) :]
