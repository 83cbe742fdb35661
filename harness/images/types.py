# SPDX-License-Identifier: GPL-2.0-only
"""What an image set is, as typed values; `harness.images.schema` reads them from a YAML file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Dialect = Literal["busybox", "agency", "so3", "hush", "none"]
ConsoleKind = Literal["serial", "virtserialport", "virtconsole"]

DIALECTS: tuple[Dialect, ...] = ("busybox", "agency", "so3", "hush", "none")
# Those that do not echo: who types there is a program.
_SILENT = frozenset({"busybox", "agency"})
CONSOLE_KINDS: tuple[ConsoleKind, ...] = ("serial", "virtserialport", "virtconsole")


@dataclass(frozen=True, slots=True)
class ArtifactDesc:
    """Where one file of an image set comes from; exactly one of `build` and `file` is set.

    :ivar build: name of the output of the manifest's recipe.
    :ivar file: a file that exists, or that a Debian package installs.
    :ivar package: the Debian package that installs `file`, or None.
    :ivar where: place in the manifest, for messages.
    """

    name: str
    build: str | None
    file: Path | None
    package: str | None
    where: str


@dataclass(frozen=True, slots=True)
class LoadDesc:
    """A file put into memory before the start.

    :ivar address: physical address of a raw file; None for a format that knows its own, such as ELF.
    :ivar cpu: the CPU that starts at its entry, or None.
    """

    artifact: str
    address: int | None
    cpu: int | None


@dataclass(frozen=True, slots=True)
class DriveDesc:
    """A disk of every machine of this set; it is never written to: changes are dropped at the end."""

    artifact: str
    format: str
    interface: str
    readonly: bool


@dataclass(frozen=True, slots=True)
class MachineDesc:
    """A QEMU machine; `firmware`, `kernel`, `initrd` and `dtb` name artifacts.

    :ivar starts: CPU number and address for CPUs that start elsewhere than the machine decides.
    :ivar extra: further arguments of QEMU, as they are.
    """

    binary: str
    machine: str
    cpu: str | None
    smp: int
    memory_mib: int
    firmware: str | None
    kernel: str | None
    initrd: str | None
    dtb: str | None
    append: str | None
    accel: str | None
    loads: tuple[LoadDesc, ...]
    starts: tuple[tuple[int, int], ...]
    drives: tuple[DriveDesc, ...]
    extra: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConsoleDesc:
    """A console of the machine.

    :ivar system: whose failure patterns are watched for (`linux`, `so3`, ...), or None.
    :ivar prompt: what the guest prints when it waits for a command, or None if it never does.
    :ivar wake: bytes that make it print its prompt; empty if it does so by itself.
    :ivar failures: further failure patterns by name.
    :ivar milestones: what a boot prints, in this order.
    """

    name: str
    kind: ConsoleKind
    dialect: Dialect
    system: str | None
    prompt: re.Pattern[bytes] | None
    wake: bytes
    failures: tuple[tuple[str, re.Pattern[bytes]], ...]
    milestones: tuple[re.Pattern[bytes], ...]


@dataclass(frozen=True, slots=True)
class TreeDesc:
    """Device tree of the agency: a base (`qemu`: the tree of exactly this machine) and overlays."""

    base: Literal["qemu"] | Path
    overlays: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class MeDesc:
    """The mobile entity of an image set.

    :ivar base: source of its device tree.
    :ivar kernel: artifact that goes into its `.itb`.
    :ivar load: guest physical address of the kernel; `entry`: where it starts.
    :ivar slots: domain numbers that an ME can get.
    :ivar console: console of a slot, with ``{slot}`` in it.
    """

    base: Path
    kernel: str
    load: int
    entry: int
    slots: tuple[int, ...]
    console: str

    def console_of(self, slot: int) -> str:
        """Name of the console of the ME in a slot."""
        return self.console.format(slot=slot)


@dataclass(frozen=True, slots=True)
class BootDesc:
    """When the machine counts as booted.

    :ivar console: its prompt ends the boot.
    :ivar deadline: seconds on the reference host.
    """

    console: str
    deadline: float


@dataclass(frozen=True, slots=True)
class Manifest:
    """One image set.

    :ivar path: the file that describes it.
    :ivar sources: all files read for it: itself and what it extends.
    :ivar recipe: what builds the artifacts marked `build`, or None.
    :ivar options: switches for the recipe, for instance ``faults``.
    :ivar features: what scenarios may name in `requires`.
    :ivar events: console that carries the event stream, or None.
    """

    name: str
    about: str
    path: Path
    sources: tuple[Path, ...]
    machine: MachineDesc
    artifacts: Mapping[str, ArtifactDesc]
    consoles: tuple[ConsoleDesc, ...]
    boot: BootDesc
    features: frozenset[str] = frozenset()
    recipe: str | None = None
    options: Mapping[str, bool] = field(default_factory=dict)
    agency_tree: TreeDesc | None = None
    me: MeDesc | None = None
    events: str | None = None

    def console(self, name: str) -> ConsoleDesc:
        """The console of that name.

        :raise KeyError: there is none.
        """
        for console in self.consoles:
            if console.name == name:
                return console
        raise KeyError(name)

    @property
    def boot_log(self) -> str:
        """The console on which a boot tells what it does: mostly that of the prompt, but not in a record."""
        serial = [console.name for console in self.consoles if console.kind == "serial"]
        return serial[0] if serial else self.boot.console

    @property
    def silent_consoles(self) -> frozenset[str]:
        """Consoles whose shell does not echo."""
        return frozenset(console.name for console in self.consoles if console.dialect in _SILENT)

    @property
    def packages(self) -> tuple[str, ...]:
        """Debian packages whose files are used, sorted."""
        return tuple(sorted({a.package for a in self.artifacts.values() if a.package}))
