# SPDX-License-Identifier: GPL-2.0-only
"""Where a stopped Linux has put its modules, read from its memory: for a boot that never came to tell.

A module that hangs in its own init is in memory, and so is its `struct module`, within the pages that have
its code (include/linux/module.h, up to Linux 6.3). From one the list leads to all others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from harness.qemu.cpus import Read
from harness.symbols.system import MODULE_STRUCTURES

_PAGE = 4096
_REACH = 512  # pages to look through, each way
_NAME = 56
_TEXT = 64
_MOST_SECTIONS = 128
_MOST = 200
_POINTER = 8
_ALIGNED = 64
_LARGEST = 64 << 20


class Modules:
    """Finds modules.

    :param read: memory as a CPU in the kernel sees it
    :param structures: offsets of the members of `MODULE_STRUCTURES`
    :param names: of the modules that there may be
    """

    def __init__(self, read: Read, structures: Mapping[str, Mapping[str, int]],
                 names: Collection[str]) -> None:
        self._read = read
        self._module, self._layout, self._sections, self._section, binary, attribute = (
            structures[name] for name in MODULE_STRUCTURES)
        self._text = self._section["battr"] + binary["attr"] + attribute["name"]
        self._names = {name.encode(): name for name in names}

    def near(self, address: int) -> dict[str, dict[str, int]]:
        """Sections of all modules by name, found from an address within the code of one."""
        for page in _outward(address & ~(_PAGE - 1)):
            data = self._read(page, _PAGE)
            for module in self._within(page, data) if data is not None else ():
                return {name: self._of(at) for at, name in self._all(module)}
        return {}

    def _within(self, page: int, data: bytes) -> Iterator[int]:
        """Structures that begin in a page and are in all likelihood those of modules."""
        for start in range(0, _PAGE - self._module["name"] - _NAME, _ALIGNED):
            name = data[start + self._module["name"]:][:_NAME].rstrip(b"\0")
            if name in self._names and self._holds_itself(page + start):
                yield page + start

    def _holds_itself(self, module: int) -> bool:
        base = self._word(module + self._module["core_layout"] + self._layout["base"])
        size = self._word(module + self._module["core_layout"] + self._layout["size"]) & 0xFFFFFFFF
        return base % _PAGE == 0 and 0 < size < _LARGEST and base <= module < base + size

    def _all(self, module: int) -> Iterator[tuple[int, str]]:
        """The list of modules, from one of them on; its head is none."""
        at = module
        for _ in range(_MOST):
            name = (self._read(at + self._module["name"], _NAME) or b"").rstrip(b"\0")
            if name in self._names and self._holds_itself(at):
                yield at, self._names[name]
            at = self._word(at + self._module["list"]) - self._module["list"]
            if at in (module, -self._module["list"]):
                return

    def _of(self, module: int) -> dict[str, int]:
        """Where the sections of a module are."""
        table = self._word(module + self._module["sect_attrs"])
        count = self._word(table + self._sections["nsections"]) & 0xFFFFFFFF if table else 0
        stride = self._section["address"] + _POINTER
        found = {}
        for number in range(min(count, _MOST_SECTIONS)):
            entry = table + self._sections["attrs"] + number * stride
            name = (self._read(self._word(entry + self._text), _TEXT) or b"").split(b"\0")[0]
            if name.startswith(b"."):  # code and data; others are tables of the kernel
                found[name.decode(errors="replace")] = self._word(entry + self._section["address"])
        return found

    def _word(self, address: int) -> int:
        data = self._read(address, _POINTER)
        return int.from_bytes(data, "little") if data is not None else 0


def _outward(page: int) -> Iterator[int]:
    """Pages by their distance from one."""
    for distance in range(_REACH):
        yield page + distance * _PAGE
        if distance:
            yield page - distance * _PAGE
