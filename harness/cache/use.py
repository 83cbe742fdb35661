# SPDX-License-Identifier: GPL-2.0-only
"""Who uses an entry: a lock that many processes share, and that the one who removes it must have alone.

    ROOT/locks/KEY.use    locked by each process that uses the entry, for as long as it does

The kernel gives a lock back when its process ends, however that happens.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def _file(root: Path, key: str) -> Path:
    return root / "locks" / f"{key}.use"


def _opened(file: Path, operation: int) -> int | None:
    """A descriptor with the lock, on the file that is there now; None if somebody has it."""
    while True:
        fd = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(fd, operation)
            if os.fstat(fd).st_nlink:  # else its entry was removed meanwhile, and the file with it
                return fd
        except BlockingIOError:
            os.close(fd)
            return None
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)


def _shared(root: Path, key: str) -> int | None:
    """None in a cache that cannot be written: nothing is removed from it either."""
    file = _file(root, key)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return _opened(file, fcntl.LOCK_SH)
    except OSError:
        return None


@contextmanager
def using(root: Path, key: str) -> Iterator[None]:
    """Within the context, nobody removes the entry."""
    fd = _shared(root, key)
    try:
        yield
    finally:
        if fd is not None:
            os.close(fd)


class Hold:
    """As long as this object lives, nobody removes the entry."""

    def __init__(self, root: Path, key: str) -> None:
        self._fd = _shared(root, key)

    def __del__(self) -> None:
        if self._fd is not None:
            os.close(self._fd)


def in_use(root: Path, key: str) -> bool:
    """Whether a process uses the entry now."""
    file = _file(root, key)
    if not file.exists():
        return False
    fd = _opened(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if fd is None:
        return True
    os.close(fd)
    return False


@contextmanager
def alone(root: Path, key: str) -> Iterator[bool]:
    """Whether nobody uses the entry; within the context nobody begins to."""
    file = _file(root, key)
    file.parent.mkdir(parents=True, exist_ok=True)
    fd = _opened(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if fd is None:
        yield False
        return
    try:
        yield True
        with suppress(FileNotFoundError):
            file.unlink()
    finally:
        os.close(fd)
