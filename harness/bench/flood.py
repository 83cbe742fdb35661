# SPDX-License-Identifier: GPL-2.0-only
"""Run as a program: prints a storm of kernel-like lines into a socket. Standard library only.

    flood.py DESCRIPTOR BYTES

It waits for one byte, then sends BYTES bytes of lines and a last line `MARKER SHA256-OF-THE-LINES`.
"""

import hashlib
import os
import sys

MARKER = b"flood-is-over"

_LINES = 12_000


def lines() -> bytes:
    """A megabyte of lines as a verbose guest prints them; none of them is a failure."""
    return b"".join(
        b"[%5d.%06d] soo_vdummy backend/vdummy/2/0: ring req_prod=%d req_cons=%d, task blocked: no\r\n"
        % (number // 1000, number * 977 % 1_000_000, number, number * 31 % 9973)
        for number in range(_LINES))


def main(descriptor: int, size: int) -> None:
    """Send the storm."""
    block = memoryview(lines())
    digest = hashlib.sha256()
    os.read(descriptor, 1)
    while size > 0:
        piece = block[:size]
        size -= len(piece)
        digest.update(piece)
        _write(descriptor, piece)
    _write(descriptor, memoryview(b"\n" + MARKER + b" " + digest.hexdigest().encode() + b"\n"))


def _write(descriptor: int, data: memoryview) -> None:
    while data:
        data = data[os.write(descriptor, data):]


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
