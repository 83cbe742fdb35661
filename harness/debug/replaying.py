# SPDX-License-Identifier: GPL-2.0-only
"""A replay under gdb, which begins anew as often as gdb wants to go back.

QEMU's own reverse debugging loads snapshots. In a replay that does not work with a virtio-serial device:
after a load it arms a timer of the guest's clock, which is no event of the log, and the machine stands
still (measured with QEMU 7.2.22). So going back is running again from the start to an instruction before.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from harness.debug import session
from harness.debug.control import Answer, Control, Order, unknown
from harness.debug.recording import Recording
from harness.debug.session import Debuggee
from harness.qemu.machine import Machine
from harness.scenario import modules

# With the last instructions come the events of the end; gdb still wants the machine then.
_STAYS = ("-action", "shutdown=pause")


class Replaying:
    """The machine of a record with a gdbstub; entering starts it, before its first instruction.

    :ivar folder: a folder for sockets and the script; its path is short
    :ivar script: what gdb is started with
    """

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._parts = ExitStack()
        self._running = ExitStack()
        self._turn = 0
        self._machine: Machine | None = None

    def __enter__(self) -> Self:
        with ExitStack() as starting:
            self.folder = Path(starting.enter_context(tempfile.TemporaryDirectory(prefix="soo-gdb-")))
            starting.callback(lambda: self._running.close())
            gdb = self._begin()
            control = starting.enter_context(Control(self.folder / "control", self._serve))
            # One before the last, a stop like any other; some logs end a few instructions earlier.
            end = max(0, self._recording.instructions - 1)
            self.script = session.write(debuggee(self._recording), self.folder, gdb=gdb, control=control.path,
                                        end=end, replayed=True)
            self._parts = starting.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None,
                 tb: TracebackType | None) -> None:
        self._parts.close()

    def _begin(self) -> Path:
        """A machine before its first instruction; the one before ends."""
        self._running.close()
        self._turn += 1
        logs = self.folder / f"logs-{self._turn}"
        with ExitStack() as starting:
            starting.callback(shutil.rmtree, logs, ignore_errors=True)
            spec = self._recording.spec
            spec = replace(spec, extra=(*spec.extra, *_STAYS))
            machine = starting.enter_context(Machine(spec, logs, paused=True))
            self._machine = machine
            gdb = self.folder / f"gdb-{self._turn}"
            machine.qmp.human(f"gdbserver unix:{gdb},server=on,wait=off")
            self._running = starting.pop_all()
        return gdb

    def _serve(self, order: Order) -> Answer:
        machine = self._machine
        assert machine is not None
        if order["do"] == "executed":
            return {"executed": machine.qmp.execute("query-replay")["icount"]}
        if order["do"] == "ended":
            return {"ended": machine.qmp.status() == "shutdown"}
        if order["do"] == "stop-at":
            machine.qmp.execute("replay-break", {"icount": int(order["executed"])})
            return {}
        if order["do"] == "kernel-tables":
            return session.kernel_tables(machine.qmp, self.folder)
        if order["do"] == "again":
            return {"gdb": str(self._begin())}
        raise unknown(order)


def debuggee(recording: Recording) -> Debuggee:
    """The machine of a record, for gdb."""
    folder = recording.folder
    files = {path.name: path for path in folder.iterdir()}
    program = folder / "soo"
    events = recording.log_of(recording.events) if recording.events is not None else None
    return Debuggee(
        recording.spec.kernel,
        modules.of_run(recording.run_dir, recording.log_of(recording.spec.consoles[0].name)),
        session.modules_of(files),
        program if program.is_file() else None, recording.me, recording.mes, session.domains_of(events))
