# SPDX-License-Identifier: GPL-2.0-only
"""What a machine consists of, as plain values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from harness.errors import UsageError

ConsoleKind = Literal["serial", "virtserialport", "virtconsole"]

# Names go into QEMU options, file names and error texts.
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,30}")

# A virtio-serial device has port 0 for a console; QEMU's limit is 31 ports in all.
_MOST_PORTS = 30


@dataclass(frozen=True, slots=True)
class Load:
    """A file put into memory before the start (`-device loader`).

    :param address: physical address of a raw file; None for a format that knows its own, such as ELF
    :param cpu_num: CPU whose program counter is set to the entry; None to set none
    """

    file: Path
    address: int | None = None
    cpu_num: int | None = None


@dataclass(frozen=True, slots=True)
class Drive:
    """A disk.

    :param interface: `virtio` for virtio-blk-pci, else a value of QEMU's `-drive if=`, such as `sd`
    :param snapshot: keep writes out of the file
    :param shared: several machines have it; none of them locks the file
    """

    file: Path
    format: str = "raw"
    readonly: bool = True
    interface: str = "virtio"
    snapshot: bool = False
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Ram:
    """Where the machine's memory is.

    :param file: a file of the memory's size
    :param shared: what the machine writes goes into the file; else into pages of its own (copy on write)
    """

    file: Path
    shared: bool


@dataclass(frozen=True, slots=True)
class ConsoleSpec:
    """A character channel between the host and the machine.

    :param name: how the harness calls it; for a virtserialport also the name that the guest sees
    :param kind: `serial`: the next serial port of the board; `virtserialport` and `virtconsole`: a
        port of the machine's virtio-serial device
    :param system: whose failure patterns are watched for, see `harness.qemu.patterns`; None: nobody's
    :param port: port name that the guest sees, if it differs from `name`
    """

    name: str
    kind: ConsoleKind = "serial"
    system: str | None = None
    port: str | None = None


@dataclass(frozen=True, slots=True)
class Tape:
    """The log by which QEMU makes a machine run again as it ran once (`-icount rr=`).

    :param mode: `record` makes the log anew, `replay` follows it to its end, where QEMU ends too
    """

    mode: Literal["record", "replay"]
    file: Path


@dataclass(frozen=True, slots=True)
class MachineSpec:
    """One machine, as `harness.qemu.cmdline.build` turns it into a command line.

    :param binary: QEMU program, a name on PATH or a path
    :param machine: value of `-M`
    :param memory_mib: RAM in MiB
    :param append: kernel command line; needs `kernel`
    :param firmware: value of `-bios`
    :param accel: value of `-accel`; None leaves QEMU's own choice, TCG
    :param icount: value of `-icount`, for deterministic runs
    :param seed: value of `-seed`
    :param rtc: value of `-rtc`
    :param pace: the plugin that holds the machine at its beats, see `harness.qemu.lockstep`
    :param tape: the machine is recorded or replayed; needs `icount` and one CPU
    :param ram: a file as memory; None leaves QEMU's own choice
    :param incoming: the machine waits for its state (`harness.qemu.template`) and needs no software
    :param extra: further arguments, as they are
    :param env: variables added to QEMU's environment
    :raise UsageError: a name is unfit or used twice, or options contradict each other
    """

    binary: str = "qemu-system-aarch64"
    machine: str = "virt"
    cpu: str | None = None
    smp: int = 1
    memory_mib: int = 128
    kernel: Path | None = None
    initrd: Path | None = None
    dtb: Path | None = None
    firmware: Path | None = None
    append: str | None = None
    loads: tuple[Load, ...] = ()
    drives: tuple[Drive, ...] = ()
    consoles: tuple[ConsoleSpec, ...] = ()
    extra: tuple[str, ...] = ()
    accel: str | None = None
    icount: str | None = None
    seed: int | None = None
    rtc: str | None = None
    pace: Path | None = None
    tape: Tape | None = None
    ram: Ram | None = None
    incoming: bool = False
    env: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kernel is None and (self.append is not None or self.initrd is not None):
            raise UsageError("append and initrd need a kernel", where="machine")
        if self.smp < 1 or self.memory_mib < 1:
            raise UsageError(f"{self.smp} CPUs with {self.memory_mib} MiB make no machine", where="machine")
        if self.tape is not None and (self.icount is None or self.smp != 1):
            raise UsageError("a machine that is recorded counts instructions, and has one CPU",
                             where="machine")
        seen: set[str] = set()
        for console in self.consoles:
            if not _NAME.fullmatch(console.name):
                raise UsageError(f"{console.name!r} is no fit name for a console", where="machine",
                                 hint="use letters, digits and . _ -, a letter first")
            if console.name in seen:
                raise UsageError(f"two consoles are called {console.name!r}", where="machine")
            seen.add(console.name)
        if len(self.virtio_consoles) > _MOST_PORTS:
            raise UsageError(f"more than {_MOST_PORTS} virtio consoles", where="machine")

    @property
    def virtio_consoles(self) -> tuple[ConsoleSpec, ...]:
        """The consoles that are ports of the virtio-serial device."""
        return tuple(console for console in self.consoles if console.kind != "serial")
