# SPDX-License-Identifier: GPL-2.0-only
"""What booting through the harness costs, against the same QEMU read by a bare loop."""

import re
import selectors
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from harness.bench.report import Figure
from harness.deadline import Deadline, now
from harness.proc import Child
from harness.qemu import cmdline, version
from harness.qemu.machine import Machine
from harness.qemu.patterns import Pattern
from harness.qemu.spec import MachineSpec
from harness.qemu.wires import Wires

_BUDGET_S = 120.0
_QMP = "qmp:"


def figures(spec: MachineSpec, console: str, marker: re.Pattern[bytes], workdir: Path, *, rounds: int = 6,
            failures: Mapping[str, Sequence[Pattern]] | None = None) -> list[Figure]:
    """Boot `spec` both ways in turn and compare the medians, from exec to the marker.

    :param console: name of the console that prints the marker
    :param marker: what ends a boot, such as the prompt
    :param rounds: boots each way
    :param failures: see `Machine`
    :raise GuestLost: a boot did not come to the marker
    """
    version.find(spec.binary)  # asked for once per process: no part of a boot
    ours: list[float] = []
    plain: list[float] = []
    for number in range(rounds):
        if number % 2:  # each goes first in turn, so that a host that gets busier favours neither
            plain.append(_plain(spec, console, marker, workdir))
        ours.append(_through_harness(spec, console, marker, workdir, failures))
        if not number % 2:
            plain.append(_plain(spec, console, marker, workdir))
    return [Figure("boot to marker through the harness", median(ours), "s", median(plain),
                   f"median of {rounds} each, in turn; plain: same command line, bare loop")]


def _through_harness(spec: MachineSpec, console: str, marker: re.Pattern[bytes], workdir: Path,
                     failures: Mapping[str, Sequence[Pattern]] | None) -> float:
    """Seconds from the order to start to the marker."""
    start = now()
    with Machine(spec, workdir / "boot", failures=failures) as machine:
        machine.console(console).wait_for(marker, Deadline.after(_BUDGET_S, "boot"))
        return now() - start


def _plain(spec: MachineSpec, console: str, marker: re.Pattern[bytes], workdir: Path) -> float:
    """Seconds from exec to the marker with nothing but a select loop."""
    with ExitStack() as stack:
        wires = stack.enter_context(Wires([_QMP, *(item.name for item in spec.consoles)]))
        far = dict(wires.far)
        qemu = version.find(spec.binary)
        argv = cmdline.build(spec, cmdline.Endpoints(far.pop(_QMP), far), binary=qemu.path)
        argv.remove("-S")
        start = now()
        stack.enter_context(Child(argv, pass_fds=tuple(wires.far.values()), stderr=workdir / "plain.stderr"))
        wires.hand_over()
        selector = stack.enter_context(selectors.DefaultSelector())
        for name in far:
            selector.register(wires.near[name], selectors.EVENT_READ, name)
        limit = Deadline.after(_BUDGET_S, f"boot with a bare loop to {marker.pattern!r}")
        tail = b""
        while True:
            ready = selector.select(limit.remaining())
            limit.check()
            for key, _ in ready:
                data = wires.near[key.data].recv(1 << 16)
                if not data:
                    raise limit.error(where=f"console {key.data}", last="end of the channel")
                if key.data == console:
                    tail = (tail + data)[-(len(data) + 256):]
                    if marker.search(tail):
                        return now() - start
