# SPDX-License-Identifier: GPL-2.0-only
"""A real QEMU that counts in memory, saved as a template: copies count on from there, each for itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from harness.deadline import Deadline
from harness.errors import GuestLost, QmpRefused
from harness.qemu import template
from harness.qemu.machine import Machine
from harness.qemu.spec import ConsoleSpec, Load, MachineSpec

CODE = 0x40200000
COUNTER = 0x40210000
MIB = 64
# mov x0, #COUNTER; loop: ldr w1, [x0]; add w1, w1, #1; str w1, [x0]; b loop
COUNT = bytes.fromhex("2004a8d2 010040b9 21040011 010000b9 fdffff17")
CONSOLES = (ConsoleSpec("agency", "serial", "linux"), ConsoleSpec("me2", "virtserialport", "so3"))
SPEC = MachineSpec(machine="virt", cpu="cortex-a72", memory_mib=MIB, consoles=CONSOLES)


def _soon() -> Deadline:
    return Deadline.after(20, "test")


def _count(machine: Machine) -> int:
    return int.from_bytes(machine.read_physical(COUNTER, 4), "little")


@dataclass
class Saved:
    """A template, and the count in it."""

    ram: Path
    state: Path
    count: int


@pytest.fixture
def saved(tmp_path: Path) -> Iterator[Saved]:
    ram, state, code = tmp_path / "ram", tmp_path / "state", tmp_path / "code"
    with ram.open("wb") as file:
        file.truncate(MIB << 20)
    code.write_bytes(COUNT)
    spec = replace(SPEC, loads=(Load(code, CODE, cpu_num=0),))
    with Machine(template.original(spec, ram), tmp_path / "original") as machine:
        while _count(machine) < 1000:
            pass
        template.save(machine, state, _soon())
        assert machine.qmp.status() == "postmigrate"
        yield Saved(ram, state, _count(machine))


def test_copies_go_on_each_for_itself(saved: Saved, tmp_path: Path) -> None:
    digest = hashlib.sha256(saved.ram.read_bytes()).digest()
    with ExitStack() as running:
        spec = template.copy(SPEC, saved.ram)
        copies = [running.enter_context(Machine(spec, tmp_path / f"copy{n}", paused=True)) for n in range(3)]
        for copy in copies:
            template.load(copy, saved.state, _soon())
            assert _count(copy) == saved.count
        copies[0].qmp.cont()
        while _count(copies[0]) < saved.count + 1000:
            pass
        assert [_count(copy) for copy in copies[1:]] == [saved.count] * 2
    assert hashlib.sha256(saved.ram.read_bytes()).digest() == digest


def test_a_damaged_state_is_refused(saved: Saved, tmp_path: Path) -> None:
    state = saved.state.read_bytes()
    for name, damaged in (("cut", state[: len(state) // 2]), ("empty", b""), ("other", b"x" * len(state))):
        saved.state.write_bytes(damaged)
        _refused(SPEC, saved, tmp_path / name)


def test_another_machine_is_refused(saved: Saved, tmp_path: Path) -> None:
    _refused(replace(SPEC, consoles=CONSOLES[:1]), saved, tmp_path / "other")


def _refused(spec: MachineSpec, saved: Saved, folder: Path) -> None:
    with pytest.raises(GuestLost), Machine(template.copy(spec, saved.ram), folder, paused=True) as copy:
        template.load(copy, saved.state, _soon())


def test_a_refused_save_leaves_nothing(saved: Saved, tmp_path: Path) -> None:
    waiting = template.copy(SPEC, saved.ram)
    with Machine(waiting, tmp_path / "waiting", paused=True) as copy, pytest.raises(QmpRefused):
        template.save(copy, tmp_path / "second", _soon())  # it has no state yet
    assert list(tmp_path.glob("second*.pipe")) == []
