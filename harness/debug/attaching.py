# SPDX-License-Identifier: GPL-2.0-only
"""The other side of `harness.debug.door`: into the machine of a scenario that another process runs."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from harness.deadline import Deadline
from harness.debug.door import FILE
from harness.errors import GuestLost, UsageError


class Attached:
    """A connection to the door of a run.

    :raise UsageError: the run holds no machine
    """

    def __init__(self, run_dir: Path) -> None:
        self._where = str(run_dir)
        if not run_dir.is_dir():
            raise UsageError("no such folder of a run", where=self._where, hint="look into build/runs")
        self._lock = threading.Lock()
        self._sock = socket.socket(socket.AF_UNIX)
        try:
            self._sock.connect(json.loads((run_dir / FILE).read_text())["socket"])
        except (OSError, ValueError, KeyError) as error:
            self._sock.close()
            raise UsageError("the run holds no machine", where=self._where,
                             hint="run with --pause-on-failure, --keep or --gdb, attach meanwhile") from error
        self._lines = self._sock.makefile("rw", encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        with suppress(OSError):  # an order that could not be sent is flushed once more
            self._lines.close()
        self._sock.close()

    def ask(self, what: str, **more: object) -> dict[str, Any]:  # Any: JSON
        """Give an order and return the answer.

        :raise UsageError: it is refused
        :raise GuestLost: the run has ended
        """
        with self._lock:
            try:
                self._lines.write(json.dumps({"do": what, **more}) + "\n")
                self._lines.flush()
                line = self._lines.readline()
            except (OSError, ValueError):  # the connection is gone, or was closed here
                line = ""
        if not line:
            raise GuestLost("the run has ended", where=self._where)
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise UsageError(str(answer["error"]), where=self._where)
        return answer


class FarConsole:
    """A console behind the door, for the terminal."""

    def __init__(self, attached: Attached, name: str) -> None:
        self._attached = attached
        self.name = name

    def send(self, data: bytes) -> None:
        """Type to the guest."""
        self._attached.ask("send", console=self.name, data=data.decode("latin-1"))

    def read_some(self, position: int, size: int, deadline: Deadline) -> bytes | None:
        """What came from `position` on, waited for; None at the end of the channel."""
        while not deadline.expired():
            answer = self._attached.ask("read", console=self.name, position=position)
            if answer["data"] or answer["ended"]:
                return str(answer["data"]).encode("latin-1") or None
        return b""
