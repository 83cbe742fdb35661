# SPDX-License-Identifier: GPL-2.0-only
"""Tokens that processes of one host share: first come, first served, given back by the kernel.

    FOLDER/mutex                                  held while the others are looked at
    FOLDER/TICKET.STATE.CORES.MIB.PID.NAME        a request: `waiting` or `granted`

A request is a FIFO that its process keeps open and locked (`flock`). Nobody ever writes into it. The
lock says that the request is alive; whoever waits polls the FIFO and is woken when the last writer has
closed it, which the kernel sees to when a process ends, however it ends. The kernel drops the lock of a
file before it wakes those who poll it, and a reader that opened the FIFO while it was locked does see
the end: so no wake-up is lost and nobody has to ask again and again.

A request is granted when it fits beside all that were granted and all that came earlier. So a big one
is not overtaken for ever by small ones, and each takes all it needs or nothing.
"""

from __future__ import annotations

import fcntl
import os
import select
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, unquote

from harness.deadline import Deadline, now
from harness.errors import HostError
from harness.schedule.amount import Amount

_WAITING, _GRANTED = "waiting", "granted"
_LONGEST_NAME = 120
_UNTIL_TOLD_S = 3.0
_MEMORY_MARGIN_MIB = 128

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Request:
    """One request, as its file is called."""

    ticket: int
    state: str
    amount: Amount
    pid: int
    who: str

    @property
    def granted(self) -> bool:
        """Whether it holds its tokens."""
        return self.state == _GRANTED

    @property
    def file(self) -> str:
        """Name of its FIFO."""
        who = quote(self.who, safe="")[:_LONGEST_NAME]
        parts = (f"{self.ticket:012d}", self.state, self.amount.cores, self.amount.memory_mib, self.pid, who)
        return ".".join(map(str, parts))

    @classmethod
    def parse(cls, file: str) -> Request | None:
        """The request with a file of this name; None if it is no request."""
        try:
            ticket, state, cores, memory, pid, who = file.split(".", 5)
            return cls(int(ticket), state, Amount(int(cores), int(memory)), int(pid), unquote(who))
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"{self.who} (process {self.pid})"


def may_have(mine: Request, others: Iterable[Request], total: Amount, available_mib: int) -> bool:
    """Whether a request can be granted now.

    A process that holds tokens already gets what it asks for: who it waited for might wait for it.

    :param available_mib: what the host has free; of no account while nothing is granted, since then
        nothing will be given back either.
    """
    granted = [other for other in others if other.granted]
    if any(other.pid == mine.pid for other in granted):
        return True
    taken = mine.amount.within(total)
    if granted and taken.memory_mib + _MEMORY_MARGIN_MIB > available_mib:
        return False
    for other in others:
        if other.granted or other.ticket < mine.ticket:
            taken += other.amount.within(total)
    return taken.fits(total)


class Tokens:
    """The tokens of one folder.

    :param total: what all processes that use the folder share.
    :param available_mib: gives the memory that the host has free.
    :param tell: is told once by whoever waits for some seconds, in one line.
    """

    def __init__(self, folder: Path, total: Amount, available_mib: Callable[[], int], tell: Tell) -> None:
        self._folder = folder
        self._total = total
        self._available_mib = available_mib
        self._tell = tell

    @contextmanager
    def taken(self, amount: Amount, who: str) -> Iterator[float]:
        """Hold tokens; gives the seconds that it took to get them.

        :param who: what others are told who have to wait.
        :raise HostError: the folder cannot be used
        """
        began = now()
        with ExitStack() as stack:
            try:
                stack.enter_context(self._granted(amount, who))
            except OSError as error:
                raise HostError(f"cannot keep the books about tokens: {error.strerror or error}",
                                where=str(error.filename or self._folder)) from error
            yield now() - began

    def requests(self) -> list[Request]:
        """All requests that are alive, the earliest first."""
        with self._mutex(), ExitStack() as stack:
            return list(self._alive(stack))

    @contextmanager
    def _granted(self, amount: Amount, who: str) -> Iterator[None]:
        """Enter a request, wait until it is granted, take it out at the end."""
        with self._mutex(), ExitStack() as stack:
            last = max((other.ticket for other in self._alive(stack)), default=0)
            mine = Request(last + 1, _WAITING, amount, os.getpid(), who)
            path = self._folder / mine.file
            os.mkfifo(path, 0o600)
            own = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            fcntl.flock(own, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            mine = self._wait(mine)
            yield
        finally:
            for state in (_WAITING, _GRANTED):  # Ctrl-C may have come between the two
                with suppress(FileNotFoundError):
                    (self._folder / replace(mine, state=state).file).unlink()
            os.close(own)

    def _wait(self, mine: Request) -> Request:
        patience: Deadline | None = Deadline.after_real(_UNTIL_TOLD_S, "tokens")
        while True:
            with ExitStack() as stack:
                with self._mutex():
                    alive = self._alive(stack)
                    others = {other: fd for other, fd in alive.items() if other.ticket != mine.ticket}
                    if may_have(mine, others, self._total, self._available_mib()):
                        granted = replace(mine, state=_GRANTED)
                        (self._folder / mine.file).rename(self._folder / granted.file)
                        return granted
                if patience is not None and patience.expired():
                    self._tell(_told(mine, others))
                    patience = None
                _until_one_ends(others.values(), patience)

    def _alive(self, stack: ExitStack) -> dict[Request, int]:
        """Requests whose process lives, with a descriptor of each; what dead ones left is removed."""
        found = {}
        for file in sorted(os.listdir(self._folder)):
            request = Request.parse(file)
            if request is None:
                continue
            try:
                fd = os.open(self._folder / file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            except FileNotFoundError:
                continue  # given back just now
            stack.callback(os.close, fd)
            try:
                fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                found[request] = fd
                continue
            with suppress(FileNotFoundError):
                (self._folder / file).unlink()
        return found

    @contextmanager
    def _mutex(self) -> Iterator[None]:
        self._make_folder()
        fd = os.open(self._folder / "mutex", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield
        finally:
            os.close(fd)

    def _make_folder(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._folder.is_symlink() or self._folder.stat().st_uid != os.getuid():
            raise HostError("the folder of the tokens belongs to somebody else", where=str(self._folder),
                            hint="set SOO_HARNESS_TOKENS to a folder of your own")


def _until_one_ends(descriptors: Iterable[int], patience: Deadline | None) -> None:
    watch = select.poll()
    for fd in descriptors:
        watch.register(fd, 0)  # the end of the last writer is always reported
    watch.poll(None if patience is None else patience.remaining() * 1000 + 1)


def _told(mine: Request, others: Iterable[Request]) -> str:
    holders = ", ".join(str(other) for other in others if other.granted)
    before = sum(not other.granted and other.ticket < mine.ticket for other in others)
    queue = f", {before} before it in the queue" if before else ""
    return f"{mine.who} waits for {mine.amount}{queue}; held by {holders or 'nobody'}"
