# SPDX-License-Identifier: GPL-2.0-only
"""Running a scenario: from its files to a verdict and a folder."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from harness.cache.store import Cache
from harness.check.stall import STANDSTILL
from harness.deadline import now
from harness.errors import GuestLost, HarnessError, ViolationLike
from harness.images.store import ImageSet
from harness.outcome import Verdict, exit_code_of, verdict_of
from harness.scenario import cause, deterministic, folder, judge, origin, recorded
from harness.scenario.context import Context, Keeper, Opener
from harness.scenario.examine import examine
from harness.scenario.model import Scenario
from harness.scenario.prepare import Prepared, prepare
from harness.scenario.result import INTERRUPTED, Options, Result, reproduction
from harness.scenario.standing import Looked
from harness.scenario.start import Starter
from harness.scenario.timeline import Timeline

Body = Callable[[Context], None]


def run_steps(ctx: Context) -> None:
    """The body of a scenario from YAML."""
    for step in ctx.scenario.steps:
        ctx.step(step)


def run_scenario(scenario: Scenario, images: ImageSet, options: Options, *,
                 keeper: Keeper | None = None, opener: Opener | None = None,
                 passing: tuple[type[BaseException], ...] = ()) -> Result:
    """Run one scenario to its verdict. Errors of any kind end up in the result, not as exceptions.

    :param keeper: called with the context of a failed run while its machine still exists.
    :param opener: makes what surrounds all that machines do: a boot, else the steps.
    :param passing: exceptions that end the whole session, as Ctrl-C does: they pass through.
    """
    run = Run(scenario, images, options, keeper=keeper, opener=opener)
    unable = run.unable()
    return run.skipped(unable) if unable else run.conclude_with(run_steps, passing)


class Run:
    """One run: `start` gives the context, `conclude` stops the machine and gives the result."""

    def __init__(self, scenario: Scenario, images: ImageSet, options: Options, *,
                 keeper: Keeper | None = None, opener: Opener | None = None) -> None:
        self.scenario = scenario
        self.images = recorded.variant(images) if options.record else images
        self.options = options
        self._keeper = keeper
        self._opener = opener
        self._timeline = Timeline()
        self._parts = ExitStack()
        self._began = now()
        self._took = (0.0, 0.0)
        self._run_dir: Path | None = None
        self._prepared: Prepared | None = None
        self._starter: Starter | None = None
        self._looked = Looked()
        self._logs = ""
        self._executed = 0

    def unable(self) -> str:
        """Why the scenario cannot run with these images and options; empty if it can."""
        has = self.images.manifest.features
        missing = [name for name in self.scenario.requires if name not in has]
        if missing:
            return f"image set '{self.images.manifest.name}' lacks {', '.join(missing)}"
        if self.options.record:
            return recorded.obstacle(self.scenario, self.images)
        return deterministic.obstacle(self.scenario, self.images) if self.options.deterministic else ""

    def skipped(self, reason: str) -> Result:
        """The result of a run that is not to be made."""
        return self._result(Verdict.SKIP, reason)

    def conclude_with(self, body: Body, passing: tuple[type[BaseException], ...] = ()) -> Result:
        """Start, run the body, conclude; Ctrl-C and what is in `passing` stops the machine and passes."""
        failure: Exception | None = None
        try:
            body(self.start())
        except BaseException as error:
            if not isinstance(error, Exception) or isinstance(error, passing):
                self.abandon()
                raise
            failure = error
        return self.conclude(failure)

    def start(self) -> Context:
        """Make the files and have machines at their prompts, see `harness.scenario.start`.

        :raise HarnessError: any of it fails
        """
        run_dir = self._run_dir = folder.create(self.options.run_root, self.scenario.name)
        origin.keep(self.scenario, self.images, self.options, run_dir)
        self._starter = Starter(self.scenario, self.images, self.options, run_dir, self._timeline,
                                self._parts, self._opener)
        prepared = prepare(self.scenario, self.images, run_dir)
        if self.options.deterministic:
            prepared = deterministic.in_lockstep(prepared, run_dir, Cache())
        if self.options.record:
            prepared = recorded.on_tape(prepared, run_dir)
        self._prepared = prepared
        return self._starter.begin(prepared)

    @property
    def _started(self) -> float:
        """When the machines were; before there are any, when the run began."""
        return self._starter.started if self._starter is not None else self._began

    @property
    def _ctx(self) -> Context | None:
        return self._starter.ctx if self._starter is not None else None

    def conclude(self, error: BaseException | None, *, brief: bool = False) -> Result:
        """Judge, collect what a failure leaves, stop the machine.

        :param error: what ended the body, or None if it came to its end.
        :param brief: leave out what takes time: the look into the failed machine.
        """
        error = error or judge.last_look(self.scenario, self._ctx)
        self._took = self._ctx.step_took() if self._ctx is not None else (0.0, 0.0)
        if self.options.deterministic and self._run_dir is not None:
            self._logs = deterministic.logs_hash(self._run_dir)  # before anybody examines the machine
        if error is not None:
            self._timeline.add("verdict", str(error) or type(error).__name__)
            if not brief:
                self._examine(error)
        self._note_observers()
        self._executed = self._instructions()
        try:
            self._parts.close()
            self._keep_record()
        except HarnessError as late:
            error = error or late
        result = self._judge(error)
        if error is not None and not brief:
            result = cause.tell(self._ctx, self._looked, error, result, self._timeline)
        if self._run_dir is not None:
            folder.complete(self._run_dir, result, self.images, self._prepared, self._timeline)
        return result

    def _instructions(self) -> int:
        """How long a recorded machine has run; 0 for others."""
        ctx = self._ctx
        return recorded.instructions(ctx.machine) if ctx is not None and self.options.record else 0

    def _keep_record(self) -> None:
        ctx = self._ctx
        if ctx is not None and self.options.record and self._run_dir is not None:
            recorded.keep(self._run_dir, ctx.prepared, self.images, ctx.machine, self._executed)

    def _note_observers(self) -> None:
        """Beside each event log, what judges it again."""
        for site in self._ctx.sites.values() if self._ctx is not None else ():
            if site.watch is not None:
                site.watch.facts(f"console-{self.images.manifest.events}.log").write(site.run_dir)

    def ran(self) -> None:
        """A body that is not made of steps has been executed."""
        if self._ctx is not None:
            self._ctx.executed += 1

    def close(self) -> None:
        """Stop the machine if nobody has concluded the run."""
        self._parts.close()

    def abandon(self) -> None:
        """Stop the machine without a verdict: the person has interrupted the run."""
        self._parts.close()
        if self._run_dir is not None:
            folder.complete(self._run_dir, self._result(Verdict.ERROR, INTERRUPTED), self.images,
                            self._prepared, self._timeline)

    def _examine(self, error: BaseException) -> None:
        """While the machine exists: hand it to the person who wants to keep it, then empty it."""
        ctx = self._ctx
        if ctx is None:
            return
        if self._keeper is not None:
            self._keeper(ctx)
        self._looked = examine(ctx, dump=self.options.dump)

    def _judge(self, error: BaseException | None) -> Result:
        if error is None:
            return self._result(Verdict.PASS, "")
        verdict = verdict_of(error)
        violations = judge.violations(error, self._ctx)
        reason = str(error) or type(error).__name__
        if isinstance(error, GuestLost) or any(violation.rule in STANDSTILL for violation in violations[:1]):
            reason = "; ".join((reason, *self._looked.lines))
        result = replace(
            self._result(verdict, reason, violations),
            exit_status=exit_code_of(error), places=self._looked.lines,
        )
        if not isinstance(error, HarnessError):
            return replace(result, traceback="".join(traceback.format_exception(error)))
        return result

    def _result(self, verdict: Verdict, reason: str, violations: tuple[ViolationLike, ...] = ()) -> Result:
        ctx, starter = self._ctx, self._starter
        step = ctx.current if ctx is not None else None
        begun = {"start": starter.begun, "template": "; ".join(starter.told)} if starter is not None else {}
        begun |= {"record": recorded.told(self.images.manifest) if self.options.record else ""}
        begun |= {"logs": f"sha256 {self._logs}" if self._logs else ""}
        return Result(
            name=self.scenario.name, verdict=verdict, reason=" ".join(reason.split()),
            where=step.where if step is not None and verdict > Verdict.SKIP else "",
            duration=now() - self._started, latency=self._took[0], counted=self._took[1],
            run_dir=self._run_dir, violations=violations, seed=self.options.seed,
            reproduce=reproduction(self.scenario.path, self.options, self.scenario.test),
            facts=folder.facts(self.images, ctx.machine if ctx is not None else None, begun),
            note=starter.note if starter is not None else "",
        )
