# SPDX-License-Identifier: GPL-2.0-only
"""A real QEMU without a guest: start, QMP, registers, memory, and every way to end."""

import json
import os
import select
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from harness.deadline import Deadline
from harness.errors import (
    ExpectationFailed,
    Expired,
    GuestLost,
    HostError,
    QemuExited,
    QmpRefused,
    UsageError,
)
from harness.proc import run
from harness.qemu.machine import Machine
from harness.qemu.spec import ConsoleSpec, Load, MachineSpec

RAM = 0x40000000
CONSOLES = (ConsoleSpec("agency", "serial", "linux"), ConsoleSpec("me2", "virtserialport", "so3"),
            ConsoleSpec("events", "virtserialport", port="soo.events"))
SPEC = MachineSpec(machine="virt", cpu="cortex-a72", smp=2, memory_mib=64, consoles=CONSOLES)


def _soon() -> Deadline:
    return Deadline.after(20, "test")


def _gone(pid: int) -> bool:
    try:
        watch = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    waiting = select.poll()
    waiting.register(watch, select.POLLIN)
    ended = bool(waiting.poll(10_000))
    os.close(watch)
    return ended


def test_life_of_a_machine(tmp_path: Path) -> None:
    with Machine(SPEC, tmp_path / "run", paused=True) as machine:
        assert machine.qmp.status() == "prelaunch"
        machine.qmp.cont()
        assert machine.qmp.status() == "running"
        assert machine.qmp.wait_event("RESUME", _soon()).time > 0
        assert list(machine.consoles) == ["agency", "me2", "events"]
        assert Path(f"/proc/{machine.pid}/cmdline").read_bytes().split(b"\0")[1] == machine.argv[1].encode()
        pid = machine.pid
    assert _gone(pid)
    logs = {"console-agency.log", "console-me2.log", "console-events.log"}
    times = {name + ".times" for name in logs}
    assert set(os.listdir(tmp_path / "run")) == logs | times | {"qmp.jsonl", "qemu.stderr"}


def test_all_qmp_traffic_is_logged(tmp_path: Path) -> None:
    with Machine(SPEC, tmp_path) as machine:
        machine.qmp.status()
    lines = [json.loads(line) for line in (tmp_path / "qmp.jsonl").read_text().splitlines()]
    sent = [line["message"]["execute"] for line in lines if line["direction"] == "out"]
    assert sent == ["qmp_capabilities", "cont", "query-status", "quit"]
    assert "QMP" in lines[0]["message"]
    assert [line["ns"] for line in lines] == sorted(line["ns"] for line in lines)


def test_refused_command(tmp_path: Path) -> None:
    with Machine(SPEC, tmp_path) as machine:
        with pytest.raises(QmpRefused, match="QMP: no-such-thing: The command no-such-thing") as caught:
            machine.qmp.execute("no-such-thing")
        assert caught.value.error_class == "CommandNotFound"
        with pytest.raises(Expired, match="QMP event SHUTDOWN"):
            machine.qmp.wait_event("SHUTDOWN", Deadline.after_real(0.05, "shutdown"))


def test_registers_and_memory(tmp_path: Path) -> None:
    blob = tmp_path / "blob.bin"
    blob.write_bytes(bytes(range(256)) * 16)
    loads = (Load(blob, RAM + 0x200000),)
    spec = MachineSpec(machine="virt", cpu="cortex-a72", smp=2, memory_mib=64, loads=loads)
    with Machine(spec, tmp_path / "run", paused=True) as machine:
        assert machine.read_physical(RAM + 0x200000, 4096) == blob.read_bytes()
        assert machine.read_physical(RAM + 0x200010, 3) == b"\x10\x11\x12"
        files = machine.stop_and_capture()
        text = files[0].read_text()
        assert "CPU#0" in text
        assert "CPU#1" in text
        assert "PC=" in text
        machine.qmp.cont()
    assert not list((tmp_path / "run").glob("memory-*"))


def test_memory_that_cannot_be_written_out(tmp_path: Path) -> None:
    with Machine(SPEC, tmp_path / "run", paused=True) as machine:
        (tmp_path / "run").rename(tmp_path / "moved")
        with pytest.raises(HostError, match="cannot read 16 bytes at 0x40000000"):
            machine.read_physical(RAM, 16)


def test_guest_program_prints_powers_off_and_is_seen(tmp_path: Path) -> None:
    """Ten instructions of AArch64: print `ok\\n` to the PL011, then PSCI SYSTEM_OFF."""
    words = [
        0xD2A12001,  # mov  x1, #0x09000000
        0x52800DE0,  # mov  w0, #'o'
        0x39000020,  # strb w0, [x1]
        0x52800D60,  # mov  w0, #'k'
        0x39000020,  # strb w0, [x1]
        0x52800140,  # mov  w0, #'\n'
        0x39000020,  # strb w0, [x1]
        0xD2800100,  # mov  x0, #8
        0xF2B08000,  # movk x0, #0x8400, lsl #16
        0xD4000002,  # hvc  #0
    ]
    code = tmp_path / "code.bin"
    code.write_bytes(b"".join(word.to_bytes(4, "little") for word in words))
    spec = MachineSpec(cpu="cortex-a72", kernel=code, memory_mib=64, consoles=CONSOLES)
    with Machine(spec, tmp_path / "run") as machine:
        assert machine.console("agency").wait_for(b"ok\n", _soon()).span == (0, 3)
        assert machine.wait_exit(_soon()) == 0
        machine.console("me2").wait_end(_soon())
        assert machine.failures == []
        with pytest.raises(QemuExited, match="QEMU ended with status 0; waited for test, last seen: 'ok'"):
            machine.console("agency").wait_for(b"more", _soon())
        with pytest.raises(QemuExited):
            machine.qmp.status()
        assert machine.stop_and_capture() == ()


def test_unknown_console(tmp_path: Path) -> None:
    known = "machine: no console 'me9'; it has: agency, me2, events"
    with Machine(SPEC, tmp_path, paused=True) as machine, pytest.raises(UsageError, match=known):
        machine.console("me9")


def test_refused_command_line_is_quoted(tmp_path: Path) -> None:
    spec = MachineSpec(machine="virt", cpu="pentium", consoles=CONSOLES)
    with pytest.raises(UsageError, match="QEMU does not accept the machine: .*pentium"), \
            Machine(spec, tmp_path):
        pass


def test_missing_kernel_is_quoted(tmp_path: Path) -> None:
    spec = MachineSpec(kernel=tmp_path / "no-kernel", consoles=CONSOLES)
    with pytest.raises(UsageError, match="no-kernel"), Machine(spec, tmp_path):
        pass


def test_crash_in_the_middle_is_told_at_the_wait(tmp_path: Path) -> None:
    def look(machine: Machine) -> None:
        os.kill(machine.pid, signal.SIGSEGV)
        with pytest.raises(QemuExited, match="was ended by signal SIGSEGV") as caught:
            machine.console("me2").wait_for(b"so3%", _soon())
        assert caught.value.status == -signal.SIGSEGV
        with pytest.raises(QemuExited):
            machine.qmp.status()
        with pytest.raises(QemuExited):
            machine.qmp.wait_event("STOP", _soon())

    with pytest.raises(QemuExited, match="SIGSEGV"), Machine(SPEC, tmp_path) as machine:
        look(machine)


def test_crash_that_nobody_waited_for_is_told_on_leaving(tmp_path: Path) -> None:
    with pytest.raises(QemuExited, match="SIGABRT"), Machine(SPEC, tmp_path) as machine:
        os.kill(machine.pid, signal.SIGABRT)


def test_error_inside_is_not_replaced_by_the_crash(tmp_path: Path) -> None:
    def die(machine: Machine) -> None:
        os.kill(machine.pid, signal.SIGKILL)
        raise KeyError("the reason")

    with pytest.raises(KeyError), Machine(SPEC, tmp_path) as machine:
        die(machine)


def test_qemu_that_hangs_is_killed_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.qemu.machine._QUIT_S", 0.2)
    monkeypatch.setattr("harness.qemu.machine._GRACE_S", 0.2)
    with pytest.raises(GuestLost, match="did not obey `quit`"), Machine(SPEC, tmp_path) as machine:
        os.kill(machine.pid, signal.SIGSTOP)
    assert _gone(machine.pid)


def test_run_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HostError, match="cannot write the run folder"), Machine(SPEC, tmp_path / "file"):
        pass


def test_nothing_leaks(tmp_path: Path) -> None:
    def once(number: int) -> None:
        with Machine(SPEC, tmp_path / str(number)):
            pass

    once(0)
    descriptors = len(os.listdir("/proc/self/fd"))
    threads = threading.active_count()
    for number in range(1, 4):
        once(number)
    assert len(os.listdir("/proc/self/fd")) == descriptors
    assert threading.active_count() == threads


def test_observer_ends_all_waits_until_forgiven(tmp_path: Path) -> None:
    with Machine(SPEC, tmp_path, paused=True) as machine:
        machine.check()
        violation = ExpectationFailed("state.illegal_transition")
        machine.fail(violation)
        machine.fail(ExpectationFailed("a later one"))
        with pytest.raises(ExpectationFailed) as caught:
            machine.console("me2").wait_for(b"never", _soon())
        assert caught.value is violation
        with pytest.raises(ExpectationFailed):
            machine.check()
        machine.forgive()
        machine.check()
        with pytest.raises(Expired):
            machine.console("me2").wait_for(b"never", Deadline.after_real(0.05, "output"))


def test_machines_side_by_side(tmp_path: Path) -> None:
    with Machine(SPEC, tmp_path / "a", paused=True) as one, Machine(SPEC, tmp_path / "b", paused=True) as two:
        one.qmp.cont()
        assert (one.qmp.status(), two.qmp.status()) == ("running", "prelaunch")


UNRULY = """
import pathlib, sys
from harness.qemu.machine import Machine
from harness.qemu.spec import MachineSpec
with Machine(MachineSpec(memory_mib=64), pathlib.Path(sys.argv[1])) as machine:
    machine.no_such_attribute
"""


def test_a_bug_in_the_body_leaves_no_noise_but_its_own_traceback(tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDEVMODE": "1"}
    done = run([sys.executable, "-c", UNRULY, str(tmp_path)], deadline=_soon(), env=env, check=False)
    said = done.stderr.decode()
    assert done.status == 1
    assert said.splitlines()[-1] == "AttributeError: 'Machine' object has no attribute 'no_such_attribute'"
    for noise in ("was destroyed", "never awaited", "event loop", "never retrieved", "ResourceWarning"):
        assert noise not in said


def _check_until_it_raises(machine: Machine) -> None:
    limit = _soon()
    while not limit.expired():
        machine.check()


def test_the_end_of_qemu_is_seen_without_a_wait_on_a_console(tmp_path: Path) -> None:
    with suppress(GuestLost), Machine(SPEC, tmp_path) as machine:
        machine.check()
        os.kill(machine.pid, signal.SIGKILL)
        with pytest.raises(QemuExited, match="QEMU was ended by signal SIGKILL"):
            _check_until_it_raises(machine)
