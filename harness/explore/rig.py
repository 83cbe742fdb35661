# SPDX-License-Identifier: GPL-2.0-only
"""A booted system that serves many examples: steps come in as text and are run as a scenario's are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.explore.text import Setup, scenario
from harness.images.store import ImageSet
from harness.outcome import Verdict
from harness.scenario import folder
from harness.scenario.context import Context
from harness.scenario.result import Options, Result
from harness.scenario.runner import Run
from harness.scenario.schema import read
from harness.scenario.step import Names, Step, parse_steps
from harness.yamlnode import parse

# Nobody waits for the whole of it: each step has a limit of its own.
_DEADLINE = 86_400
_SYSTEM = "explored-system.yaml"
# A snapshot of an earlier example would be found where none is expected.
FORGET = "run: {on: agency, command: rm -f /tmp/*.snapshot}"


@dataclass(frozen=True, slots=True)
class Failure:
    """What a failed step has shown.

    :ivar rule: the first broken rule, or the kind of error if no rule was.
    """

    verdict: Verdict
    rule: str
    place: str
    reason: str
    run_dir: Path | None = None

    @classmethod
    def of(cls, result: Result) -> Failure:
        """The essence of a result that is no PASS."""
        first = result.violations[0] if result.violations else None
        rule = first.rule if first is not None else f"{result.verdict.name.lower()} without a rule"
        return cls(result.verdict, rule, first.place if first is not None else "", result.reason,
                   result.run_dir)

    def same(self, other: Failure) -> bool:
        """The same rule, whatever the place: numbers of domains differ between examples."""
        return (self.verdict, self.rule) == (other.verdict, other.rule)

    def __str__(self) -> str:
        return f"{self.rule} at {self.place}" if self.place else f"{self.rule}: {self.reason}"


class Broken(Exception):
    """A step failed on a machine, which is gone now."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure


class Rig:
    """Boots machines as they are needed. A machine serves examples until one fails or leaves something.

    :ivar booted: how many machines were booted so far.
    :ivar history: all steps on the present machine.
    """

    def __init__(self, setup: Setup, images: ImageSet, options: Options) -> None:
        self.setup = setup
        self.booted = 0
        self.history: list[str] = []
        self._images = images
        self._options = options
        self._run: Run | None = None
        self._ctx: Context | None = None
        # A tree was proved once on some machine: all of them have the same image.
        self._proved: set[str] = set()
        self._names = Names(mes=setup.mes, machines=setup.machines)

    @property
    def used(self) -> bool:
        """Whether there is a machine, and it has served before."""
        return self._ctx is not None and bool(self.history)

    def play(self, text: str, *, brief: bool = False) -> None:
        """Run one step; boots a machine if there is none.

        :param brief: a failure is judged, but the machine is not looked into.
        :raise Broken: it failed; the machine is gone.
        """
        if self._ctx is None:
            self._boot()
        assert self._ctx is not None
        assert self._run is not None
        step = self._step(text)
        self.history.append(text)
        try:
            self._ctx.step(step)
        except Exception as error:  # noqa: BLE001 - the run turns it into a verdict
            run = self._run
            self._given_up()
            raise Broken(Failure.of(run.conclude(error, brief=brief))) from None

    def clear(self) -> None:
        """End all MEs of an example that was given up; a machine that may keep something of it goes.

        :raise Broken: one does not end; the machine is gone
        """
        ctx = self._ctx
        if ctx is None:
            return
        if ctx.chats:
            self.abandon()  # what was typed to a slot and not taken would be its next ME's
            return
        for name in list(ctx.mes):
            self.play(f"kill: {name}", brief=True)
        ctx.under_way.clear()
        self.play(FORGET, brief=True)

    def close(self) -> None:
        """Stop the machine; the folder of its run goes, for nothing has failed.

        :raise Broken: something has, since the last step
        """
        run = self._given_up()
        if run is None:
            return
        result = run.conclude(None)
        if result.verdict is not Verdict.PASS:
            raise Broken(Failure.of(result))
        if result.run_dir is not None:
            folder.discard(result.run_dir)

    def abandon(self) -> None:
        """Stop the machine whatever it does, without a verdict."""
        run = self._given_up()
        if run is not None:
            run.abandon()

    def _given_up(self) -> Run | None:
        """There is no machine from now on; the run of the last one, for whoever ends it."""
        run, self._run, self._ctx = self._run, None, None
        return run

    def _boot(self) -> None:
        """:raise Broken: it does not boot"""
        self._options.run_root.mkdir(parents=True, exist_ok=True)
        file = self._options.run_root / _SYSTEM
        text = scenario(self.setup, ["boot"], about="A system that is explored.", deadline=_DEADLINE)
        file.write_text(text)
        self._run = run = Run(read(file), self._images, self._options)
        self.history = []
        self.booted += 1
        try:
            ctx = run.start()
            for step in ctx.scenario.steps:
                ctx.step(step)
        except Exception as error:  # noqa: BLE001 - the run turns it into a verdict
            self._run = None
            raise Broken(Failure.of(run.conclude(error))) from None
        ctx.proved = self._proved
        self._ctx = ctx

    def _step(self, text: str) -> Step:
        (step,) = parse_steps(parse(f"- {text}\n", Path(f"explored:{len(self.history)}")), self._names)
        return step
