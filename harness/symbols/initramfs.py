# SPDX-License-Identifier: GPL-2.0-only
"""Files of an initramfs: an uncompressed cpio archive (Documentation/driver-api/early-userspace)."""

from __future__ import annotations

from collections.abc import Iterator

from harness.errors import UsageError

_MAGIC = b"070701"
_HEAD = 110
_SIZE, _NAME_SIZE = 6, 11  # numbers of fields of eight hexadecimal digits each
_LAST = "TRAILER!!!"


def files(archive: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file.

    :raise UsageError: it is no such archive
    """
    at = 0
    while True:
        head = archive[at:at + _HEAD]
        if len(head) < _HEAD or not head.startswith(_MAGIC):
            raise UsageError("is no uncompressed initramfs", where=f"offset {at}")
        size, name_size = _field(head, _SIZE), _field(head, _NAME_SIZE)
        name = archive[at + _HEAD:at + _HEAD + name_size - 1].decode("utf-8", "replace")
        if name == _LAST:
            return
        start = _padded(at + _HEAD + name_size)
        yield name, archive[start:start + size]
        at = _padded(start + size)


def _field(head: bytes, number: int) -> int:
    start = len(_MAGIC) + 8 * number
    return int(head[start:start + 8], 16)


def _padded(position: int) -> int:
    return (position + 3) & ~3
