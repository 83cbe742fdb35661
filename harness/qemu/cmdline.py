# SPDX-License-Identifier: GPL-2.0-only
"""Turns a machine's description into QEMU's command line; pure, so that it can be compared by text."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.qemu.spec import ConsoleSpec, Drive, Load, MachineSpec, Ram, Tape

# max_ports counts port 0, which is kept for a virtconsole; 16 leaves the guest's layout unchanged
# when a scenario adds a console.
_PORTS_STEP = 16


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The descriptors that QEMU inherits.

    :param qmp: QEMU's end of the QMP socket pair
    :param consoles: console name -> QEMU's end of its socket pair
    :param pace: the plugin's end of the channel that holds the machine
    """

    qmp: int
    consoles: Mapping[str, int]
    pace: int | None = None


def build(spec: MachineSpec, endpoints: Endpoints, *, binary: str | None = None) -> list[str]:
    """The command line of `spec`; the machine waits for `cont` before its first instruction.

    :param binary: resolved path of the program; `spec.binary` if None
    """
    argv = [binary or spec.binary, *_fixed(), *hardware(spec), *_software(spec)]
    argv += ["-chardev", f"socket,id=qmp,fd={endpoints.qmp}", "-mon", "chardev=qmp,mode=control", "-S"]
    for number, drive in enumerate(spec.drives):
        argv += _drive(drive, number)
    for load in spec.loads:
        argv += ["-device", _load(load)]
    argv += _consoles(spec, endpoints)
    if spec.pace is not None:
        argv += ["-plugin", f"file={_escaped(spec.pace)},fd={endpoints.pace}"]
    if spec.incoming:
        argv += ["-incoming", "defer"]
    return [*argv, *spec.extra]


def build_dumpdtb(spec: MachineSpec, out: Path, *, binary: str | None = None) -> list[str]:
    """A command line that makes QEMU write the device tree of `spec` to `out` and exit.

    Machine, CPUs, memory and devices are those of `spec`; software, drives and consoles are left out
    (virtio-pci devices do not appear in the tree, since the guest finds them on the bus).
    """
    dumping = hardware(spec)
    at = dumping.index("-M") + 1
    dumping[at] += f",dumpdtb={_escaped(out)}"
    return [binary or spec.binary, *_fixed(), *dumping, *spec.extra]


def _fixed() -> list[str]:
    return ["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"]


def hardware(spec: MachineSpec) -> list[str]:
    """The options that decide what QEMU puts into the device tree it makes."""
    argv = ["-M", spec.machine]
    if spec.ram is not None:
        argv = [*_ram(spec.ram, spec.memory_mib), "-M", f"{spec.machine},memory-backend=ram"]
    if spec.accel is not None:
        argv += ["-accel", spec.accel]
    if spec.cpu is not None:
        argv += ["-cpu", spec.cpu]
    argv += ["-smp", str(spec.smp), "-m", str(spec.memory_mib)]
    if spec.icount is not None:
        argv += ["-icount", spec.icount + (_tape(spec.tape) if spec.tape is not None else "")]
    if spec.seed is not None:
        argv += ["-seed", str(spec.seed)]
    if spec.rtc is not None:
        argv += ["-rtc", spec.rtc]
    return argv


def _tape(tape: Tape) -> str:
    return f",rr={tape.mode},rrfile={_escaped(tape.file)}"


def _ram(ram: Ram, mib: int) -> list[str]:
    share = "on" if ram.shared else "off"
    return ["-object", f"memory-backend-file,id=ram,size={mib}M,mem-path={_escaped(ram.file)},share={share}"]


def _software(spec: MachineSpec) -> list[str]:
    argv: list[str] = []
    for option, path in (("-bios", spec.firmware), ("-kernel", spec.kernel), ("-initrd", spec.initrd),
                         ("-dtb", spec.dtb)):
        if path is not None:
            argv += [option, str(path)]
    if spec.append is not None:
        argv += ["-append", spec.append]
    return argv


def _escaped(path: Path) -> str:
    """A path as the value of a QEMU suboption, where a comma ends the value unless doubled."""
    return str(path).replace(",", ",,")


def _drive(drive: Drive, number: int) -> list[str]:
    text = f"file={_escaped(drive.file)},format={drive.format}"
    if drive.readonly:
        text += ",readonly=on"
    if drive.snapshot:
        text += ",snapshot=on"
    if drive.shared:
        text += ",file.locking=off"
    if drive.interface == "virtio":
        shared = ",share-rw=on" if drive.shared else ""
        return ["-drive", f"{text},if=none,id=drive{number}",
                "-device", f"virtio-blk-pci,drive=drive{number}{shared}"]
    return ["-drive", f"{text},if={drive.interface}"]


def _load(load: Load) -> str:
    text = f"loader,file={_escaped(load.file)}"
    if load.address is not None:
        text += f",addr={load.address:#x}"
        if load.cpu_num is None:
            text += ",force-raw=on"
    if load.cpu_num is not None:
        text += f",cpu-num={load.cpu_num}"
    return text


def _consoles(spec: MachineSpec, endpoints: Endpoints) -> list[str]:
    argv: list[str] = []
    ports = len(spec.virtio_consoles)
    if ports:
        most = _PORTS_STEP if ports < _PORTS_STEP else 31
        # By an ioeventfd QEMU's main loop would serve the ports, at any moment.
        at_once = ",ioeventfd=off" if spec.pace is not None or spec.tape is not None else ""
        argv += ["-device", f"virtio-serial-pci,id=ports,max_ports={most}{at_once}"]
    number = 1
    for index, console in enumerate(spec.consoles):
        argv += _channel(spec, index, endpoints.consoles[console.name])
        if console.kind != "serial":
            argv += ["-device", _port(console, _label(spec, index), number)]
            number += 1
    return argv


def _label(spec: MachineSpec, index: int) -> str:
    """What QEMU calls a channel. It records those only that come by `-serial` and a text."""
    return f"serial{index}" if spec.tape is not None else f"console{index}"


def _channel(spec: MachineSpec, index: int, descriptor: int) -> list[str]:
    if spec.tape is not None:
        return ["-serial", f"unix:fd={descriptor}"]
    channel = ["-chardev", f"socket,id={_label(spec, index)},fd={descriptor}"]
    serial = spec.consoles[index].kind == "serial"
    return [*channel, "-serial", f"chardev:{_label(spec, index)}"] if serial else channel


def _port(console: ConsoleSpec, channel: str, number: int) -> str:
    name = console.port or console.name
    return f"{console.kind},bus=ports.0,nr={number},chardev={channel},name={name.replace(',', ',,')}"
