# SPDX-License-Identifier: GPL-2.0-only
"""What a machine takes of the host, and what the host has to give."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from harness.errors import UsageError
from harness.qemu.spec import MachineSpec

CORES_VARIABLE = "SOO_HARNESS_CORES"
# Measured with a guest of 512 MiB: a clone has 27-81 MiB of its own, also with MEs that move; a booted
# agency has 185-198 MiB.
_CLONE_MIB = 96
_QEMU_MIB = 64
# What is left to everything else on the host.
_SHARE = 0.8
_CGROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Amount:
    """Tokens: one per core, one per MiB of memory."""

    cores: int
    memory_mib: int

    def __add__(self, other: Self) -> Amount:
        return Amount(self.cores + other.cores, self.memory_mib + other.memory_mib)

    def fits(self, room: Amount) -> bool:
        """Whether `room` has as much of both."""
        return self.cores <= room.cores and self.memory_mib <= room.memory_mib

    def within(self, total: Amount) -> Amount:
        """The same, but never more than there is: who asks for more gets all."""
        return Amount(min(self.cores, total.cores), min(self.memory_mib, total.memory_mib))

    def __str__(self) -> str:
        return f"{self.cores} core{'s' * (self.cores != 1)} and {self.memory_mib} MiB"


def cost(spec: MachineSpec, machines: int = 1) -> Amount:
    """What so many machines of a kind take.

    A machine takes one core whatever its number of CPUs: on two cores, two machines with two CPUs each
    got most done, three no more, one less than half.
    """
    private = spec.ram is not None and not spec.ram.shared
    each = _CLONE_MIB if private else _QEMU_MIB + spec.memory_mib // 2
    return Amount(machines, machines * min(each, _QEMU_MIB + spec.memory_mib))


def host_total(groups: Path = _CGROUPS, own: Path = Path("/proc/self/cgroup")) -> Amount:
    """What all runs on this host share: usable cores and four fifths of the memory.

    Both as far as the control group of this process is allowed to go. $SOO_HARNESS_CORES replaces the cores.

    :raise UsageError: that variable is no number from 1 on
    """
    limits = [_read(folder) for folder in _folders(groups, own)]
    cores = min([len(os.sched_getaffinity(0)), *(limit.cores for limit in limits if limit.cores)])
    memory = min([_meminfo("MemTotal"), *(limit.memory_mib for limit in limits if limit.memory_mib)])
    return Amount(_chosen_cores() or cores, max(1, int(memory * _SHARE)))


def available_mib() -> int:
    """Memory that the host could give at this moment without swapping."""
    return _meminfo("MemAvailable")


def _chosen_cores() -> int | None:
    text = os.environ.get(CORES_VARIABLE)
    if not text:
        return None
    if not re.fullmatch(r"[1-9]\d{0,3}", text):
        raise UsageError(f"{text!r} is no number of cores", where=f"variable {CORES_VARIABLE}")
    return int(text)


def _meminfo(name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB", Path("/proc/meminfo").read_text(), re.MULTILINE)
    assert found is not None, name
    return int(found[1]) >> 10


def _folders(groups: Path, own: Path) -> Iterator[Path]:
    """Folders of the groups that this process is in, up to the root: each may set a limit.

    Inside a container the path is often that of the host and not there; then the root counts.
    """
    with suppress(OSError):
        for line in own.read_text().splitlines():
            _, names, path = line.split(":", 2)
            for root in [groups / names for names in names.split(",")] if names else [groups]:
                place = Path(path.lstrip("/"))
                yield from (root / folder for folder in (place, *place.parents))


def _read(folder: Path) -> Amount:
    """The limits of one group; 0 where it sets none. Files of both versions of control groups."""
    quota, period = 0, 0
    with suppress(OSError, ValueError):
        quota, period = map(int, (folder / "cpu.max").read_text().split())
    with suppress(OSError, ValueError):
        quota = int((folder / "cpu.cfs_quota_us").read_text())
        period = int((folder / "cpu.cfs_period_us").read_text())
    memory = 0
    for name in ("memory.max", "memory.limit_in_bytes"):
        with suppress(OSError, ValueError):
            memory = max(1, int((folder / name).read_text()) >> 20)
    return Amount(max(1, quota // period) if quota > 0 and period > 0 else 0, memory)
