# SPDX-License-Identifier: GPL-2.0-only
"""Registers of stopped CPUs and the calls that led to where they are."""

from __future__ import annotations

import struct

from harness.qemu.cpus import Registers, calls, frames, parse

_TEXT = """\
CPU#0
 PC=ffff800008baf4fc X00=0000000000000000 X01=00e00000419e9fc3
X29=ffff800009d6bc90 X30=ffff800008300ff0  SP=ffff800009d6bc80
PSTATE=600003c5 -ZC- EL1h     FPCR=00000000 FPSR=00000000
Q00=00000000031a0031:00000000031a5c78

CPU#1
 PC=0000000040088920 X00=0000000000000001
X29=0000000040100010 X30=0000000040088000  SP=0000000040100000
PSTATE=20000000 --C- EL0t     FPCR=00000000 FPSR=00000000
"""


def test_registers_are_read() -> None:
    first, second = parse(_TEXT)
    assert first == Registers(0, 0xFFFF800008BAF4FC, 0xFFFF800009D6BC80, 0xFFFF800009D6BC90,
                              0xFFFF800008300FF0, 1, (0, 0x00E00000419E9FC3))
    assert (second.cpu, second.level, second.pc) == (1, 0, 0x40088920)
    assert parse("CPU#0\nR00=00000000 R15=00001000\nPSR=400001d3 -Z-- A NS svc32\n") == []


class _Stack:
    """Frames at 0x1000, 0x1010, ...: each the one above, and a return address."""

    def __init__(self, *returns: int) -> None:
        self._data = b"".join(struct.pack("<QQ", 0x1000 + 16 * (at + 1), address)
                              for at, address in enumerate(returns))

    def read(self, address: int, size: int) -> bytes | None:
        data = self._data[address - 0x1000:address - 0x1000 + size] if address >= 0x1000 else b""
        return data if len(data) == size else None


def _function(address: int) -> object:
    """Functions of 0x100 bytes."""
    return address // 0x100


def _at(pc: int, lr: int, fp: int = 0x1000) -> Registers:
    return Registers(0, pc, fp, fp, lr, 1)


def test_calls_follow_the_frames() -> None:
    stack = _Stack(0x544, 0x644, 0x744)
    assert calls(_at(0x410, 0x544), stack.read, _function) == [0x410, 0x540, 0x640, 0x740]
    # It has called something of its own meanwhile.
    assert calls(_at(0x410, 0x440), stack.read, _function) == [0x410, 0x540, 0x640, 0x740]


def test_a_function_without_a_frame_was_called_by_the_link_register() -> None:
    assert calls(_at(0x310, 0x444), _Stack(0x544).read, _function) == [0x310, 0x440, 0x540]


def test_a_broken_stack_ends() -> None:
    assert list(frames(0, _Stack(1).read)) == []
    assert list(frames(0x1004, _Stack(1, 2).read)) == []
    assert list(frames(0x1000, _Stack(0x544, 0).read)) == [0x544]
    loop = struct.pack("<QQ", 0x1000, 0x544)
    assert len(list(frames(0x1000, lambda address, size: loop))) == 32
