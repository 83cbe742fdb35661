# SPDX-License-Identifier: GPL-2.0-only
"""Stamps: an entry that was verified, byte by byte, and not touched since, is not read again.

    ROOT/stamps/KEY.json    since which boot of the host, and for each file what changes when it is written

The inode's change time cannot be set by any program, so whoever writes to a file, or replaces it, makes
the stamp void. What a stamp cannot see, such as blocks lost when the power went, it does not claim: it
holds until the host is booted again.
"""

from __future__ import annotations

import json
import select
from contextlib import suppress
from pathlib import Path

from harness.cache.digest import LIST_NAME, file_digest
from harness.deadline import wall_clock

FOLDER = "stamps"
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
# A file that was changed so short a time ago, in nanoseconds, may change again without another time.
_GRANULARITY_NS = 50_000_000

Stamp = dict[str, object]


def stamp_of(entry: Path, since_ns: float | None = None) -> Stamp | None:
    """What an entry looks like now; None if that proves nothing, as when it has just been written.

    :param since_ns: no file may have been touched since then, and shortly before; default: now
    """
    since_ns = wall_clock().timestamp() * 1e9 if since_ns is None else since_ns
    try:
        boot = _BOOT_ID.read_text().strip()
        names = sorted(json.loads((entry / LIST_NAME).read_text()))
        stats = {name: (entry / name).stat() for name in names}
        found: Stamp = {"boot": boot, "list": file_digest(entry / LIST_NAME)}
    except (OSError, ValueError, TypeError):
        return None
    latest = max((stat.st_ctime_ns for stat in stats.values()), default=0)
    if latest > since_ns - _GRANULARITY_NS:
        return None
    for name, stat in stats.items():
        found[f"file {name}"] = [stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns]
    return found


def rest() -> float:
    """Wait until what was written before is old enough; gives the time, for `stamp_of`."""
    select.select([], [], [], _GRANULARITY_NS / 1e9)
    return wall_clock().timestamp() * 1e9


def holds(file: Path, stamp: Stamp | None) -> bool:
    """Whether an entry looks as it did when the stamp in `file` was written."""
    if stamp is None:
        return False
    try:
        return bool(json.loads(file.read_text()) == stamp)
    except (OSError, ValueError):
        return False


def write(file: Path, stamp: Stamp) -> None:
    """Note that an entry that looks like this was verified; a cache that cannot be written goes without."""
    beside = file.with_name(f"{file.name}.{id(stamp):x}")
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(json.dumps(stamp))
        beside.replace(file)
