# SPDX-License-Identifier: GPL-2.0-only
"""Modules are found in a kernel's memory: a hand-made one, whole and damaged."""

from __future__ import annotations

import struct

from harness.guest.modules import Modules

_STRUCTURES = {
    "module": {"list": 8, "name": 24, "core_layout": 320, "sect_attrs": 592},
    "module_layout": {"base": 0, "size": 8},
    "module_sect_attrs": {"nsections": 40, "attrs": 48},
    "module_sect_attr": {"battr": 0, "address": 64},
    "bin_attribute": {"attr": 0},
    "attribute": {"name": 0},
}
_SOO, _VDUMMY = 0xC00000, 0xC40000
_HEAD = 0x5000000
_NAMES, _TABLES = 0x9000, 0xA000


class _Memory:
    def __init__(self) -> None:
        self.pages: dict[int, bytearray] = {}

    def put(self, address: int, data: bytes) -> None:
        for at, byte in enumerate(data, address):
            self.pages.setdefault(at & ~4095, bytearray(4096))[at & 4095] = byte

    def word(self, address: int, value: int) -> None:
        self.put(address, struct.pack("<Q", value & (1 << 64) - 1))

    def read(self, address: int, size: int) -> bytes | None:
        found = bytearray()
        for at in range(address, address + size):
            if at & ~4095 not in self.pages:
                return None
            found.append(self.pages[at & ~4095][at & 4095])
        return bytes(found)


def _module(memory: _Memory, base: int, name: str, following: int, number: int) -> int:
    """A module of four pages; its structure is in the third one."""
    for page in range(4):
        memory.put(base + page * 4096, b"\0")
    at, table = base + 0x2040, _TABLES + number * 0x400
    memory.word(at + 8, following)
    memory.put(at + 24, name.encode())
    memory.word(at + 320, base)
    memory.put(at + 328, struct.pack("<I", 0x4000))
    memory.word(at + 592, table)
    memory.put(table + 40, struct.pack("<I", 2))
    for section, (text, start) in enumerate(((".text", base), (".init.text", base + 0x100000))):
        memory.put(_NAMES + section * 32, text.encode())
        memory.word(table + 48 + section * 72, _NAMES + section * 32)
        memory.word(table + 48 + section * 72 + 64, start)
    return at


def _memory() -> _Memory:
    memory = _Memory()
    memory.put(_TABLES, bytes(0x1000))
    memory.put(_NAMES, bytes(0x100))
    _module(memory, _SOO, "soo", _VDUMMY + 0x2040 + 8, 0)
    _module(memory, _VDUMMY, "vdummy", _HEAD, 1)
    memory.put(_HEAD - 8, bytes(1024))
    memory.word(_HEAD, _SOO + 0x2040 + 8)
    return memory


def test_all_modules_from_an_address_in_one() -> None:
    modules = Modules(_memory().read, _STRUCTURES, {"soo", "vdummy", "virtio"})
    wanted = {"soo": {".text": _SOO, ".init.text": _SOO + 0x100000},
              "vdummy": {".text": _VDUMMY, ".init.text": _VDUMMY + 0x100000}}
    assert modules.near(_SOO + 0x123) == wanted
    assert modules.near(_VDUMMY + 0x3FF0) == wanted
    assert modules.near(_SOO + 0x100010) == wanted, "from the code of an init, which lies elsewhere"


def test_a_name_alone_is_no_module() -> None:
    memory = _memory()
    memory.word(_SOO + 0x2040 + 320, _SOO + 0x3000)  # holds not itself
    modules = Modules(memory.read, _STRUCTURES, {"soo"})
    assert modules.near(_SOO + 0x123) == {}


def test_other_names_are_left_alone() -> None:
    assert Modules(_memory().read, _STRUCTURES, {"virtio"}).near(_SOO) == {}


def test_a_list_that_ends_nowhere() -> None:
    memory = _memory()
    memory.word(_VDUMMY + 0x2040 + 8, _VDUMMY + 0x2040 + 8)
    assert set(Modules(memory.read, _STRUCTURES, {"soo", "vdummy"}).near(_SOO)) == {"soo", "vdummy"}
