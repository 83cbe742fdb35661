# SPDX-License-Identifier: GPL-2.0-only
"""What a clone costs: against a boot, against a bare script that does the same, and in memory."""

from __future__ import annotations

import json
import random
import re
import socket
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from harness.bench.report import Figure
from harness.deadline import Deadline, now
from harness.errors import GuestLost
from harness.guest import dialect
from harness.guest.frame import Shell
from harness.images.types import ConsoleDesc
from harness.proc import Child
from harness.qemu import cmdline, template, version
from harness.qemu.machine import Machine
from harness.qemu.spec import MachineSpec
from harness.qemu.wires import Wires

_BUDGET_S = 120.0
_QMP = "qmp:"
_PRIVATE = re.compile(r"^Private_Dirty: +(\d+) kB$", re.MULTILINE)
_NONCE = "5eed5eed"
_ECHO = (b"echo bare-$((20+22))\n", b"bare-42")  # typed, and printed for it


@dataclass(frozen=True, slots=True)
class Subject:
    """What is booted and cloned.

    :ivar console: the console with a shell.
    :ivar workdir: for the template and the logs.
    """

    spec: MachineSpec
    console: ConsoleDesc
    workdir: Path

    @property
    def ram(self) -> Path:
        """The template's memory."""
        return self.workdir / "ram"

    @property
    def state(self) -> Path:
        """All else of it."""
        return self.workdir / "state"


def figures(subject: Subject, *, rounds: int = 5) -> list[Figure]:
    """Boots, clones through the harness and by a bare script in turn, each to its first answered command.

    :param rounds: of each; the medians are compared
    :raise GuestLost: a machine did not answer
    """
    _make(subject)
    boots: list[float] = []
    clones: list[float] = []
    bare: list[float] = []
    echo: list[float] = []
    memory: list[float] = []
    for number in range(rounds):
        boots.append(_boot(subject))
        ways: list[Callable[[], None]] = [lambda: _clone(subject, clones, memory),
                                          lambda: bare.append(_bare(subject, _framed(subject))),
                                          lambda: echo.append(_bare(subject, _ECHO))]
        for way in ways if number % 2 else reversed(ways):  # neither always follows the boot
            way()
    by = f"median of {rounds} each, in turn"
    return [
        Figure("clone to first answered command", median(clones), "s", median(boots),
               f"{by}; baseline: a boot"),
        Figure("clone through the harness", median(clones), "s", median(bare),
               f"{by}; baseline: a bare script with the same command line, which types the same"),
        Figure("the same, status and output unchecked", median(clones), "s", median(echo),
               f"{by}; baseline: a bare script that types `echo`"),
        Figure("private memory of a clone", median(memory), "MB", subject.spec.memory_mib * 1.048576,
               f"after its first command, median of {rounds}; baseline: the guest's memory"),
    ]


def _make(subject: Subject) -> None:
    with subject.ram.open("wb") as file:
        file.truncate(subject.spec.memory_mib << 20)
    spec = template.original(subject.spec, subject.ram)
    with Machine(spec, subject.workdir / "original") as machine:
        _answer(subject, machine)
        template.save(machine, subject.state, Deadline.after(_BUDGET_S, "state of the template"))


def _boot(subject: Subject) -> float:
    began = now()
    with Machine(subject.spec, subject.workdir / "boot") as machine:
        _answer(subject, machine)
        return now() - began


def _clone(subject: Subject, seconds: list[float], memory: list[float]) -> None:
    began = now()
    spec = template.copy(subject.spec, subject.ram)
    with Machine(spec, subject.workdir / "clone", paused=True) as machine:
        template.load(machine, subject.state, Deadline.after(_BUDGET_S, "start of a clone"))
        machine.qmp.cont()
        _command(subject, machine)
        seconds.append(now() - began)
        memory.append(_private_mb(machine.pid))


def _answer(subject: Subject, machine: Machine) -> None:
    """From the boot to the answer of the first command."""
    assert subject.console.prompt is not None
    machine.console(subject.console.name).wait_for(subject.console.prompt, Deadline.after(_BUDGET_S, "boot"))
    _command(subject, machine)


def _command(subject: Subject, machine: Machine) -> None:
    console = machine.console(subject.console.name)
    shell = Shell(console, _spoken(subject), nonces=random.Random(1))
    result = shell.run("true", Deadline.after(_BUDGET_S, "first command"))
    if result.status != 0:
        raise GuestLost(f"the first command failed: {result.output!r}", where=subject.console.name)


def _spoken(subject: Subject) -> dialect.Dialect:
    spoken = dialect.find(subject.console.dialect)
    assert spoken is not None
    return spoken


def _private_mb(pid: int) -> float:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(kib) for kib in _PRIVATE.findall(text)) * 1024 / 1e6


def _framed(subject: Subject) -> tuple[bytes, bytes]:
    """What the harness types for its first command, and what ends the answer."""
    return _spoken(subject).request("true", _NONCE), f"SOO-e-{_NONCE} {_NONCE} 0".encode()


def _bare(subject: Subject, exchange: tuple[bytes, bytes]) -> float:
    """The same with QEMU alone: raw sockets, no log, nothing watched.

    :param exchange: what is typed, and the end of what is printed for it
    """
    typed, printed = exchange
    began = now()
    spec = template.copy(subject.spec, subject.ram)
    with ExitStack() as stack:
        wires = stack.enter_context(Wires([_QMP, *(item.name for item in spec.consoles)]))
        far = dict(wires.far)
        argv = cmdline.build(spec, cmdline.Endpoints(far.pop(_QMP), far),
                             binary=version.find(spec.binary).path)
        stack.enter_context(Child(argv, pass_fds=tuple(wires.far.values()),
                                  stderr=subject.workdir / "bare.stderr"))
        wires.hand_over()
        qmp = wires.near[_QMP]
        _until(qmp, b'"QMP"')
        _say(qmp, "qmp_capabilities")
        capabilities = [{"capability": "x-ignore-shared", "state": True}]
        _say(qmp, "migrate-set-capabilities", capabilities=capabilities)
        _say(qmp, "migrate-incoming", uri=f"exec:cat {subject.state}")
        while b"inmigrate" in _say(qmp, "query-status"):
            pass
        _say(qmp, "cont")
        console = wires.near[subject.console.name]
        console.sendall(typed)
        _until(console, printed)
        return now() - began


def _say(qmp: socket.socket, command: str, **arguments: object) -> bytes:
    qmp.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
    return _until(qmp, b'"return"')


def _until(sock: socket.socket, wanted: bytes) -> bytes:
    sock.settimeout(_BUDGET_S)
    text = b""
    while wanted not in text:
        data = sock.recv(1 << 16)
        if not data:
            raise GuestLost("QEMU ended", where="bare clone")
        text += data
    return text
