# SPDX-License-Identifier: GPL-2.0-only
"""From an image set to the machine that boots it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from harness.errors import UsageError
from harness.images.store import ImageSet
from harness.qemu import patterns
from harness.qemu.patterns import Pattern
from harness.qemu.spec import ConsoleSpec, Drive, Load, MachineSpec


def machine_spec(
    image_set: ImageSet, *, dtb: Path | None = None, append: str = "", drives: Sequence[Drive] = ()
) -> MachineSpec:
    """The machine that the manifest describes, with this scenario's additions.

    :param dtb: a merged device tree; None: the manifest's own, or the machine's.
    :param append: added to the kernel command line of the manifest.
    :param drives: disks after those of the manifest.
    :raise UsageError: `append` without a kernel, or names that do not fit.
    """
    machine = image_set.manifest.machine

    def file(artifact: str | None) -> Path | None:
        return image_set.path(artifact) if artifact else None

    if append and machine.kernel is None:
        raise UsageError(
            f"image set '{image_set.manifest.name}' boots no kernel by itself", hint="leave 'append' out"
        )
    own = [
        Drive(image_set.path(d.artifact), d.format, readonly=d.readonly, interface=d.interface, snapshot=True)
        for d in machine.drives
    ]
    return MachineSpec(
        binary=machine.binary,
        machine=machine.machine,
        cpu=machine.cpu,
        smp=machine.smp,
        memory_mib=machine.memory_mib,
        kernel=file(machine.kernel),
        initrd=file(machine.initrd),
        dtb=dtb or file(machine.dtb),
        firmware=file(machine.firmware),
        append=" ".join(text for text in (machine.append, append) if text) or None,
        loads=tuple(Load(image_set.path(item.artifact), item.address, item.cpu) for item in machine.loads),
        drives=(*own, *drives),
        consoles=tuple(
            ConsoleSpec(console.name, console.kind, system=console.system)
            for console in image_set.manifest.consoles
        ),
        extra=(*_starts(machine.starts), *machine.extra),
        accel=machine.accel,
    )


def console_patterns(image_set: ImageSet) -> dict[str, tuple[Pattern, ...]]:
    """Failure patterns by console: those of its operating system and those of the manifest."""
    return {
        console.name: patterns.combined(
            patterns.of(console.system),
            (patterns.custom(name, regex.pattern) for name, regex in console.failures),
        )
        for console in image_set.manifest.consoles
    }


def _starts(starts: Sequence[tuple[int, int]]) -> list[str]:
    """Arguments that set where a CPU starts (QEMU's generic loader without a file)."""
    found = []
    for cpu, address in starts:
        found += ["-device", f"loader,addr={address:#x},cpu-num={cpu}"]
    return found
