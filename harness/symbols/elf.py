# SPDX-License-Identifier: GPL-2.0-only
"""Functions of ELF files: of programs, which run where they are linked to, and of kernel modules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import BytesIO

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from harness.errors import UsageError
from harness.symbols.table import Symbol

_MAPPING = ("$x", "$d")  # marks between code and data, no names


def read_program(data: bytes) -> list[Symbol]:
    """The functions of a program at the addresses that it is linked to; labels of assembler count.

    :raise UsageError: it is no ELF file
    """
    return [symbol for _, symbol in _functions(data)]


def read_module(data: bytes, sections: Mapping[str, int]) -> list[Symbol]:
    """The functions of a kernel module.

    :param sections: where the kernel has put its sections; functions in others are left out
    :raise UsageError: it is no ELF file
    """
    return [Symbol(sections[section] + symbol.address, symbol.name, symbol.size)
            for section, symbol in _functions(data) if section in sections]


def extent(data: bytes) -> tuple[int, int]:
    """From where to where a program is in memory.

    :raise UsageError: it is no ELF file
    """
    try:
        loaded = [part for part in ELFFile(BytesIO(data)).iter_segments() if part["p_type"] == "PT_LOAD"]
        end = max(part["p_vaddr"] + part["p_memsz"] for part in loaded)
        return (min(part["p_vaddr"] for part in loaded), end)
    except (ELFError, ValueError) as error:
        raise UsageError(f"is no program: {error}") from error


def _functions(data: bytes) -> Iterator[tuple[str, Symbol]]:
    try:
        file = ELFFile(BytesIO(data))
        names = [section.name for section in file.iter_sections()]
        table = file.get_section_by_name(".symtab")
        for symbol in table.iter_symbols() if isinstance(table, SymbolTableSection) else ():
            index, kind = symbol["st_shndx"], symbol["st_info"]["type"]
            if not isinstance(index, int) or kind not in ("STT_FUNC", "STT_NOTYPE"):
                continue
            if symbol.name and not symbol.name.startswith(_MAPPING) and "text" in names[index]:
                yield names[index], Symbol(symbol["st_value"], symbol.name, symbol["st_size"])
    except ELFError as error:
        raise UsageError(f"is no ELF file: {error}") from error
