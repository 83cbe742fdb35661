# SPDX-License-Identifier: GPL-2.0-only
"""All functions of a system: of the agency's kernel and modules, and of the program that MEs run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TypeVar

from harness.errors import HarnessError
from harness.symbols.btf import read_structures
from harness.symbols.elf import extent, read_module, read_program
from harness.symbols.initramfs import files
from harness.symbols.inittask import first_task
from harness.symbols.kallsyms import read_kallsyms
from harness.symbols.table import Spot, Symbol, Table

KERNEL = "kernel"
ME = "me"

_T = TypeVar("_T")


TASK_STRUCTURES = ("task_struct", "thread_struct", "cpu_context", "signal_struct")
MODULE_STRUCTURES = ("module", "module_layout", "module_sect_attrs", "module_sect_attr", "bin_attribute",
                     "attribute")
# A kernel's modules are this near to it, so that they can call it (arch/arm64/include/asm/memory.h).
_MODULES_REACH = 128 << 20


@dataclass(frozen=True, slots=True)
class TaskLayout:
    """Where a kernel's tasks are.

    :ivar first: address of the first one.
    :ivar structures: offsets of the members of `TASK_STRUCTURES`.
    """

    first: int
    structures: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Symbols:
    """Where which function is; what could not be read is left out.

    :ivar agency: tables of the kernel and of its modules.
    :ivar me: the table of the MEs; all of them run one program at one address.
    :ivar me_extent: from where to where that program is in an ME's memory.
    :ivar tasks: what the walk over the kernel's tasks needs.
    :ivar gaps: why something is left out.
    """

    agency: tuple[Table, ...] = ()
    me: Table | None = None
    me_extent: tuple[int, int] = (0, 0)
    tasks: TaskLayout | None = None
    gaps: tuple[str, ...] = ()

    def in_agency(self, address: int) -> Spot | None:
        """The function of kernel or module that has this address."""
        return next((spot for table in self.agency if (spot := table.find(address)) is not None), None)

    def in_me(self, address: int) -> Spot | None:
        """The function of an ME that has this address."""
        return self.me.find(address) if self.me is not None else None

    def is_module(self, address: int) -> bool:
        """Whether an address that no function of the agency has may be a module's."""
        kernel = next((table for table in self.agency if table.owner == KERNEL), None)
        if kernel is None or self.in_agency(address) is not None:
            return False
        return kernel.start - _MODULES_REACH <= address < kernel.start + _MODULES_REACH

    def is_below_kernel(self, address: int) -> bool:
        """Whether the address is where Linux has nothing but modules, before its own image."""
        return any(table.owner == KERNEL and table.start - _MODULES_REACH <= address < table.start
                   for table in self.agency)

    def is_me(self, address: int) -> bool:
        """Whether the address belongs to the program of MEs."""
        return self.me_extent[0] <= address < self.me_extent[1]


class _Reader:
    """Reads one part after the other; what cannot be read becomes a gap."""

    def __init__(self) -> None:
        self.gaps: list[str] = []

    def part(self, name: str, file: Path | None, read: Callable[[bytes], _T]) -> _T | None:
        if file is None:
            return None
        try:
            return read(file.read_bytes())
        except (HarnessError, OSError) as error:
            self.gaps.append(f"{name}: {error}")
            return None


def load(kernel: Path | None, initramfs: Path | None, me: Path | None,
         modules: Mapping[str, Mapping[str, int]]) -> Symbols:
    """Read the symbols of a system; about 0.4 s.

    :param kernel: the kernel's boot image
    :param initramfs: where the files of its modules are
    :param me: the ELF file of the ME's program
    :param modules: where the sections of each module are
    """
    reader = _Reader()
    functions = reader.part("kernel", kernel, read_kallsyms)
    tasks = reader.part("tasks", kernel if functions else None, lambda data: _tasks(data, functions or ()))
    loaded = reader.part("modules", initramfs, lambda data: _modules(files(data), modules))
    program = reader.part("ME", me, lambda data: (Table(ME, read_program(data)), extent(data)))
    tables = (*([Table(KERNEL, functions)] if functions else []), *(loaded or ()))
    table, bounds = program or (None, (0, 0))
    return Symbols(tables, table, bounds, tasks, tuple(reader.gaps))


def module_names(archive: bytes) -> set[str]:
    """Names of the modules in an initramfs.

    :raise UsageError: it is none
    """
    paths = [PurePosixPath(name) for name, _ in files(archive)]
    return {path.stem.replace("-", "_") for path in paths if path.suffix == ".ko"}


def _tasks(image: bytes, functions: Sequence[Symbol]) -> TaskLayout:
    structures = read_structures(image, TASK_STRUCTURES)
    return TaskLayout(first_task(image, functions, structures["task_struct"]), structures)


def _modules(archive: Iterable[tuple[str, bytes]], modules: Mapping[str, Mapping[str, int]]) -> list[Table]:
    """Tables of the modules that are loaded."""
    found = []
    for name, data in archive:
        path = PurePosixPath(name)
        module = path.stem.replace("-", "_")
        if path.suffix == ".ko" and module in modules:
            found.append(Table(module, read_module(data, modules[module])))
    return found
