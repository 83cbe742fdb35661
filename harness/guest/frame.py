# SPDX-License-Identifier: GPL-2.0-only
"""Commands on a console, framed by random markers so that chatter around and inside does no harm."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from harness.deadline import Deadline
from harness.errors import Expired, GuestLost, UsageError
from harness.guest.dialect import END_MARKER, Answer, Dialect, plain

# A marker that chatter broke never comes; after so many seconds the shell is asked to print again.
# A command that just takes long is not disturbed: the shell reads the request when it is done.
_PATIENCE = 2.0
_REPRINTS = 8

# A part of a deadline that ends when the whole does, in seconds.
_ENDLESS = 1e6

_INTERRUPT = b"\x03"
_LINE_END = re.compile(rb"\n")

# How often, in seconds, a wait looks whether the run has failed elsewhere.
_LOOK = 0.1


class Found(Protocol):
    """What this module needs of the match that a console returns."""

    @property
    def span(self) -> tuple[int, int]: ...
    @property
    def groups(self) -> tuple[bytes | None, ...]: ...


class Channel(Protocol):
    """What this module needs of a console, see `harness.qemu.console.Console`."""

    @property
    def name(self) -> str: ...
    def send(self, data: bytes) -> None: ...
    def mark(self) -> int: ...
    def text(self, from_: int = 0) -> bytes: ...
    def wait_for(self, pattern: re.Pattern[bytes], deadline: Deadline, *,
                 start: int | None = None) -> Found: ...


# Where an end marker ends, and its groups.
_Marker = tuple[int, tuple[bytes | None, ...]]


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What a command did.

    :ivar output: what it printed, decoded, lines ended by ``\\n``.
    """

    command: str
    status: int
    output: str


def _nothing() -> None:
    return None


class Shell:
    """A shell on a console.

    :param nonces: source of the markers; seeded by the run, so that a run can be repeated.
    :param check: called now and then while waiting; raises if the run is to end.
    :param exclusive: a second command before the first one has answered is a mistake.
    """

    def __init__(self, console: Channel, dialect: Dialect, *, nonces: random.Random,
                 check: Callable[[], None] = _nothing, exclusive: bool = False) -> None:
        self.console = console
        self.dialect = dialect
        self.check = check
        self._nonces = nonces
        self._exclusive = exclusive
        self.under_way: Running | None = None

    def run(self, command: str, deadline: Deadline) -> CommandResult:
        """Run one line of commands and return its status and output, whatever the status is.

        :raise UsageError: the shell refused the line, or it is too long.
        :raise GuestLost: no answer by the deadline, or an answer that stays damaged.
        """
        return self.begin(command).wait(deadline)

    def begin(self, command: str) -> Running:
        """Type the command and return; other consoles can be used while it runs.

        :raise UsageError: it is too long for one line of this shell, or another one runs still.
        """
        if self._exclusive and self.under_way is not None:
            raise UsageError(f"'{self.under_way.command}' is still running, nothing else can be asked",
                             where=self.console.name, hint="'sent', 'attacked' or 'chatted' must come before")
        nonce = self.nonce()
        start = self.console.mark()
        self.console.send(self.dialect.request(command, nonce))
        self.under_way = Running(self, command, nonce, start)
        return self.under_way

    def nonce(self) -> str:
        """A new marker."""
        return f"{self._nonces.getrandbits(32):08x}"


class Running:
    """A command that was typed and whose answer was not read yet.

    Its guest may move to another console meanwhile: positions count from the request, over all consoles.

    :param nonce: marker of its request.
    :param start: position of the console before it.
    """

    def __init__(self, shell: Shell, command: str, nonce: str, start: int) -> None:
        self.command = command
        self._shell = shell
        self._asked = nonce
        self._nonces = [nonce]
        self._before = b""
        self._base = start
        self._read = 0

    def follow(self, shell: Shell, start: int) -> None:
        """The guest goes on on another console, from `start` on; what it has printed so far counts."""
        self._before = self._text()
        self._shell.under_way, shell.under_way = None, self
        self._shell = shell
        self._base = start

    def interrupt(self) -> None:
        """Type Ctrl-C; `wait` gives what the command says then."""
        self._shell.console.send(_INTERRUPT)

    def wait(self, deadline: Deadline) -> CommandResult:
        """See `Shell.run`."""
        self._shell.under_way = None
        deadline = deadline.sub(_ENDLESS, f"answer to {self.command!r}")
        where = self._shell.console.name
        answer = self._answer(deadline)
        while answer.output is None:
            if not self._reprint():
                raise GuestLost(f"the answer to {self.command!r} is damaged", where=where)
            answer = self._answer(deadline)
        if answer.status is None:
            raise UsageError(f"the shell refused {self.command!r}: {_first_line(answer.output)}", where=where)
        return CommandResult(self.command, answer.status, answer.output.decode("utf-8", "replace"))

    def _text(self) -> bytes:
        return self._before + self._shell.console.text(self._base)

    def _answer(self, deadline: Deadline) -> Answer:
        """Wait for the next end marker that is ours."""
        while True:
            found = self._patiently(deadline)
            if found is not None:
                end, groups = found
                text = self._text()[self._read : end]
                self._read = end
                nonce, tail = (plain(group or b"") for group in groups)
                return self._shell.dialect.answer(text, nonce.decode(), tail.strip(), self._asked)
            self._reprint()

    def _patiently(self, deadline: Deadline) -> _Marker | None:
        """The next end marker, or None if it is time to ask for it again."""
        patience = deadline.sub(_PATIENCE, deadline.what)
        position = self._read
        while True:
            self._shell.check()
            part = patience.sub(_LOOK, patience.what)
            try:
                end, groups = self._marker(part, position)
                if plain(groups[0] or b"").decode() in self._nonces:
                    return end, groups
                position = end  # the late answer to an earlier request
            except Expired:
                if deadline.expired():
                    raise deadline.error(where=self._shell.console.name, last=self._last_line()) from None
                if patience.expired():
                    return None

    def _marker(self, part: Deadline, position: int) -> _Marker:
        """Where the next end marker from `position` on ends, and its groups."""
        console = self._shell.console
        if not self._before:
            found = console.wait_for(END_MARKER, part, start=self._base + position)
            return found.span[1] - self._base, found.groups
        while True:
            text = self._text()
            match = END_MARKER.search(text, position)
            if match is not None:
                return match.end(), match.groups()
            console.wait_for(_LINE_END, part, start=self._base + len(text) - len(self._before))

    def _reprint(self) -> bool:
        """Ask the shell to print the answer again; False if it cannot, or was asked often enough."""
        nonce = self._shell.nonce()
        request = self._shell.dialect.reprint(nonce)
        if request is None or len(self._nonces) > _REPRINTS:
            return False
        self._nonces.append(nonce)
        self._shell.console.send(request)
        return True

    def _last_line(self) -> str:
        lines = self._text()[self._read :].decode("utf-8", "replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "nothing")


def _first_line(output: bytes) -> str:
    return output.decode("utf-8", "replace").strip().split("\n")[0] or "no message"
