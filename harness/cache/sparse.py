# SPDX-License-Identifier: GPL-2.0-only
"""Large files of which most is a hole, such as the memory of a machine."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

_BLOCK = 1 << 16


def digest(path: Path) -> str:
    """SHA-256 of the blocks of a file that are not zero, with their places, as hexadecimal text.

    Holes cost no time, and it does not matter whether zeros are holes: a memory of 512 MB of which
    70 MB are in use takes 0.05 s.

    :raise OSError: the file cannot be read.
    """
    total = hashlib.sha256()
    for at, block in blocks(path):
        total.update(at.to_bytes(8, "little") + block)
    return total.hexdigest()


def copy(source: Path, target: Path) -> None:
    """Copy a file; what is zero becomes a hole.

    :raise OSError: a file cannot be read or written.
    """
    with target.open("wb", buffering=0) as out:
        out.truncate(source.stat().st_size)
        for at, block in blocks(source):
            os.pwrite(out.fileno(), block, at)


def blocks(path: Path) -> Iterator[tuple[int, bytes]]:
    """Place and content of each block that is not zero."""
    with path.open("rb", buffering=0) as stream:
        for at in _places(stream.fileno()):
            block = os.pread(stream.fileno(), _BLOCK, at)
            if block.count(0) != len(block):
                yield at, block


def _places(fd: int) -> Iterator[int]:
    """Offsets of the blocks in which the file has data."""
    at = 0
    size = os.fstat(fd).st_size
    while at < size:
        try:
            begin = os.lseek(fd, at, os.SEEK_DATA)
        except OSError:  # nothing but a hole from `at` on
            return
        end = os.lseek(fd, begin, os.SEEK_HOLE)
        at = max(at, begin - begin % _BLOCK)
        while at < end:
            yield at
            at += _BLOCK
