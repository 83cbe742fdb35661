# SPDX-License-Identifier: GPL-2.0-only
"""Running a scenario: from its files to a verdict and a folder."""

from __future__ import annotations

import random
import shutil
import traceback
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from harness.cache.store import Cache
from harness.check.violation import Violation
from harness.check.wrap import console_violation
from harness.deadline import Deadline, now
from harness.errors import ExpectationFailed, HarnessError, Panicked, UsageError, ViolationLike
from harness.images.machine import console_patterns
from harness.images.store import ImageSet
from harness.outcome import Verdict, exit_code_of, verdict_of
from harness.qemu import template as qemu_template
from harness.qemu.machine import Machine
from harness.qemu.spec import MachineSpec
from harness.scenario import agree, bootstrap, deterministic, folder
from harness.scenario.clones import awake
from harness.scenario.clones.build import Maker
from harness.scenario.clones.plan import plan
from harness.scenario.clones.template import Template
from harness.scenario.context import Context, Keeper
from harness.scenario.examine import examine
from harness.scenario.model import Scenario, flatten
from harness.scenario.observer import observe
from harness.scenario.prepare import Prepared, prepare
from harness.scenario.result import Options, Result, reproduction
from harness.scenario.site import Site
from harness.scenario.steps.proof import ExpectViolation
from harness.scenario.timeline import Timeline

_START_S = 20.0

Body = Callable[[Context], None]


def run_steps(ctx: Context) -> None:
    """The body of a scenario from YAML."""
    for step in ctx.scenario.steps:
        ctx.step(step)


def run_scenario(scenario: Scenario, images: ImageSet, options: Options, *,
                 keeper: Keeper | None = None, passing: tuple[type[BaseException], ...] = ()) -> Result:
    """Run one scenario to its verdict. Errors of any kind end up in the result, not as exceptions.

    :param keeper: called with the context of a failed run while its machine still exists.
    :param passing: exceptions that end the whole session, as Ctrl-C does: they pass through.
    """
    run = Run(scenario, images, options, keeper=keeper)
    missing = [name for name in scenario.requires if name not in images.manifest.features]
    if missing:
        return run.skipped(f"image set '{images.manifest.name}' lacks {', '.join(missing)}")
    if options.deterministic and deterministic.obstacle(scenario, images):
        return run.skipped(deterministic.obstacle(scenario, images))
    return run.conclude_with(run_steps, passing)


class Run:
    """One run: `start` gives the context, `conclude` stops the machine and gives the result."""

    def __init__(self, scenario: Scenario, images: ImageSet, options: Options, *,
                 keeper: Keeper | None = None) -> None:
        self.scenario = scenario
        self.images = images
        self.options = options
        self._keeper = keeper
        self._timeline = Timeline()
        self._parts = ExitStack()
        self._began = now()
        self._latency = 0.0
        self._run_dir: Path | None = None
        self._prepared: Prepared | None = None
        self._ctx: Context | None = None
        self._begun = ""
        self._logs = ""

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
        """Make the files and have machines at their prompts, unless the first step is about the boot.

        They go on from a template if the scenario can begin with one, else they boot.

        :raise HarnessError: any of it fails
        """
        run_dir = self._run_dir = folder.create(self.options.run_root, self.scenario.name)
        shutil.copyfile(self.scenario.path, self._run_dir / f"scenario{self.scenario.path.suffix}")
        prepared = prepare(self.scenario, self.images, run_dir)
        if self.options.deterministic:
            prepared = deterministic.in_lockstep(prepared, run_dir, Cache())
        self._prepared = prepared
        found = self._template(prepared, run_dir)
        if isinstance(found, Template):
            try:
                return self._go_on(prepared, found, run_dir)
            except HarnessError as error:
                found = f"the template cannot be used: {error}"
                self._parts.close()
                self._timeline = Timeline()
        self._begun = f"boot: {found}"
        self._timeline.add("runner", self._begun)
        return self._boot(prepared, run_dir)

    def _template(self, prepared: Prepared, run_dir: Path) -> Template | str:
        """What the scenario begins with, or why it must boot. Takes as long as it takes."""
        chosen = plan(self.scenario, self.images, prepared, self.options)
        if isinstance(chosen, str):
            return chosen
        try:
            return Maker(self.scenario, self.images, prepared, Cache(), run_dir).ensure(chosen)
        except HarnessError as error:
            return f"no template: {error}"

    def _go_on(self, prepared: Prepared, template: Template, run_dir: Path) -> Context:
        history = template.history()
        spec = qemu_template.copy(prepared.spec, template.ram)
        ctx = self._machines(prepared, spec, run_dir, history)
        for site in ctx.sites.values():
            awake.go_on(site.machine, template, ctx.limit(_START_S, "start of a clone"))
            site.booted = True
        for name in ctx.sites:
            with ctx.on(name):
                awake.refresh(ctx, template)
                awake.settle(ctx, template)
        self._disturb(ctx)
        self._begun = f"clone of {template.key}"
        self._timeline.add("runner", self._begun)
        return ctx

    def _boot(self, prepared: Prepared, run_dir: Path) -> Context:
        ctx = self._machines(prepared, prepared.spec, run_dir, {})
        for site in ctx.sites.values():
            site.machine.qmp.cont()
        if not (self.scenario.steps and self.scenario.steps[0].name == "boot"):
            bootstrap.boot_all(ctx)
            self._disturb(ctx)
        return ctx

    def _disturb(self, ctx: Context) -> None:
        """From here on the interleavings of a deterministic run follow from its seed."""
        if self.options.deterministic and self.options.seed:
            ctx.agency.run(deterministic.disturbance(self.options.seed), ctx.limit(_START_S, "disturbances"))

    def _machines(self, prepared: Prepared, spec: MachineSpec, run_dir: Path,
                  history: Mapping[str, bytes]) -> Context:
        """All machines, before their first instruction."""
        sites = {name: self._site(name, prepared, spec, run_dir, history) for name in self.scenario.machines}
        deadline = Deadline.after(self.scenario.deadline, f"scenario {self.scenario.name}")
        if self.options.deterministic:
            self._timeline = Timeline()  # it counts the guest's time
        ctx = self._ctx = Context(
            self.scenario, self.images, prepared, sites, next(iter(sites.values())), run_dir,
            rng=random.Random(f"{self.options.seed}:{self.scenario.name}"),
            deadline=deadline, timeline=self._timeline,
        )
        for site in sites.values():
            self._timeline.add("runner", f"machine {site.name} started, process {site.machine.pid}")
        return ctx

    def _site(self, name: str, prepared: Prepared, spec: MachineSpec, run_dir: Path,
              history: Mapping[str, bytes]) -> Site:
        """A machine of the scenario; the logs of all but the first one are in folders of their own."""
        own = run_dir if name == self.scenario.machines[0] else run_dir / name
        machine = self._parts.enter_context(
            Machine(spec, own, paused=True, failures=console_patterns(self.images), history=history))
        expected = [s.rule for s in flatten(self.scenario.steps) if isinstance(s, ExpectViolation)]
        hostile = [me.name for me in self.scenario.mes if me.hostile]
        watch = observe(machine, self.images, prepared, expected=expected, hostile=hostile)
        return Site(name, machine, watch, own)

    def conclude(self, error: BaseException | None, *, brief: bool = False) -> Result:
        """Judge, collect what a failure leaves, stop the machine.

        :param error: what ended the body, or None if it came to its end.
        :param brief: leave out what takes time: the look into the failed machine.
        """
        error = error or self._last_look()
        self._latency = now() - self._ctx.step_began if self._ctx is not None else 0.0
        if error is not None:
            self._timeline.add("verdict", str(error) or type(error).__name__)
            if not brief:
                self._examine(error)
        self._note_observers()
        try:
            self._parts.close()
        except HarnessError as late:
            error = error or late
        if self.options.deterministic and self._run_dir is not None:
            self._logs = deterministic.logs_hash(self._run_dir)
        result = self._judge(error)
        if self._run_dir is not None:
            folder.complete(self._run_dir, result, self.images, self._prepared, self._timeline)
        return result

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
            folder.complete(self._run_dir, self._result(Verdict.ERROR, "interrupted"), self.images,
                            self._prepared, self._timeline)

    def _last_look(self) -> BaseException | None:
        """What went wrong after the last step's own look, or that there was no step at all."""
        ctx = self._ctx
        try:
            if ctx is not None:
                ctx.check()
                agree.prove(ctx)
        except HarnessError as error:
            return error
        if ctx is None or ctx.executed == 0:
            return HarnessError("no step was executed", where=str(self.scenario.path))
        for name in (*ctx.under_way, *ctx.chats, *ctx.assaults):
            return UsageError(f"what ME '{name}' does in the background is never judged",
                              where=str(self.scenario.path), hint="'sent', 'chatted' or 'attacked' does that")
        return None

    def _examine(self, error: BaseException) -> None:
        """While the machine exists: hand it to the person who wants to keep it, then empty it."""
        ctx = self._ctx
        if ctx is None:
            return
        if self._keeper is not None:
            self._keeper(ctx)
        examine(ctx)

    def _judge(self, error: BaseException | None) -> Result:
        if error is None:
            return self._result(Verdict.PASS, "")
        verdict = verdict_of(error)
        result = replace(
            self._result(verdict, str(error) or type(error).__name__, _violations(error, self._ctx)),
            exit_status=exit_code_of(error),
        )
        if not isinstance(error, HarnessError):
            return replace(result, traceback="".join(traceback.format_exception(error)))
        return result

    def _result(self, verdict: Verdict, reason: str, violations: tuple[ViolationLike, ...] = ()) -> Result:
        ctx = self._ctx
        step = ctx.current if ctx is not None else None
        return Result(
            name=self.scenario.name, verdict=verdict, reason=" ".join(reason.split()),
            where=step.where if step is not None and verdict > Verdict.SKIP else "",
            duration=now() - self._began, latency=self._latency, run_dir=self._run_dir, violations=violations,
            seed=self.options.seed, reproduce=reproduction(self.scenario.path, self.options),
            facts=folder.facts(self.images, ctx.machine if ctx is not None else None,
                               self._begun, self._logs),
        )


def _violations(error: BaseException, ctx: Context | None) -> tuple[ViolationLike, ...]:
    """All broken rules, the one that ended the run first."""
    found: list[ViolationLike] = []
    if isinstance(error, ExpectationFailed):
        found += error.violations
    if isinstance(error, Panicked):
        found.append(console_violation(error.pattern, error.where or "console", error.line))
    for site in ctx.sites.values() if ctx is not None else ():
        if site.watch is not None:
            found += [violation for violation in site.watch.violations if violation not in found]
        hits = [console_violation(hit.name, hit.console, hit.line.decode(errors="replace"))
                for hit in site.machine.failures]
        found += [hit for hit in hits if not _told(hit, found)]
    return tuple(found)


def _told(hit: Violation, found: list[ViolationLike]) -> bool:
    return any(violation.rule == hit.rule for violation in found)
