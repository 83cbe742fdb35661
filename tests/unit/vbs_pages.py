# SPDX-License-Identifier: GPL-2.0-only
"""Writes vbstore pages as vbstore.h tells, for tests that read them."""

from __future__ import annotations

import struct

from harness.abi.vbstore import MSG_REVISION, RING_SIZE, WRAP, msg_space


def message(kind: int, payload: bytes, number: int = 1, tx: int = 0, cookie: int = 5) -> bytes:
    """An encoded message, padded."""
    head = struct.pack("<6IQ", MSG_REVISION, kind, len(payload), number, tx, 0, cookie)
    return (head + payload).ljust(msg_space(len(payload)), b"\0")


def page(ring: bytes, cons: int, prod: int, domid: int = 2) -> bytes:
    """A vbstore page with this `req` ring; `rsp` is empty."""
    return b"".join((ring.ljust(RING_SIZE, b"\0"), bytes(RING_SIZE),
                     struct.pack("<3I3IH", cons, prod, prod, 0, 0, 0, domid))).ljust(4096, b"\0")


class RingWriter:
    """The writer of one ring, as vbstore.h tells."""

    def __init__(self, start: int) -> None:
        self.data = bytearray(RING_SIZE)
        self.prod = start

    def put(self, encoded: bytes) -> None:
        """Append a message, with the wrap before it if it would pass the end."""
        offset = self.prod % RING_SIZE
        if offset + len(encoded) > RING_SIZE:
            self.data[offset:offset + 4] = struct.pack("<I", WRAP)
            self.prod += RING_SIZE - offset
            offset = 0
        self.data[offset:offset + len(encoded)] = encoded
        self.prod += len(encoded)
