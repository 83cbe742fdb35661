# SPDX-License-Identifier: GPL-2.0-only
"""The command line of a machine, compared as text."""

from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.qemu.cmdline import Endpoints, build, build_dumpdtb
from harness.qemu.spec import ConsoleSpec, Drive, Load, MachineSpec

AGENCY = MachineSpec(
    machine="virt,virtualization=on,gic-version=3,dtb-randomness=off", cpu="cortex-a72",
    smp=2, memory_mib=512, kernel=Path("/i/vmlinuz"), initrd=Path("/i/initramfs.cpio"),
    dtb=Path("/r/agency.dtb"),
    append="console=ttyAMA0 panic=-1",
    drives=(Drive(Path("/r/me,1.tar")),),
    consoles=(ConsoleSpec("agency", "serial", "linux"), ConsoleSpec("me2", "virtserialport", "so3"),
              ConsoleSpec("events", "virtserialport", port="soo.events")))

AGENCY_LINE = """\
qemu-system-aarch64 -nodefaults -no-user-config -display none -no-reboot
-M virt,virtualization=on,gic-version=3,dtb-randomness=off -cpu cortex-a72 -smp 2 -m 512
-kernel /i/vmlinuz -initrd /i/initramfs.cpio -dtb /r/agency.dtb -append CMDLINE
-chardev socket,id=qmp,fd=10 -mon chardev=qmp,mode=control -S
-drive file=/r/me,,1.tar,format=raw,readonly=on,if=none,id=drive0 -device virtio-blk-pci,drive=drive0
-device virtio-serial-pci,id=ports,max_ports=16
-chardev socket,id=console0,fd=11 -serial chardev:console0
-chardev socket,id=console1,fd=12
-device virtserialport,bus=ports.0,nr=1,chardev=console1,name=me2
-chardev socket,id=console2,fd=13
-device virtserialport,bus=ports.0,nr=2,chardev=console2,name=soo.events
"""


def _line(argv: list[str]) -> list[str]:
    return ["CMDLINE" if "panic" in word else word for word in argv]


def test_reference_machine() -> None:
    ends = Endpoints(10, {"agency": 11, "me2": 12, "events": 13})
    assert _line(build(AGENCY, ends)) == AGENCY_LINE.split()


def test_kernel_command_line_is_one_argument() -> None:
    argv = build(AGENCY, Endpoints(10, {"agency": 11, "me2": 12, "events": 13}))
    assert argv[argv.index("-append") + 1] == "console=ttyAMA0 panic=-1"


def test_firmware_machine_with_sd_card_loads_and_determinism() -> None:
    spec = MachineSpec(binary="qemu-system-arm", machine="vexpress-a9", firmware=Path("u-boot.bin"),
                       drives=(Drive(Path("sd.img"), interface="sd", readonly=False, snapshot=True),),
                       loads=(Load(Path("a.elf"), cpu_num=0), Load(Path("b.bin"), 0x40000000)),
                       accel="tcg", icount="shift=4,sleep=off", seed=1, extra=("-rtc", "clock=vm"))
    assert " ".join(build(spec, Endpoints(3, {}), binary="/usr/bin/qemu-system-arm")) == (
        "/usr/bin/qemu-system-arm -nodefaults -no-user-config -display none -no-reboot -M vexpress-a9"
        " -accel tcg -smp 1 -m 128 -icount shift=4,sleep=off -seed 1 -bios u-boot.bin"
        " -chardev socket,id=qmp,fd=3 -mon chardev=qmp,mode=control -S"
        " -drive file=sd.img,format=raw,snapshot=on,if=sd -device loader,file=a.elf,cpu-num=0"
        " -device loader,file=b.bin,addr=0x40000000,force-raw=on -rtc clock=vm")


def test_virtio_console_port() -> None:
    spec = MachineSpec(consoles=(ConsoleSpec("hvc", "virtconsole"),))
    assert "virtconsole,bus=ports.0,nr=1,chardev=console0,name=hvc" in build(spec, Endpoints(3, {"hvc": 4}))


def test_dumpdtb_keeps_the_hardware_and_leaves_the_software_out() -> None:
    assert " ".join(build_dumpdtb(AGENCY, Path("/t/a,b.dtb"))) == (
        "qemu-system-aarch64 -nodefaults -no-user-config -display none -no-reboot -M"
        " virt,virtualization=on,gic-version=3,dtb-randomness=off,dumpdtb=/t/a,,b.dtb"
        " -cpu cortex-a72 -smp 2 -m 512")


@pytest.mark.parametrize(("consoles", "text"), [
    ((ConsoleSpec("a"), ConsoleSpec("a")), "two consoles are called 'a'"),
    ((ConsoleSpec("a,b"),), "'a,b' is no fit name"),
    ((ConsoleSpec("../x"),), "is no fit name"),
    (tuple(ConsoleSpec(f"p{i}", "virtserialport") for i in range(31)), "more than 30"),
])
def test_unfit_consoles_are_refused(consoles: tuple[ConsoleSpec, ...], text: str) -> None:
    with pytest.raises(UsageError, match=text):
        MachineSpec(consoles=consoles)


def test_contradictions_are_refused() -> None:
    with pytest.raises(UsageError, match="need a kernel"):
        MachineSpec(append="quiet")
    with pytest.raises(UsageError, match="make no machine"):
        MachineSpec(smp=0)


def test_a_disk_that_machines_share_is_locked_by_none() -> None:
    spec = MachineSpec(drives=(Drive(Path("/r/x.raw"), readonly=False, shared=True),))
    words = " ".join(build(spec, Endpoints(10, {})))
    assert "file=/r/x.raw,format=raw,file.locking=off,if=none,id=drive0" in words
    assert "virtio-blk-pci,drive=drive0,share-rw=on" in words
