# SPDX-License-Identifier: GPL-2.0-only
"""Where a machine has its modules: what its boot told, else what its memory shows.

A boot that hangs in a module never comes to tell, and what was found then is kept in the run folder: the
machine of a record has the same module at the same place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from harness.errors import UsageError
from harness.guest.modules import Modules
from harness.guest.whereabouts import parse_sections
from harness.images.store import ImageSet
from harness.qemu.cpus import Read
from harness.qemu.machine import Machine
from harness.symbols.btf import read_structures
from harness.symbols.system import MODULE_STRUCTURES, module_names

FILE = "modules.json"
# The boot says in its first part where modules are.
_BOOT_BYTES = 1 << 20

Sections = Mapping[str, Mapping[str, int]]
"""Addresses by module and section."""


def told(images: ImageSet, machine: Machine) -> Sections:
    """What the boot has said; empty before it did."""
    console = machine.console(images.manifest.boot_log)
    return parse_sections(console.text(0, _BOOT_BYTES))


def near(images: ImageSet, read: Read | None, address: int) -> Sections:
    """What the memory of a stopped machine shows; empty if no module is there.

    :param read: memory as a CPU sees it that is in the agency's kernel
    :param address: within a module: of its code, or of its `struct module`
    :raise HarnessError: the kernel does not tell its structures
    """
    kernel, initramfs = boot_files(images)
    if read is None or kernel is None or initramfs is None:
        return {}
    structures = read_structures(kernel.read_bytes(), MODULE_STRUCTURES)
    return Modules(read, structures, module_names(initramfs.read_bytes())).near(address)


def boot_files(images: ImageSet) -> tuple[Path | None, Path | None]:
    """Kernel and initramfs of an image set."""
    machine = images.manifest.machine
    return images.files.get(machine.kernel or ""), images.files.get(machine.initrd or "")


def keep(run_dir: Path, sections: Sections) -> None:
    """Write down what was found in memory."""
    (run_dir / FILE).write_text(json.dumps(sections, indent=1) + "\n")


def of_run(run_dir: Path, boot: Path) -> Sections:
    """Of a finished run: what its boot has said, else what was found in its memory; empty if neither.

    :raise UsageError: what was found was kept, but is damaged
    """
    with boot.open("rb") as log:
        sections: Sections = parse_sections(log.read(_BOOT_BYTES))
    file = run_dir / FILE
    if sections or not file.is_file():
        return sections
    try:
        return {str(name): {str(section): int(at) for section, at in places.items()}
                for name, places in json.loads(file.read_text()).items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise UsageError("is damaged", where=str(file),
                         hint="remove it; functions of modules have no names then") from error
