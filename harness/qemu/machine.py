# SPDX-License-Identifier: GPL-2.0-only
"""A running machine: process, QMP session and consoles, started and stopped as one."""

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from harness.deadline import Deadline, running_on
from harness.errors import Expired, GuestLost, HarnessError, HostError, QemuExited, UsageError
from harness.proc import Child, how_it_ended
from harness.qemu import cmdline, memory, patterns, version
from harness.qemu.console import Console, raise_defect
from harness.qemu.feeding import Feeder
from harness.qemu.lockstep import Lockstep
from harness.qemu.patterns import Pattern
from harness.qemu.pump import Pump
from harness.qemu.qmp import Qmp
from harness.qemu.scan import PatternHit
from harness.qemu.spec import ConsoleSpec, MachineSpec
from harness.qemu.wires import Wires

_PLACE = "QEMU"
_QMP = "qmp:"  # no console can have such a name
_PACE = "pace:"
_STDERR_TAIL = 2000  # bytes
_QUIT_S = 5.0
_GRACE_S = 5.0


class Machine:
    """A running QEMU with its QMP session and consoles.

    Entering starts all parts or none; leaving stops them in reverse, on every path. The machine
    leaves logs in `run_dir`: `console-NAME.log` with `.times`, `qmp.jsonl`, `qemu.stderr`. All
    channels are socket pairs, so nothing else appears in the file system and no port is used.

    With `spec.pace` the machine runs in lockstep, see `harness.qemu.lockstep`: it moves only while
    somebody waits for it, and deadlines of this process count its time.

    :param run_dir: folder for the logs, made if need be; one machine at a time
    :param failures: further failure patterns by console name; one that has the name of a pattern of
        the console's system replaces it
    :param history: by console name, what a machine printed that this one goes on from
    :param paused: stay before the first instruction; `qmp.cont()` starts the guest
    :raise ToolMissing: QEMU is not installed
    :raise HostError: QEMU is too old, or the folder cannot be written
    :raise QemuExited: QEMU ended before its QMP greeting; has its standard error
    :raise GuestLost: on leaving without another error: QEMU had crashed or had to be killed
    """

    def __init__(self, spec: MachineSpec, run_dir: Path, *, paused: bool = False,
                 failures: Mapping[str, Sequence[Pattern]] | None = None,
                 history: Mapping[str, bytes] | None = None) -> None:
        self.spec = spec
        self.run_dir = run_dir
        self.argv: tuple[str, ...] = ()
        self._paused = paused
        self._failures = failures or {}
        self._history = history or {}
        self._consoles: dict[str, Console] = {}
        self._pump = Pump()
        self._child: Child | None = None
        self._feeder: Feeder | None = None
        self._stderr = run_dir / "qemu.stderr"

    def __enter__(self) -> Self:
        self.qemu = version.find(self.spec.binary)
        try:
            self.run_dir.mkdir(parents=True, exist_ok=True)
            self._stderr.write_bytes(b"")
        except OSError as error:
            raise HostError(f"cannot write the run folder: {error}", where=str(self.run_dir)) from error
        with ExitStack() as starting:
            own = [_QMP] if self.spec.pace is None else [_QMP, _PACE]
            wires = starting.enter_context(Wires([*own, *(console.name for console in self.spec.consoles)]))
            if self.spec.pace is not None:
                lockstep = Lockstep(wires.near[_PACE], self._pump.changed)
                self._pump.step_with(lockstep)
                starting.enter_context(running_on(lockstep))
            for spec in self.spec.consoles:
                self._consoles[spec.name] = self._console(spec, wires)
                self._consoles[spec.name].recall(self._history.get(spec.name, b""))
                starting.callback(self._consoles[spec.name].close)
            starting.enter_context(self._pump)
            self._child = starting.enter_context(self._process(wires))
            wires.hand_over()
            greeted = Deadline.after(20, "QMP greeting of QEMU")
            try:
                self.qmp = starting.enter_context(Qmp(wires.near[_QMP], self.run_dir / "qmp.jsonl",
                                                      deadline=greeted, lost=self.explain_exit))
            except QemuExited as error:
                raise self._refusal(error) from error
            if self._pump.lockstep is not None:
                self._feeder = self._make_feeder()
                self._pump.lockstep.feed_with(self._feeder.feed)
            if not self._paused:
                self.qmp.cont()
            self._running = starting.pop_all()  # complete: hand the parts over to __exit__
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None,
                 tb: TracebackType | None) -> None:
        with self._running:
            self._let_go()
            obeyed = self._quit()
        if exc is None and not obeyed:
            raise GuestLost("QEMU did not obey `quit` and had to be terminated", where=_PLACE)
        if exc is None and self._started().stop() != 0:
            raise self.explain_exit()

    def _refusal(self, error: QemuExited) -> HarnessError:
        """QEMU ended before it greeted: with status 1 it did not accept its command line."""
        if error.status != 1:
            return error
        said = " ".join(error.stderr.split())
        return UsageError(f"QEMU does not accept the machine: {said}", where=self.spec.binary,
                          hint="look at the manifest of the image set")

    def _console(self, spec: ConsoleSpec, wires: Wires) -> Console:
        watched = patterns.combined(patterns.of(spec.system), self._failures.get(spec.name, ()))
        log = self.run_dir / f"console-{spec.name}.log"
        return Console(spec.name, wires.near[spec.name], self._pump, log, patterns=watched,
                       lost=self.explain_exit)

    def _process(self, wires: Wires) -> Child:
        far = dict(wires.far)
        ends = cmdline.Endpoints(far.pop(_QMP), far, pace=far.pop(_PACE, None))
        argv = cmdline.build(self.spec, ends, binary=self.qemu.path)
        self.argv = tuple(argv)
        env = {**os.environ, **self.spec.env} if self.spec.env else None
        return Child(argv, pass_fds=tuple(wires.far.values()), env=env, stdout=self._stderr,
                     stderr=self._stderr, grace=_GRACE_S)

    def _started(self) -> Child:
        if self._child is None:
            raise RuntimeError("the machine was not started")
        return self._child

    def _make_feeder(self) -> Feeder:
        serial = [console.name for console in self.spec.consoles if console.kind == "serial"]
        channels = [console.channel for console in self._consoles.values()]
        return Feeder(channels, serial[0] if serial else None, self.qmp, self.pid)

    def _let_go(self) -> None:
        """What a machine in lockstep prints from now on belongs to no moment of its run."""
        if self._pump.lockstep is not None:
            self._pump.close_ears()
            with self._pump.changed:
                self._pump.lockstep.let_go()

    def halt(self) -> None:
        """Stop all CPUs. One that is held stops where its block of instructions ends, in each run the same.

        :raise GuestLost: QEMU is gone or does not answer
        """
        lockstep = self._pump.lockstep
        if lockstep is None or self._feeder is None:
            self.qmp.stop()
            return
        # QEMU answers when the CPUs have stopped; by then it must have asked them to, or they would run on.
        stopping = self.qmp.begin("stop")
        stopping.add_done_callback(lambda done: self._tell_waits())
        if lockstep.held:
            self._feeder.await_rest()
        with self._pump.changed:
            lockstep.run_until(stopping.done)
        self.qmp.status()  # tells if QEMU has gone

    def _tell_waits(self) -> None:
        with self._pump.changed:
            self._pump.changed.notify_all()

    def advance(self) -> bool:
        """In lockstep: let the guest run to its next beat; else do nothing and return False."""
        lockstep = self._pump.lockstep
        if lockstep is None or lockstep.ended:
            return False
        with self._pump.changed:
            lockstep.advance()
        return True

    def _quit(self) -> bool:
        """Ask QEMU to end; False if it did not."""
        limit = Deadline.after(_QUIT_S, "end of QEMU")
        with suppress(GuestLost):  # gone already, or stuck: the wait tells which
            self.qmp.execute("quit", deadline=limit)
        try:
            self._started().wait(limit)
        except Expired:
            return False
        return True

    @property
    def pid(self) -> int:
        """Process id of QEMU."""
        return self._started().pid

    @property
    def consoles(self) -> Mapping[str, Console]:
        """All consoles by name."""
        return self._consoles

    @property
    def failures(self) -> list[PatternHit]:
        """The failure patterns that matched on any console without being allowed, in order."""
        with self._pump.changed:
            return list(self._pump.failures)

    def fail(self, error: HarnessError) -> None:
        """End all waits on all consoles, now and later, with `error`; for observers, from any thread."""
        self._pump.fail(error)

    def check(self) -> None:
        """:raise HarnessError: what any wait on a console would raise now: `Panicked`, `QemuExited`"""
        raise_defect(self._pump.defect)
        if self._pump.silent:
            raise_defect(self._pump.defect)  # its last words came first
            raise self.explain_exit()

    def forgive(self) -> None:
        """From now on neither failure patterns nor `fail` end a wait; to look at a failed machine."""
        self._pump.forgive()

    def console(self, name: str) -> Console:
        """:raise UsageError: the machine has no console of that name"""
        try:
            return self._consoles[name]
        except KeyError:
            raise UsageError(f"no console {name!r}", where="machine",
                             hint=f"it has: {', '.join(self._consoles) or 'none'}") from None

    def wait_exit(self, deadline: Deadline) -> int:
        """Wait until QEMU ends, as it does when the guest powers off or resets.

        :return: exit status (negative: signal)
        :raise Expired: it still runs at the deadline
        """
        return self._started().wait(deadline)

    def explain_exit(self) -> QemuExited:
        """The error for a QEMU that is gone, with its command line, status and standard error."""
        status: int | None = None
        with suppress(Expired):
            status = self._started().wait(Deadline.after(2, "end of QEMU"))
        stderr = self._stderr.read_bytes()[-_STDERR_TAIL:].decode(errors="replace").strip()
        ended = "closed its channels but runs on" if status is None else how_it_ended(status)
        lines = stderr.splitlines()
        own = [line for line in lines if line.startswith(Path(self.spec.binary).name + ":")]
        text = f"QEMU {ended}" + (f": {(own or lines)[-1]}" if lines else "")
        return QemuExited(text, argv=self.argv, status=status, stderr=stderr)

    def read_physical(self, address: int, size: int, *, deadline: Deadline | None = None) -> bytes:
        """Guest-physical memory, see `harness.qemu.memory.read_physical`."""
        return memory.read_physical(self.qmp, address, size, self.run_dir, deadline=deadline)

    def stop_and_capture(self, folder: Path | None = None) -> tuple[Path, ...]:
        """Stop all CPUs and write their registers to `registers.txt`; for a failed run.

        :param folder: where to write; the run folder if None
        :return: the files that were written; none if QEMU is gone
        """
        out = (folder or self.run_dir) / "registers.txt"
        try:
            self.halt()
            out.write_text(memory.registers(self.qmp))
        except GuestLost:
            return ()
        return (out,)
