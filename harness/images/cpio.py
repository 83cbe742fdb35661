# SPDX-License-Identifier: GPL-2.0-only
"""Writing an initramfs: a cpio archive in the `newc` format, the same bytes for the same content.

The format is described in the kernel's documentation, driver-api/early-userspace/buffer-format.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

_TRAILER = "TRAILER!!!"


@dataclass(frozen=True, slots=True)
class _Item:
    mode: int
    content: bytes = b""
    device: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class Archive:
    """Content of a root file system; parent folders are made as needed, all owned by root."""

    _items: dict[str, _Item] = field(default_factory=dict)

    def folder(self, name: str) -> None:
        """Add a folder, and those above it."""
        self._add(name, _Item(stat.S_IFDIR | 0o755))

    def file(self, name: str, content: bytes | Path, *, executable: bool = False) -> None:
        """Add a file.

        :param content: its bytes, or the file to read them from.
        """
        data = content.read_bytes() if isinstance(content, Path) else content
        self._add(name, _Item(stat.S_IFREG | (0o755 if executable else 0o644), data))

    def link(self, name: str, target: str) -> None:
        """Add a symbolic link."""
        self._add(name, _Item(stat.S_IFLNK | 0o777, target.encode()))

    def character_device(self, name: str, major: int, minor: int) -> None:
        """Add a device node; the kernel opens /dev/console before anything is mounted."""
        self._add(name, _Item(stat.S_IFCHR | 0o600, device=(major, minor)))

    def tobytes(self) -> bytes:
        """The archive: sorted names (so folders come before what is in them), all times zero."""
        parts = []
        for number, (name, item) in enumerate(sorted(self._items.items()), start=1):
            parts.append(_record(name, item, number))
        parts.append(_record(_TRAILER, _Item(0), 0))
        return b"".join(parts)

    def _add(self, name: str, item: _Item) -> None:
        path = PurePosixPath(name.lstrip("/"))
        if str(path.parent) != ".":
            self._items.setdefault(str(path.parent), _Item(stat.S_IFDIR | 0o755))
            for parent in path.parent.parents:
                if str(parent) != ".":
                    self._items.setdefault(str(parent), _Item(stat.S_IFDIR | 0o755))
        self._items[str(path)] = item


def _record(name: str, item: _Item, number: int) -> bytes:
    encoded = name.encode() + b"\0"
    links = 2 if stat.S_ISDIR(item.mode) else 1
    fields = (number, item.mode, 0, 0, links, 0, len(item.content), 0, 0, *item.device, len(encoded), 0)
    head = b"070701" + b"".join(b"%08X" % value for value in fields)
    return _padded(head + encoded) + _padded(item.content)


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)
