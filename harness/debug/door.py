# SPDX-License-Identifier: GPL-2.0-only
"""The way into a machine of a running scenario, for `harness attach` in another terminal.

A socket in a short folder of its own, named by `attach.json` in the run folder as long as it is there.
While a person holds the machine, no time passes in this process: neither deadlines nor durations count it.

    {"do": "machine"}                                   -> {"consoles": [...], "first": NAME, "echo": [...]}
    {"do": "read", "console": NAME, "position": N}      -> {"data": TEXT, "ended": BOOL}, in a moment
    {"do": "send", "console": NAME, "data": TEXT}       -> {}
    {"do": "qmp", "command": NAME, "arguments": {...}}  -> {"return": VALUE}
    {"do": "gdb"}                                       -> {"script": PATH}: what gdb is started with
    {"do": "known"}                                     -> {"images": {...}, "domains": {...}}, for gdb
    {"do": "kernel-tables"}                             -> see `session.kernel_tables`, for gdb
    {"do": "run"}                                       -> {}: the machine runs
    {"do": "go-on"}                                     -> {}: the scenario goes on
"""

from __future__ import annotations

import json
import tempfile
import threading
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from harness.deadline import go_on, stand_still
from harness.debug import session
from harness.debug.control import Answer, Control, Order, unknown
from harness.debug.session import Debuggee
from harness.errors import GuestLost, UsageError
from harness.scenario import functions
from harness.scenario.context import Context
from harness.scenario.places import shared_page

FILE = "attach.json"
_READ = 4096
# Between two looks at a console that is silent, in seconds.
_MOMENT_S = 0.05


class Door:
    """The way into the machine that a context means; entering opens it, leaving closes it.

    :ivar passed: set when somebody has said that the scenario is to go on
    """

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._site = ctx.site
        self._machine = ctx.machine
        self._gdb: Path | None = None
        self._closing = threading.Event()
        self.passed = threading.Event()

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            self.folder = Path(opening.enter_context(tempfile.TemporaryDirectory(prefix="soo-attach-")))
            control = opening.enter_context(Control(self.folder / "control", self._serve))
            told = self._ctx.run_dir / FILE
            told.with_suffix(".new").write_text(json.dumps({"socket": str(control.path)}) + "\n")
            told.with_suffix(".new").rename(told)
            opening.callback(told.unlink)
            self._parts = opening.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None,
                 tb: TracebackType | None) -> None:
        self._closing.set()
        self._parts.close()

    def _serve(self, order: Order) -> Answer:
        serve = {"machine": self._tell, "read": self._read, "send": self._send, "qmp": self._qmp,
                 "gdb": self._debug, "known": self._known,
                 "kernel-tables": self._kernel_tables, "run": self._run,
                 "go-on": self._go_on}.get(str(order["do"]))
        if serve is None:
            raise unknown(order)
        return serve(order)

    def _tell(self, order: Order) -> Answer:
        manifest = self._ctx.images.manifest
        return {"consoles": list(self._machine.consoles), "first": manifest.boot.console,
                "echo": sorted(manifest.silent_consoles)}

    def _read(self, order: Order) -> Answer:
        console, position = self._machine.console(order["console"]), int(order["position"])
        data = console.text(position, position + _READ)
        if not data and not console.at_end:
            self._closing.wait(_MOMENT_S)
            data = console.text(position, position + _READ)
        return {"data": data.decode("latin-1"), "ended": not data and console.at_end}

    def _send(self, order: Order) -> Answer:
        self._machine.console(order["console"]).send(str(order["data"]).encode("latin-1"))
        return {}

    def _qmp(self, order: Order) -> Answer:
        return {"return": self._machine.qmp.execute(order["command"], order.get("arguments") or {})}

    def _run(self, order: Order) -> Answer:
        self._machine.qmp.cont()
        return {}

    def _go_on(self, order: Order) -> Answer:
        with suppress(GuestLost):  # of a machine that is gone the run is to say so
            self._machine.qmp.cont()
        self.passed.set()
        return {}

    def _debug(self, order: Order) -> Answer:
        """A gdbstub, if there is none yet, and all that is known of the machine by now."""
        if self._gdb is not None and self._attached():
            raise UsageError("a gdb is attached already", hint="leave that one first")
        if self._gdb is None:
            gdb = self.folder / "gdb"
            self._machine.qmp.human(f"gdbserver unix:{gdb},server=on,wait=off")
            self._gdb = gdb
        script = session.write(self._debuggee(), self.folder, gdb=self._gdb, control=self.folder / "control")
        return {"script": str(script)}

    def _attached(self) -> bool:
        """Whether a gdb is connected: a second one would wait, and stop the machine when that one goes."""
        return any(one["label"] == "gdb" and not one["filename"].startswith("disconnected")
                   for one in self._machine.qmp.execute("query-chardev"))

    def _known(self, order: Order) -> Answer:
        """What a machine that runs on has brought: modules where they are now, domains of MEs."""
        debuggee = self._debuggee()
        return {"images": session.loads(debuggee, self.folder), "domains": debuggee.domains}

    def _kernel_tables(self, order: Order) -> Answer:
        return session.kernel_tables(self._machine.qmp, self.folder)

    def _debuggee(self) -> Debuggee:
        files, manifest = self._ctx.images.files, self._ctx.images.manifest
        me = Path(manifest.me.kernel).with_suffix(".elf").name if manifest.me is not None else ""
        return Debuggee(
            files.get(manifest.machine.kernel or ""), functions.sections(self._ctx.images, self._machine),
            session.modules_of(files), files.get("soo"), files.get(me),
            {name: shared_page(me) for name, me in self._ctx.prepared.mes.items()},
            self._ctx.names_on(self._site))


class Held:
    """Within it no time passes while the machine stands still, whoever has stopped it."""

    def __init__(self, ctx: Context) -> None:
        self._qmp = ctx.machine.qmp

    def __enter__(self) -> Self:
        if self._qmp.status() != "running":
            stand_still()
        self._qmp.on_event(self._heed)
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None,
                 tb: TracebackType | None) -> None:
        self._qmp.on_event(None)
        go_on()

    def _heed(self, name: str) -> None:
        if name == "STOP":
            stand_still()
        elif name == "RESUME":
            go_on()
