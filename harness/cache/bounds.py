# SPDX-License-Identifier: GPL-2.0-only
"""How large and how old a cache may become, and what goes when it is more."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from harness.cache.digest import LIST_NAME
from harness.cache.use import in_use
from harness.deadline import wall_clock
from harness.errors import UsageError

SIZE_VARIABLE, AGE_VARIABLE = "SOO_HARNESS_CACHE_GIB", "SOO_HARNESS_CACHE_DAYS"
_GIB, _DAY = 1 << 30, 86400.0
_DEFAULT_GIB, _DEFAULT_DAYS = 8.0, 30.0
_BLOCK = 512  # unit of st_blocks, whatever the file system's own is
_KEY = re.compile(r"(?P<kind>.+)-[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a cache may have: bytes on the disk, and seconds since an entry was used last."""

    size: float
    age: float

    @classmethod
    def chosen(cls) -> Bounds:
        """From $SOO_HARNESS_CACHE_GIB and $SOO_HARNESS_CACHE_DAYS; 8 GiB and 30 days without them.

        :raise UsageError: one of them is no positive number
        """
        return cls(_number(SIZE_VARIABLE, _DEFAULT_GIB) * _GIB, _number(AGE_VARIABLE, _DEFAULT_DAYS) * _DAY)


@dataclass(frozen=True, slots=True)
class Item:
    """Something in the cache.

    :ivar kind: what it is for: the part of its key before the digest, or the name of its folder.
    :ivar size: bytes that it takes on the disk; holes take none.
    :ivar made: when it was made, in seconds since 1970.
    :ivar used: when it was used last.
    :ivar entry: whether it is an entry; what is none stays, whatever the bounds are.
    """

    kind: str
    name: str
    size: int
    made: float
    used: float
    busy: bool
    entry: bool


class Bounded(Protocol):
    """What this module needs of a cache, see `harness.cache.store.Cache`."""

    @property
    def root(self) -> Path: ...
    def sweep(self) -> None: ...
    def remove(self, key: str) -> bool: ...


def survey(root: Path) -> list[Item]:
    """All that is in a cache, what was used last first."""
    entries = [_entry(root, path) for path in (root / "entries").glob("*") if path.is_dir()]
    others = [_folder(path) for name in ("debs", "apt", "venv", "broken") for path in root.glob(name)]
    return sorted((item for item in (*entries, *others) if item is not None), key=lambda item: -item.used)


def enforce(cache: Bounded, bounds: Bounds | None = None) -> list[Item]:
    """Remove entries until the cache is within its bounds; gives those that are gone.

    What is too old goes, then what was used least lately. An entry that a process uses stays, so does
    all that is no entry. What killed processes have left goes as well.

    :raise UsageError: see `Bounds.chosen`
    """
    bounds = bounds or Bounds.chosen()
    cache.sweep()
    items = survey(cache.root)
    total = sum(item.size for item in items)
    oldest = wall_clock().timestamp() - bounds.age
    removed = []
    for item in reversed(items):
        if item.entry and (item.used < oldest or total > bounds.size) and cache.remove(item.name):
            removed.append(item)
            total -= item.size
    return removed


def _entry(root: Path, path: Path) -> Item | None:
    match = _KEY.fullmatch(path.name)
    try:
        used = (path / LIST_NAME).stat().st_mtime
        made = path.stat().st_mtime
    except FileNotFoundError:  # another process removes it just now
        return None
    return Item(match["kind"] if match else path.name, path.name, on_disk(path), made, used,
                in_use(root, path.name), entry=True)


def _folder(path: Path) -> Item:
    made = path.stat().st_mtime
    return Item(path.name, "", on_disk(path), made, made, busy=False, entry=False)


def on_disk(folder: Path) -> int:
    """Bytes that a folder takes on the disk: a hole in a file is none."""
    return sum(_files(folder))


def _files(folder: Path) -> Iterator[int]:
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                yield os.lstat(os.path.join(place, name)).st_blocks * _BLOCK
            except FileNotFoundError:
                continue


def _number(variable: str, default: float) -> float:
    text = os.environ.get(variable)
    try:
        value = default if text is None else float(text)
    except ValueError:
        value = 0.0
    if not 0.0 < value < float("inf"):
        raise UsageError(f"{text!r} is not a positive number", where=f"variable {variable}",
                         hint="unset it or give a number such as 8")
    return value
