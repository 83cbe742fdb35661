# SPDX-License-Identifier: GPL-2.0-only
"""Where the CPUs of a stopped machine are, and which calls led there."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.errors import QmpRefused
from harness.qemu import memory
from harness.qemu.qmp import Qmp

Read = Callable[[int, int], bytes | None]
"""Bytes at a virtual address, or None if nothing is mapped there."""

_CPU = re.compile(r"^CPU#(\d+)\s*$", re.MULTILINE)
_PLACE = ("PC", "SP", "X29", "X30")
_LEVEL = re.compile(r"\bEL([0-3])[ht]?\b")
_RECORD = struct.Struct("<QQ")
_PAGE = 4096
_MOST_FRAMES = 32


@dataclass(frozen=True, slots=True)
class Registers:
    """What tells where an AArch64 CPU is.

    :ivar level: exception level: 0 programs, 1 kernels, also those of guests inside, 2 their hypervisor.
    :ivar values: what X0 to X28 hold.
    """

    cpu: int
    pc: int
    sp: int
    fp: int
    lr: int
    level: int
    values: tuple[int, ...] = ()


def parse(text: str) -> list[Registers]:
    """The registers of each CPU, from the text of `memory.registers`; empty for another architecture."""
    parts = _CPU.split(text)
    found = []
    for number, part in zip(parts[1::2], parts[2::2], strict=True):
        values = dict(re.findall(r"\b(PC|SP|X\d\d)=([0-9a-fA-F]+)", part))
        level = _LEVEL.search(part)
        if values.keys() >= {*_PLACE} and level is not None:
            pc, sp, fp, lr = (int(values.pop(name), 16) for name in _PLACE)
            found.append(Registers(int(number), pc, sp, fp, lr, int(level[1]),
                                   tuple(int(value, 16) for value in values.values())))
    return found


class Virtual:
    """Memory as a CPU of a stopped machine sees it now; pages are read once.

    :param workdir: folder for files that exist during a read only
    """

    def __init__(self, qmp: Qmp, cpu: int, workdir: Path) -> None:
        self._qmp = qmp
        self._cpu = cpu
        self._workdir = workdir
        self._pages: dict[int, bytes | None] = {}

    def read(self, address: int, size: int) -> bytes | None:
        """`size` bytes, at most a page."""
        start = address & ~(_PAGE - 1)
        data = self._page(start) if address >= 0 else None
        if data is not None and address + size > start + _PAGE:
            following = self._page(start + _PAGE)
            data = data + following if following is not None else None
        return data[address - start:address - start + size] if data is not None else None

    def _page(self, start: int) -> bytes | None:
        if start not in self._pages:
            try:
                self._pages[start] = memory.read_virtual(self._qmp, self._cpu, start, _PAGE, self._workdir)
            except QmpRefused:
                self._pages[start] = None
        return self._pages[start]


def calls(at: Registers, read: Read, function: Callable[[int], object]) -> list[int]:
    """Where a CPU is, then the calls that led there, the innermost first (AAPCS64, section 6.4.6).

    Each function keeps the frame pointer of its caller and its return address on the stack, but for one
    that calls no other: its caller is in the link register alone.

    :param function: what tells functions apart, for an address
    """
    returns = list(frames(at.fp, read))
    leaf = function(at.lr - 4) not in (None, function(at.pc)) and at.lr not in returns[:1]
    return [at.pc, *([at.lr - 4] if leaf else []), *(address - 4 for address in returns)]


def frames(fp: int, read: Read) -> Iterator[int]:
    """Return addresses of a chain of frames; it ends where no stack can be."""
    for _ in range(_MOST_FRAMES):
        record = read(fp, _RECORD.size) if fp and fp % 8 == 0 else None
        if record is None:
            return
        above, address = _RECORD.unpack(record)
        if not address:
            return
        yield address
        fp = above
