# SPDX-License-Identifier: GPL-2.0-only
"""The files of a folder as one message: what a failed run has left, on its way to who looks at it."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from harness.cache import sparse
from harness.errors import HostError

# By name: size, and the blocks that are not zero with their places.
Parcel = dict[str, tuple[int, list[tuple[int, bytes]]]]
_LARGEST = 32 << 20


def pack(folder: Path, *, largest: int = _LARGEST) -> Parcel:
    """All files of a folder.

    :param largest: a file with more bytes in it, holes not counted, stays where it is.
    """
    parcel: Parcel = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.stat().st_blocks * 512 <= largest + 4096:
            blocks = list(sparse.blocks(path))
            if sum(len(block) for _, block in blocks) <= largest:
                parcel[path.relative_to(folder).as_posix()] = (path.stat().st_size, blocks)
    return parcel


def unpack(parcel: Parcel, folder: Path) -> None:
    """Write the files of a parcel.

    :raise HostError: a name leads out of the folder, or a file cannot be written
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, (size, blocks) in parcel.items():
        file = begin(folder, name, size, 0o666)
        try:
            for at, block in blocks:
                os.pwrite(file, block, at)
        finally:
            os.close(file)


def begin(folder: Path, name: str, size: int, mode: int) -> int:
    """A descriptor of a new file of this size, all zero.

    :raise HostError: the name leads out of the folder, or the file cannot be made
    """
    place = PurePosixPath(name)
    if place.is_absolute() or ".." in place.parts:
        raise HostError(f"a file called {name!r} is refused", where=str(folder))
    path = folder / place
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        os.truncate(file, size)
    except OSError as error:
        raise HostError(f"cannot write: {error.strerror}", where=str(path)) from error
    return file
