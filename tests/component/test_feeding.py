# SPDX-License-Identifier: GPL-2.0-only
"""Input of deterministic runs: a device that does not take it, and a QEMU that does not come to rest."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from harness.errors import HostError
from harness.proc import Child
from harness.qemu import feeding
from harness.qemu.channel import Channel
from harness.qemu.feeding import Feeder
from harness.qemu.lockstep import Lockstep
from harness.qemu.machine import Machine
from harness.qemu.pump import Pump
from harness.qemu.spec import MachineSpec

SPEC = MachineSpec(machine="virt", cpu="cortex-a72", memory_mib=64)


class Port:
    """A channel with something to say, and the device's end of it."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        near, self.far = socket.socketpair()
        ours, theirs = socket.socketpair()
        for sock in (self.far, ours, theirs):
            stack.callback(sock.close)
        pump = Pump()
        pump.step_with(Lockstep(ours, pump.changed))
        self.channel = Channel("port", near, pump, folder / "port.log", ())
        stack.callback(self.channel.close)
        self.channel.queue(b"words")
        self.heard: list[bytes] = []

    def listen(self) -> threading.Thread:
        """Take what comes, as a device does that somebody has opened."""
        thread = threading.Thread(target=lambda: self.heard.append(self.far.recv(100)))
        thread.start()
        return thread


@pytest.fixture
def port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Port]:
    monkeypatch.setattr(feeding, "_TAKEN_WITHIN_S", 0.3)
    with ExitStack() as stack:
        yield Port(tmp_path, stack)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with Machine(SPEC, tmp_path / "run", paused=True) as machine:
        yield machine


def test_input_is_taken(port: Port, machine: Machine) -> None:
    listening = port.listen()
    Feeder([port.channel], None, machine.qmp, machine.pid).feed()
    listening.join()
    assert (port.heard, port.channel.has_output) == ([b"words"], False)


def test_a_port_that_nobody_reads(port: Port, machine: Machine) -> None:
    with pytest.raises(HostError, match="the guest does not take input here; in a deterministic run"):
        Feeder([port.channel], None, machine.qmp, machine.pid).feed()


def test_a_qemu_that_does_not_come_to_rest(port: Port, machine: Machine) -> None:
    listening = port.listen()
    with Child(["sh", "-c", "while :; do :; done"], stderr=Path(os.devnull)) as busy:
        with pytest.raises(HostError, match="QEMU does not come to rest"):
            Feeder([port.channel], None, machine.qmp, busy.pid).feed()
        busy.stop()
    listening.join()
