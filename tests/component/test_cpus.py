# SPDX-License-Identifier: GPL-2.0-only
"""A program on a real QEMU that spins three calls deep: its stack is read, its functions are named."""

from pathlib import Path

import pytest

from harness.deadline import Deadline
from harness.errors import QmpRefused, UsageError
from harness.proc import run
from harness.qemu.cpus import Virtual, calls, parse
from harness.qemu.machine import Machine
from harness.qemu.memory import read_virtual
from harness.qemu.spec import ConsoleSpec, MachineSpec
from harness.symbols.elf import extent, read_module, read_program
from harness.symbols.system import Symbols, load

_TEXT = 0x40100000
_NOTHING = 0x7000_0000_0000
_SOURCE = """
__asm__(".globl _start\\n_start: ldr x0, =0x40300000\\n mov sp, x0\\n mov x29, xzr\\n mov x30, xzr\\n"
	"bl outer\\n b .\\n");
#define NOINLINE __attribute__((noinline))
NOINLINE void inner(volatile unsigned *uart)
{
	*uart = '!';
	for (;;)
		;
}
NOINLINE void middle(volatile unsigned *uart)
{
	inner(uart);
	*uart = '?';
}
NOINLINE void outer(void)
{
	middle((volatile unsigned *)0x9000000);
	*(volatile unsigned *)0x9000000 = '?';
}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`spin.elf`, and `spin.o` as a kernel module would be."""
    made = tmp_path_factory.mktemp("spin")
    (made / "spin.c").write_text(_SOURCE)
    flags = ["-O1", "-ffreestanding", "-fno-omit-frame-pointer", "-fno-pic", "-fno-stack-protector"]
    limit = Deadline.after(60, "compiler")
    compiler = "aarch64-linux-gnu-gcc"
    run([compiler, *flags, "-c", "-o", str(made / "spin.o"), str(made / "spin.c")], deadline=limit)
    run([compiler, "-nostdlib", "-static", f"-Wl,-Ttext={_TEXT:#x},--build-id=none,-e,_start", "-o",
         str(made / "spin.elf"), str(made / "spin.o")], deadline=limit)
    return made


def test_functions_of_a_program_and_of_a_module(folder: Path) -> None:
    program = {symbol.name: symbol for symbol in read_program((folder / "spin.elf").read_bytes())}
    assert {"_start", "inner", "middle", "outer"} <= set(program)
    low, high = extent((folder / "spin.elf").read_bytes())
    assert low <= program["inner"].address < high
    data = (folder / "spin.o").read_bytes()
    moved = {symbol.name: symbol for symbol in read_module(data, {".text": 0x1000000})}
    assert moved["inner"].address - program["inner"].address == 0x1000000 - _TEXT
    assert moved["inner"].size == program["inner"].size > 0
    assert read_module(data, {".exit.text": 0x1000000}) == []


def test_what_is_no_elf_file(tmp_path: Path) -> None:
    for refused in (read_program, extent):
        with pytest.raises(UsageError):
            refused(b"MZ" + b"\0" * 100)
    (tmp_path / "bad").write_bytes(b"MZ")
    found = load(tmp_path / "bad", tmp_path / "bad", tmp_path / "bad", {})
    assert (found.agency, found.me) == ((), None)
    assert [gap.split(":")[0] for gap in found.gaps] == ["kernel", "modules", "ME"]


def test_the_stack_of_a_cpu(folder: Path, tmp_path: Path) -> None:
    spec = MachineSpec(machine="virt", cpu="cortex-a72", smp=2, memory_mib=64, kernel=folder / "spin.elf",
                       consoles=(ConsoleSpec("uart", "serial"),))
    symbols: Symbols = load(None, None, folder / "spin.elf", {})
    with Machine(spec, tmp_path / "run") as machine:
        machine.console("uart").wait_for(b"!", Deadline.after(20, "the program"))
        first, second = parse(machine.stop_and_capture()[0].read_text())
        memory = Virtual(machine.qmp, first.cpu, machine.run_dir)
        addresses = calls(first, memory.read, lambda address: str(symbols.in_me(address))[:5])
        with pytest.raises(QmpRefused):
            read_virtual(machine.qmp, 0, _NOTHING, 8, machine.run_dir)
        assert memory.read(_NOTHING, 8) is None
    found = [symbols.in_me(address) for address in addresses]
    names = [spot.name for spot in found if spot is not None]
    assert names == ["inner", "middle", "outer", "_start"]
    assert symbols.is_me(first.pc)
    assert second.cpu == 1
