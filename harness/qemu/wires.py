# SPDX-License-Identifier: GPL-2.0-only
"""The socket pairs between the harness and QEMU."""

import socket
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Self

# Bytes on their way to us. A port of the guest that finds no room is served by QEMU's main loop later, at a
# moment of the host's. Small writes cost the kernel 768 bytes each.
_ROOM = 8 << 20
_SO_SNDBUFFORCE = 32


def _widen(end: socket.socket) -> None:
    """As much room as we may have: beyond the system's limit root only."""
    try:
        end.setsockopt(socket.SOL_SOCKET, _SO_SNDBUFFORCE, _ROOM)
    except PermissionError:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _ROOM)


class Wires:
    """One socket pair for each name: `near` ends are ours, `far` ends go to QEMU.

    Entering makes all or none; leaving closes all. The far ends must be closed here as soon as QEMU
    has inherited them, or its death would not be seen as an end of the channel.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(names)
        self.near: dict[str, socket.socket] = {}
        self._far: dict[str, socket.socket] = {}

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            for name in self._names:
                near, far = socket.socketpair()
                _widen(far)
                self.near[name] = opening.enter_context(near)
                self._far[name] = opening.enter_context(far)
            self._open = opening.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None,
                 tb: TracebackType | None) -> None:
        self._open.close()

    @property
    def far(self) -> Mapping[str, int]:
        """Descriptors of the far ends."""
        return {name: far.fileno() for name, far in self._far.items()}

    def hand_over(self) -> None:
        """Close the far ends: QEMU has its own copies."""
        for far in self._far.values():
            far.close()
