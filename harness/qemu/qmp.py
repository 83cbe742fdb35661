# SPDX-License-Identifier: GPL-2.0-only
"""QEMU's control channel for code without coroutines: qemu.qmp in an event loop of its own thread."""

import asyncio
import json
import logging
import socket
import threading
from collections.abc import Callable, Coroutine, Mapping
from concurrent import futures
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO, TypeVar

from qemu.qmp import (
    ConnectError,
    ExecInterruptedError,
    ExecuteError,
    Message,
    QMPClient,
    QMPError,
    Runstate,
    StateError,
)

from harness.deadline import Deadline, now_ns
from harness.errors import HostError, QemuExited, QmpRefused

# It logs each lost session as an error; here that becomes an exception, or is meant. By level, not by
# propagation: pytest also collects what loggers keep to themselves.
logging.getLogger("qemu.qmp").setLevel(logging.CRITICAL + 1)

_T = TypeVar("_T")
_PLACE = "QMP"


@dataclass(frozen=True, slots=True)
class Event:
    """An event that QEMU sent.

    :param time: when it came, monotonic nanoseconds
    """

    name: str
    data: Mapping[str, Any]  # Any: JSON of a shape that depends on the event
    time: int


class _LoggedClient(QMPClient):
    """A client that writes each message, with direction and time, as one line of JSON."""

    def __init__(self, log: TextIO) -> None:
        super().__init__("machine")
        self._log = log
        self.sent = 0

    def _write(self, direction: str, message: Message) -> Message:
        json.dump({"ns": now_ns(), "direction": direction, "message": dict(message)}, self._log)
        self._log.write("\n")
        return message

    def _cb_outbound(self, msg: Message) -> Message:
        self.sent += 1
        return self._write("out", super()._cb_outbound(msg))

    def _cb_inbound(self, msg: Message) -> Message:
        return self._write("in", super()._cb_inbound(msg))


class Qmp:
    """A QMP session on a connected socket; entering negotiates, leaving closes it.

    Methods may be called from any thread.

    :param sock: our end of the channel; owned from now on
    :param log: file that gets all traffic as lines of JSON
    :param deadline: by when QEMU must have greeted
    :param lost: makes the error for a session that has ended
    :raise QemuExited: QEMU closed the channel before its greeting
    :raise Expired: no greeting in time
    """

    def __init__(self, sock: socket.socket, log: Path, *, deadline: Deadline,
                 lost: Callable[[], QemuExited] | None = None) -> None:
        self._sock = sock
        self._log_path = log
        self._greeting_deadline = deadline
        self._lost = lost or (lambda: QemuExited("the QMP session has ended", where=_PLACE))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="soo-qmp", daemon=True)
        self._events: list[Event] = []
        self._heed: Callable[[str], None] | None = None
        self._came = threading.Condition()
        self._ended = False
        self._connecting: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        try:
            self._log = self._log_path.open("w", buffering=1)
        except OSError as error:
            raise HostError(f"cannot make the log: {error}", where=_PLACE) from error
        self._client = _LoggedClient(self._log)
        self._thread.start()
        try:
            self._call(self._connect(), self._greeting_deadline)
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None,
                 tb: TracebackType | None) -> None:
        self._close()

    def execute(self, command: str, arguments: Mapping[str, object] | None = None, *,
                deadline: Deadline | None = None) -> Any:  # Any: JSON of a shape that depends on the command
        """Run a QMP command and return the `return` member of the reply.

        :param deadline: 20 s (scaled) if None
        :raise QmpRefused: QEMU answered with an error
        :raise QemuExited: the session has ended, or ends before the reply
        :raise Expired: no reply in time
        """
        limit = deadline or Deadline.after(20, f"QMP command {command}")
        try:
            return self._call(self._client.execute(command, arguments), limit)
        except ExecuteError as error:
            raise QmpRefused(f"{command}: {error}", command=command,
                             error_class=error.error_class, where=_PLACE) from error

    def begin(self, command: str) -> futures.Future[object]:
        """Send a command without arguments; QEMU has it in its socket now, and replies when it likes.

        :raise QemuExited: the session has ended
        """
        limit = Deadline.after(20, f"QMP command {command}")
        before = self._client.sent
        future = asyncio.run_coroutine_threadsafe(self._client.execute(command), self._loop)
        while self._client.sent == before and not future.done():
            self._call(asyncio.sleep(0), limit)
        self._call(asyncio.sleep(0), limit)  # the step of the loop that has counted it has also sent it
        return future

    def human(self, command: str, *, deadline: Deadline | None = None) -> str:
        """Run a command of the human monitor and return its text; errors as in `execute`."""
        return str(self.execute("human-monitor-command", {"command-line": command}, deadline=deadline))

    def status(self) -> str:
        """QEMU's run state, for instance `running`, `paused` or `prelaunch`."""
        return str(self.execute("query-status")["status"])

    def stop(self) -> None:
        """Stop all CPUs."""
        self.execute("stop")

    def cont(self) -> None:
        """Let all CPUs run."""
        self.execute("cont")

    def events(self) -> list[Event]:
        """All events so far."""
        with self._came:
            return list(self._events)

    def on_event(self, heed: Callable[[str], None] | None) -> None:
        """Call `heed` with the name of each event from now on; None: nobody. It must not use this session."""
        with self._came:
            self._heed = heed

    def wait_event(self, name: str, deadline: Deadline, *, start: int = 0) -> Event:
        """The first event called `name` among `events()[start:]`, waited for if need be.

        :raise Expired: it did not come in time
        :raise QemuExited: the session ended without it
        """
        with self._came:
            deadline.wait_for(self._came, lambda: self._ended or self._find(name, start))
            found = self._find(name, start)
            ended = self._ended
        if found:
            return found
        if ended:
            raise self._lost()
        raise deadline.error(where=f"{_PLACE} event {name}")

    def _find(self, name: str, start: int) -> Event | None:
        return next((event for event in self._events[start:] if event.name == name), None)

    async def _connect(self) -> None:
        self._connecting = asyncio.current_task()
        self._sock.setblocking(False)
        await self._client.connect(self._sock)
        # The loop keeps weak references to tasks only.
        self._tasks = (asyncio.create_task(self._listen()), asyncio.create_task(self._watch()))

    async def _listen(self) -> None:
        async for message in self._client.events:
            data = message.get("data")
            event = Event(str(message["event"]), data if isinstance(data, dict) else {}, now_ns())
            with self._came:
                self._events.append(event)
                self._came.notify_all()
                heed = self._heed
            if heed is not None:
                heed(event.name)

    async def _watch(self) -> None:
        """Notice the end of the session."""
        while (await self._client.runstate_changed()).name == "RUNNING":
            pass
        with self._came:
            self._ended = True
            self._came.notify_all()

    async def _disconnect(self) -> None:
        """End the session. A connect that was given up cleans up after itself, and must have done so."""
        if self._connecting is not None and not self._connecting.done():
            self._connecting.cancel()
            await asyncio.wait((self._connecting,))
        if self._client.runstate is Runstate.IDLE:
            return
        with suppress(EOFError, OSError, QMPError):  # how it ended was told to who waited
            await self._client.disconnect()

    def _call(self, work: Coroutine[Any, Any, _T], deadline: Deadline) -> _T:
        if self._loop.is_closed():
            work.close()
            raise self._lost()
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            while not futures.wait((future,), deadline.patience()).done:
                if deadline.expired():
                    future.cancel()
                    raise deadline.error(where=_PLACE)
            return future.result()
        except (ConnectError, ExecInterruptedError, StateError, EOFError, ConnectionError) as error:
            raise self._lost() from error
        except BaseException:
            future.cancel()
            raise

    def _run(self) -> None:
        """The thread: run the loop until it is stopped, then end whatever it still has."""
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
            left = asyncio.all_tasks(self._loop)
            for task in left:
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        finally:
            self._loop.close()

    def _close(self) -> None:
        future = asyncio.run_coroutine_threadsafe(self._disconnect(), self._loop)
        try:
            with suppress(TimeoutError):
                future.result(Deadline.after(5, "end of the QMP session").remaining())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._sock.close()
            self._log.close()
