# SPDX-License-Identifier: GPL-2.0-only
"""Core files of machines: the kernel's note is found in memory and put beside QEMU's own."""

import struct
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.segments import NoteSegment

from harness.errors import HostError
from harness.qemu.coredump import complete

_MEMORY = 1 << 20
_TEXT = b"OSRELEASE=6.1.0-test\nPAGESIZE=4096\n"
_KEPT = struct.pack("<III", 11, len(_TEXT), 0) + b"VMCOREINFO\0\0" + _TEXT
_CPU = struct.pack("<III", 5, 8, 1) + b"CORE\0\0\0\0" + b"register"


def _core(memory: bytes) -> bytes:
    """What QEMU writes: a header, the notes, and all of memory."""
    notes_at = 64 + 2 * 56
    memory_at = notes_at + len(_CPU)
    ident = b"\x7fELF\x02\x01\x01" + bytes(9)
    header = struct.pack("<16sHHIQQQIHHHHHH", ident, 4, 183, 1, 0, 64, 0, 0, 64, 56, 2, 0, 0, 0)
    segments = (struct.pack("<IIQQQQQQ", 4, 0, notes_at, 0, 0, len(_CPU), len(_CPU), 0)
                + struct.pack("<IIQQQQQQ", 1, 0, memory_at, 0, 0x40000000, len(memory), len(memory), 0))
    return (header + segments + _CPU).ljust(memory_at, b"\0") + memory


def _completed(tmp_path: Path, memory: bytes) -> Path:
    raw = tmp_path / "raw"
    raw.write_bytes(_core(memory))
    file = tmp_path / "memory.elf"
    complete(raw, file)
    return file


def _notes(file: Path) -> list[tuple[str, object]]:
    with file.open("rb") as core:
        return [(note["n_name"], note["n_desc"]) for segment in ELFFile(core).iter_segments()
                if isinstance(segment, NoteSegment) for note in segment.iter_notes()]


def _memory_of(file: Path) -> bytes:
    with file.open("rb") as core:
        segment = next(one for one in ELFFile(core).iter_segments() if one["p_type"] == "PT_LOAD")
        return bytes(segment.data())


@pytest.mark.parametrize("at", [0, 4096 + 12, _MEMORY - len(_KEPT)], ids=["begin", "within", "end"])
def test_the_note_of_the_kernel_is_put_beside_those_of_the_cpus(tmp_path: Path, at: int) -> None:
    memory = bytearray(_MEMORY)
    memory[at:at + len(_KEPT)] = _KEPT
    file = _completed(tmp_path, bytes(memory))
    names = [name for name, _ in _notes(file)]
    assert names == ["CORE", "VMCOREINFO"]
    assert dict(_notes(file))["VMCOREINFO"] == _TEXT
    assert _memory_of(file) == memory
    with file.open("rb") as core:  # crash looks before the memory only
        notes, loaded = ELFFile(core).iter_segments()
        assert notes["p_offset"] + notes["p_filesz"] <= loaded["p_offset"]


def test_a_format_string_of_the_kernel_is_no_note(tmp_path: Path) -> None:
    memory = bytearray(_MEMORY)
    memory[64:64 + 64] = (struct.pack("<III", 11, 20, 0) + b"VMCOREINFO\0\0OSRELEASE=%s\n").ljust(64, b"\0")
    assert [name for name, _ in _notes(_completed(tmp_path, bytes(memory)))] == ["CORE"]


def test_memory_without_linux_is_kept_all_the_same(tmp_path: Path) -> None:
    file = _completed(tmp_path, bytes(_MEMORY))
    assert [name for name, _ in _notes(file)] == ["CORE"]
    assert _memory_of(file) == bytes(_MEMORY)


def test_pages_of_zeros_need_no_room(tmp_path: Path) -> None:
    memory = bytes(_MEMORY // 2) + b"x" * 4096 + bytes(_MEMORY // 2 - 4096)
    file = _completed(tmp_path, memory)
    assert _memory_of(file) == memory
    assert file.stat().st_blocks * 512 < _MEMORY // 2


def test_what_is_no_core_file_leaves_nothing(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.write_bytes(bytes(8192))
    with pytest.raises(HostError, match="no core file"):
        complete(raw, tmp_path / "memory.elf")
    assert [path.name for path in tmp_path.iterdir()] == ["raw"]
