# SPDX-License-Identifier: GPL-2.0-only
"""Serves the side in gdb: orders as lines of JSON on a socket, one answer each.

    {"do": "executed"}                  -> {"executed": N}: instructions so far
    {"do": "ended"}                     -> {"ended": B}: whether the replay is at the end of its log
    {"do": "again"}                     -> {"gdb": PATH}: the replay begins anew, gdb connects there
    {"do": "stop-at", "executed": N}    -> {}: the machine stops when it has executed so many
    {"do": "kernel-tables"}             -> {"root": N, "va_bits": N, "page_size": N}

What cannot be done is answered with {"error": TEXT}.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from harness.errors import HarnessError, UsageError

Order = Mapping[str, Any]  # Any: JSON
Answer = Mapping[str, object]
Serve = Callable[[Order], Answer]


class Control:
    """The serving side; entering begins to serve, leaving ends it and hangs up on all clients.

    :param path: the socket, made here
    :param serve: carries out one order, in a thread of its client
    """

    def __init__(self, path: Path, serve: Serve) -> None:
        self.path = path
        self._serve = serve
        self._listener = socket.socket(socket.AF_UNIX)
        self._thread = threading.Thread(target=self._run, name="soo-debug", daemon=True)
        self._clients: list[tuple[socket.socket, threading.Thread]] = []

    def __enter__(self) -> Self:
        self._listener.bind(str(self.path))
        self._listener.listen()
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None,
                 tb: TracebackType | None) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        for client, thread in self._clients:
            _hang_up(client)
            thread.join()
        self._listener.close()
        self.path.unlink(missing_ok=True)

    def _run(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # it was shut down: we are to end
                return
            thread = threading.Thread(target=self._talk, args=(client,), name="soo-debug-client", daemon=True)
            self._clients.append((client, thread))
            thread.start()

    def _talk(self, client: socket.socket) -> None:
        try:
            with client, client.makefile("rw", encoding="utf-8") as lines:
                self._answer_all(lines)
        except OSError:  # the client has gone
            return

    def _answer_all(self, lines: TextIO) -> None:
        for line in lines:
            lines.write(json.dumps(self._answer(line)) + "\n")
            lines.flush()

    def _answer(self, line: str) -> Answer:
        try:
            return self._serve(json.loads(line))
        except (HarnessError, ValueError, KeyError) as error:
            return {"error": str(error) or type(error).__name__}


def _hang_up(client: socket.socket) -> None:
    try:
        client.shutdown(socket.SHUT_RDWR)
    except OSError:  # it has gone already
        return


def unknown(order: Order) -> UsageError:
    """The error for an order that nobody knows here."""
    return UsageError(f"cannot do {order.get('do')!r} on this machine")
