# SPDX-License-Identifier: GPL-2.0-only
"""The memory of a machine as a file that crash and drgn take for the dump of a crashed Linux.

QEMU writes an ELF core file with what is in memory and in the registers, and a note about the kernel only if
the guest has handed one to a device. The kernel keeps that note in its memory all the same; here it is looked
for there, and put beside QEMU's own notes. Pages of zeros become holes of the file.

ELF-64 object file format, version 1.5; for the note Documentation/admin-guide/kdump/vmcoreinfo.rst of Linux.
"""

from __future__ import annotations

import mmap
import os
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO

from harness.deadline import Deadline
from harness.errors import HostError
from harness.qemu import kernelnote
from harness.qemu.qmp import Qmp

_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SEGMENT = struct.Struct("<IIQQQQQQ")
_PT_NOTE = 4
_NOTE = struct.Struct("<III")
_OWNER = b"VMCOREINFO\0\0"  # 11 characters with their end, and one to a multiple of four
_CHUNK = 1 << 16
_PAGE = 4096
_NOTHING = bytes(_CHUNK)
_DUMP_S = 120.0

_Segment = tuple[int, int, int, int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Core:
    """A core file that has been written.

    :ivar kernel: what the kernel has noted about itself, as text; empty if none was found.
    """

    file: Path
    kernel: str


def dump(qmp: Qmp, file: Path, *, deadline: Deadline | None = None) -> Core:
    """Write the memory of a stopped machine; 2 to 3 s for 512 MiB.

    :raise QmpRefused: QEMU cannot
    :raise HostError: the file cannot be written
    """
    limit = deadline or Deadline.after(_DUMP_S, "dump of the guest's memory")
    try:
        with NamedTemporaryFile(dir=file.parent.resolve(), prefix="dump-") as raw:
            qmp.execute("dump-guest-memory", {"paging": False, "protocol": f"file:{raw.name}"},
                        deadline=limit)
            return complete(Path(raw.name), file)
    except OSError as error:
        raise HostError(f"cannot dump the guest's memory: {error}", where=str(file)) from error


def complete(raw: Path, file: Path) -> Core:
    """From QEMU's core file the one that tells of its kernel; a name of its own until it is complete.

    The note comes right behind QEMU's own, before all memory: crash looks nowhere else.

    :raise OSError: a file cannot be read or written
    :raise HostError: `raw` is no core file of QEMU's
    """
    new = file.with_name(f"{file.name}.new")
    with raw.open("rb") as source, mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as core:
        segments = {at: _SEGMENT.unpack_from(core, at) for at in _segments(core)}
        end = _notes_end(segments.values(), raw)
        text = kernelnote.within(core)
        note = _note(text) if text else b""
        shift = end + len(note) + -(end + len(note)) % _PAGE - end
        head = bytearray(core[:end])
        for at, segment in segments.items():
            _SEGMENT.pack_into(head, at, *_moved(segment, end, len(note), shift))
        try:
            with new.open("wb") as target:
                target.write(head + note)
                target.seek(end + shift)
                source.seek(end)
                _copy(source, target)
            new.rename(file)
        finally:
            new.unlink(missing_ok=True)
    return Core(file, text.decode(errors="replace"))


def _segments(core: mmap.mmap) -> Iterator[int]:
    """Where the program headers are."""
    header = _HEADER.unpack_from(core, 0)
    if header[0][:5] == b"\x7fELF\x02":
        for number in range(header[10]):
            yield header[5] + number * header[9]


def _notes_end(segments: Iterable[_Segment], raw: Path) -> int:
    """Where QEMU's notes end, behind which there is nothing but memory."""
    for kind, _, offset, _, _, size, _, _ in segments:
        if kind == _PT_NOTE:
            return offset + size
    raise HostError("QEMU's dump is no core file with notes", where=str(raw))


def _moved(segment: _Segment, end: int, more: int, shift: int) -> _Segment:
    """A program header: the notes have become longer, the memory behind them is further down."""
    kind, flags, offset, virtual, physical, size, in_memory, align = segment
    if kind == _PT_NOTE:
        return kind, flags, offset, virtual, physical, size + more, in_memory + more, align
    return kind, flags, offset + shift if offset >= end else offset, virtual, physical, size, in_memory, align


def _note(text: bytes) -> bytes:
    return _NOTE.pack(11, len(text), 0) + _OWNER + text + bytes(-len(text) % 4)


def _copy(source: BinaryIO, target: BinaryIO) -> None:
    """The rest of it, but no page of zeros."""
    while chunk := source.read(_CHUNK):
        if chunk == _NOTHING[:len(chunk)]:
            target.seek(len(chunk), os.SEEK_CUR)
        else:
            target.write(chunk)
    target.truncate()  # also as long
