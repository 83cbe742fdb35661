# SPDX-License-Identifier: GPL-2.0-only
"""All functions of a system: of the agency's kernel and modules, and of the program that MEs run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from harness.errors import HarnessError
from harness.symbols.elf import extent, read_module, read_program
from harness.symbols.initramfs import files
from harness.symbols.kallsyms import read_kallsyms
from harness.symbols.table import Spot, Table

KERNEL = "kernel"
ME = "me"


@dataclass(frozen=True, slots=True)
class Symbols:
    """Where which function is; what could not be read is left out.

    :ivar agency: tables of the kernel and of its modules.
    :ivar me: the table of the MEs; all of them run one program at one address.
    :ivar me_extent: from where to where that program is in an ME's memory.
    :ivar gaps: why something is left out.
    """

    agency: tuple[Table, ...] = ()
    me: Table | None = None
    me_extent: tuple[int, int] = (0, 0)
    gaps: tuple[str, ...] = ()

    def in_agency(self, address: int) -> Spot | None:
        """The function of kernel or module that has this address."""
        return next((spot for table in self.agency if (spot := table.find(address)) is not None), None)

    def in_me(self, address: int) -> Spot | None:
        """The function of an ME that has this address."""
        return self.me.find(address) if self.me is not None else None

    def is_me(self, address: int) -> bool:
        """Whether the address belongs to the program of MEs."""
        return self.me_extent[0] <= address < self.me_extent[1]


def load(kernel: Path | None, initramfs: Path | None, me: Path | None,
         modules: Mapping[str, Mapping[str, int]]) -> Symbols:
    """Read the symbols of a system; about 0.4 s.

    :param kernel: the kernel's boot image
    :param initramfs: where the files of its modules are
    :param me: the ELF file of the ME's program
    :param modules: where the sections of each module are
    """
    tables: list[Table] = []
    gaps: list[str] = []
    program, bounds = None, (0, 0)
    try:
        if kernel is not None:
            tables.append(Table(KERNEL, read_kallsyms(kernel.read_bytes())))
    except (HarnessError, OSError) as error:
        gaps.append(f"kernel: {error}")
    try:
        if initramfs is not None:
            tables += _modules(files(initramfs.read_bytes()), modules)
    except (HarnessError, OSError) as error:
        gaps.append(f"modules: {error}")
    try:
        if me is not None:
            data = me.read_bytes()
            program, bounds = Table(ME, read_program(data)), extent(data)
    except (HarnessError, OSError) as error:
        gaps.append(f"ME: {error}")
    return Symbols(tuple(tables), program, bounds, tuple(gaps))


def _modules(archive: Iterable[tuple[str, bytes]], modules: Mapping[str, Mapping[str, int]]) -> list[Table]:
    """Tables of the modules that are loaded."""
    found = []
    for name, data in archive:
        path = PurePosixPath(name)
        module = path.stem.replace("-", "_")
        if path.suffix == ".ko" and module in modules:
            found.append(Table(module, read_module(data, modules[module])))
    return found
