# SPDX-License-Identifier: GPL-2.0-only
"""The agency's memory, whatever the CPUs run.

A CPU sees the kernel's memory only while it runs the kernel. In an ME, in the hypervisor or in a program it
is read from outside: its kernel's tables are walked here (Arm ARM, D8.2), and physical memory is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import gdb

from harness.debug.gdbside import places
from harness.debug.gdbside.session import Session

_PHYSICAL = "maintenance packet Qqemu.PhyMemMode:"
_ENTRY = 8
_ADDRESS = (1 << 48) - 1
_VALID, _FURTHER = 1, 2  # an entry that is used; it is no block, but leads further
_LONGEST_TEXT = 1024
_PIECE = 64


class Sight(Protocol):
    """A way to look at memory."""

    def target(self, pointer: gdb.Value) -> gdb.Value:
        """What a pointer points to.

        :raise gdb.MemoryError: nothing is there
        """

    def text(self, value: gdb.Value) -> str:
        """The characters of an array or behind a pointer; none behind NULL.

        :raise gdb.MemoryError: nothing is there
        """


class Direct:
    """Memory as the selected CPU sees it."""

    def target(self, pointer: gdb.Value) -> gdb.Value:
        return pointer.dereference()

    def text(self, value: gdb.Value) -> str:
        return str(value.string(errors="replace")) if _is_array(value) or int(value) else ""


class Agency:
    """Memory as the agency's kernel sees it."""

    def target(self, pointer: gdb.Value) -> gdb.Value:
        kind = pointer.type.target()
        return gdb.Value(_read(int(pointer), kind.sizeof), kind)

    def text(self, value: gdb.Value) -> str:
        if _is_array(value):
            return str(value.string(errors="replace"))
        address, found = int(value), b""
        while address and len(found) < _LONGEST_TEXT and b"\0" not in found:
            at_once = _PIECE - (address + len(found)) % _PIECE  # what is behind the end may not be there
            found += _read(address + len(found), at_once)
        return found.partition(b"\0")[0].decode(errors="replace")


def agency() -> Sight:
    """How to look at the agency's memory from here."""
    here, pc = places.place(), places.register_value("pc")
    return Direct() if here.level == 1 and here.domain is None and pc >> 63 else Agency()


def at(address: int, kind: gdb.Type) -> gdb.Value:
    """A pointer to something of this kind."""
    return gdb.Value(address).cast(kind.pointer())


def member(pointer: gdb.Value, name: str) -> gdb.Value:
    """A pointer to a member of the structure that a pointer points to; nothing is read."""
    field = next(field for field in pointer.type.target().fields() if field.name == name)
    return at(int(pointer) + field.bitpos // 8, field.type)


def _is_array(value: gdb.Value) -> bool:
    return bool(value.type.strip_typedefs().code == gdb.TYPE_CODE_ARRAY)


def _read(address: int, size: int) -> bytes:
    """Memory of the agency's kernel.

    :raise gdb.MemoryError: nothing is there
    :raise gdb.GdbError: the kernel does not tell how to translate
    """
    root, va_bits, page_size = Session.now.kernel_tables()
    address &= (1 << 64) - 1
    data = b""
    with _physical():
        while len(data) < size:
            where = _translated(address + len(data), root, va_bits, page_size)
            room = page_size - (address + len(data)) % page_size
            data += _memory(where, min(room, size - len(data)))
    return data


def _translated(address: int, root: int, va_bits: int, page_size: int) -> int:
    """The physical address. A table has a page: each level takes that many bits of the address.

    :raise gdb.MemoryError: nothing is there
    """
    nothing = gdb.MemoryError(f"Cannot access memory at address {address:#x}")
    if address < (1 << 64) - (1 << va_bits):
        raise nothing
    page_bits = page_size.bit_length() - 1
    level_bits = page_bits - 3
    table, shift = root, page_bits + -(-(va_bits - page_bits) // level_bits) * level_bits
    part = address & ((1 << va_bits) - 1)
    while shift > page_bits:
        shift -= level_bits
        index = part >> shift & ((1 << level_bits) - 1)
        entry = int.from_bytes(_memory(table + index * _ENTRY, _ENTRY), "little")
        table = entry & _ADDRESS & -page_size
        if not entry & _VALID:
            raise nothing
        if not entry & _FURTHER:
            break
    return table & -(1 << shift) | part & ((1 << shift) - 1)


def _memory(address: int, size: int) -> bytes:
    return bytes(gdb.selected_inferior().read_memory(address, size).tobytes())


@contextmanager
def _physical() -> Iterator[None]:
    """Within it, addresses are physical ones."""
    gdb.execute(f"{_PHYSICAL}1", to_string=True)
    try:
        yield
    finally:
        gdb.execute(f"{_PHYSICAL}0", to_string=True)
