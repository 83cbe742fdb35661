# SPDX-License-Identifier: GPL-2.0-only
"""Files with symbols that gdb understands: of a kernel without such a file, of modules where they are loaded.

ELF-64 object file format, version 1.5; ELF for the Arm 64-bit architecture (IHI 0056).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from io import BytesIO

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile

from harness.errors import UsageError
from harness.symbols.table import Symbol

_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SECTION = struct.Struct("<IIQQQQIIQQ")
_SYMBOL = struct.Struct("<IBBHQQ")
_IDENT = b"\x7fELF" + bytes((2, 1, 1)) + bytes(9)  # 64 bits, little-endian, version 1
_ET_EXEC, _EM_AARCH64 = 2, 183
_NOBITS, _SYMTAB, _STRTAB = 8, 2, 3
_ALLOCATED, _EXECUTED = 2, 4
_GLOBAL_FUNCTION = 1 << 4 | 2
_ADDRESS_IN_SECTION = 16
_TEXT = 1  # number of the section that the functions are in
_NAMES = b"\0.text\0.symtab\0.strtab\0.shstrtab\0"


def symbol_file(functions: Sequence[Symbol]) -> bytes:
    """A file of names alone; its one section covers all functions and has no content.

    :param functions: at least one, in any order
    """
    ordered = sorted(functions)
    start, end = ordered[0].address, ordered[-1].address + max(ordered[-1].size, 4)
    texts, symbols = bytearray(b"\0"), bytearray(_SYMBOL.size)
    for function, following in zip(ordered, [*ordered[1:], None], strict=True):
        size = function.size or (following.address if following is not None else end) - function.address
        symbols += _SYMBOL.pack(len(texts), _GLOBAL_FUNCTION, 0, _TEXT, function.address, size)
        texts += function.name.encode() + b"\0"
    at = _HEADER.size
    parts = (bytes(symbols), bytes(texts), _NAMES)
    places = [at, at + len(symbols), at + len(symbols) + len(texts)]
    sections = (
        bytes(_SECTION.size),
        _section(b".text", _NOBITS, _ALLOCATED | _EXECUTED, start, at, end - start),
        _section(b".symtab", _SYMTAB, 0, 0, places[0], len(symbols), link=3, info=1, entry=_SYMBOL.size),
        _section(b".strtab", _STRTAB, 0, 0, places[1], len(texts)),
        _section(b".shstrtab", _STRTAB, 0, 0, places[2], len(_NAMES)),
    )
    header = _HEADER.pack(_IDENT, _ET_EXEC, _EM_AARCH64, 1, start, 0, places[2] + len(_NAMES), 0,
                          _HEADER.size, 0, 0, _SECTION.size, len(sections), len(sections) - 1)
    return b"".join((header, *parts, *sections))


def _section(name: bytes, kind: int, flags: int, address: int, offset: int, size: int, *, link: int = 0,
             info: int = 0, entry: int = 0) -> bytes:
    where = _NAMES.index(b"\0" + name + b"\0") + 1
    return _SECTION.pack(where, kind, flags, address, offset, size, link, info, 4, entry)


def placed(module: bytes, sections: Mapping[str, int]) -> bytes:
    """A kernel module whose section headers say where its sections are.

    Told by `add-symbol-file -s`, gdb 13 takes all variables for such of the first section.

    :raise UsageError: it is no ELF file
    """
    found = bytearray(module)
    try:
        file = ELFFile(BytesIO(module))
        for number, section in enumerate(file.iter_sections()):
            if section.name in sections:
                at = file["e_shoff"] + number * file["e_shentsize"] + _ADDRESS_IN_SECTION
                found[at:at + 8] = struct.pack("<Q", sections[section.name])
    except ELFError as error:
        raise UsageError(f"is no ELF file: {error}") from error
    return bytes(found)
