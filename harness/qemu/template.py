# SPDX-License-Identifier: GPL-2.0-only
"""A stopped machine as two files, and any number of machines that go on from there.

Memory is a file that all of them map; what one writes stays its own (copy on write). All else, CPUs
and devices, goes through QEMU's migration, with memory left out of it (capability `x-ignore-shared`).
QEMU 7.2 migrates to and from a command only, not a file.
"""

from __future__ import annotations

import os
import shlex
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from harness.deadline import Deadline
from harness.errors import GuestLost
from harness.qemu.machine import Machine
from harness.qemu.qmp import Qmp
from harness.qemu.spec import MachineSpec, Ram

_CAPABILITIES = ("x-ignore-shared", "events")
_PLACE = "template"


def original(spec: MachineSpec, ram: Path) -> MachineSpec:
    """The machine that becomes a template: its memory is the file `ram`."""
    return replace(spec, ram=Ram(ram, shared=True))


def copy(spec: MachineSpec, ram: Path) -> MachineSpec:
    """A machine that goes on from a template of `spec`; what it boots from is left out."""
    return replace(spec, ram=Ram(ram, shared=False), incoming=True, kernel=None, initrd=None, dtb=None,
                   append=None, firmware=None, loads=())


def save(machine: Machine, state: Path, deadline: Deadline) -> None:
    """Stop a machine and write all of it but its memory to `state`. The machine stays stopped.

    :raise GuestLost: QEMU could not
    :raise Expired: it did not in time
    """
    machine.halt()
    with _written_by_command(state, deadline) as pipe:
        _migrate(machine.qmp, "migrate", f"exec:cat > {shlex.quote(str(pipe))}", deadline)


def load(machine: Machine, state: Path, deadline: Deadline) -> None:
    """Give a machine that waits for it the state of a template; it is stopped then, `cont` lets it go on.

    :raise GuestLost: QEMU refuses the state: another QEMU, other devices, or a damaged file
    :raise Expired: it did not take it in time
    """
    if not state.stat().st_size:  # QEMU would wait for the first byte for ever
        raise GuestLost("the state is empty", where=str(state))
    _migrate(machine.qmp, "migrate-incoming", f"exec:cat {shlex.quote(str(state))}", deadline)


@contextmanager
def _written_by_command(file: Path, deadline: Deadline) -> Iterator[Path]:
    """A pipe for a command of QEMU's; on leaving, all that came through it is in `file`.

    QEMU tells the end of a migration before the command has ended: only the end of the pipe is the end.

    :raise Expired: the command keeps the pipe open
    """
    pipe = file.with_name(file.name + ".pipe")
    os.mkfifo(pipe)
    opened = threading.Event()
    reader = threading.Thread(target=_receive, args=(pipe, file, opened), name="soo-template", daemon=True)
    reader.start()
    try:
        try:
            yield pipe
        finally:
            own = os.open(pipe, os.O_RDWR)  # if no command came, the reader still waits for one
            while not opened.wait(deadline.patience()) and not deadline.expired():
                pass
            os.close(own)
            while reader.is_alive() and not deadline.expired():
                reader.join(deadline.patience())
            if reader.is_alive():
                raise deadline.error(where=_PLACE)
    finally:
        pipe.unlink()


def _receive(pipe: Path, file: Path, opened: threading.Event) -> None:
    with pipe.open("rb", buffering=0) as source, file.open("wb") as out:
        opened.set()
        shutil.copyfileobj(source, out)


def _migrate(qmp: Qmp, command: str, uri: str, deadline: Deadline) -> None:
    wanted = [{"capability": name, "state": True} for name in _CAPABILITIES]
    qmp.execute("migrate-set-capabilities", {"capabilities": wanted}, deadline=deadline)
    # No network hears who has moved; the timers for it would wake QEMU's main loop for a second.
    qmp.execute("migrate-set-parameters", {"announce-rounds": 0}, deadline=deadline)
    start = len(qmp.events())
    qmp.execute(command, {"uri": uri}, deadline=deadline)
    while True:
        event = qmp.wait_event("MIGRATION", deadline, start=start)
        status = event.data["status"]
        if status == "completed":
            return
        if status == "failed":
            raise GuestLost(f"QEMU does not {command}", where=_PLACE)
        start = qmp.events().index(event, start) + 1
