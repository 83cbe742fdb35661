# SPDX-License-Identifier: GPL-2.0-only
"""Machines at their prompts: they go on from templates if the scenario can begin so, else they boot."""

from __future__ import annotations

import random
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path

from harness.cache.store import Cache
from harness.deadline import REAL, Clock, Deadline, now
from harness.errors import Expired, HarnessError, UsageError
from harness.images.machine import console_patterns
from harness.images.store import ImageSet
from harness.qemu import template as qemu_template
from harness.qemu.machine import Machine
from harness.qemu.spec import MachineSpec
from harness.scenario import bootstrap
from harness.scenario.clones import awake
from harness.scenario.clones.build import Maker
from harness.scenario.clones.plan import Cold, Plan, plan
from harness.scenario.clones.template import Template
from harness.scenario.context import Context, Opener
from harness.scenario.deterministic import disturbance
from harness.scenario.model import Scenario, flatten
from harness.scenario.observer import observe
from harness.scenario.prepare import Prepared
from harness.scenario.result import Options
from harness.scenario.site import Site
from harness.scenario.steps.proof import ExpectViolation
from harness.scenario.timeline import Timeline
from harness.schedule.admission import admitted
from harness.service import ServiceClock

_START_S = 20.0
# A template that QEMU refuses, or that is not what it was, is made again this often.
_RENEWALS = 1


class Starter:
    """Starts the machines of one run.

    :ivar ctx: the context, as soon as there are machines.
    :ivar begun: how the run has begun, for the report.
    :ivar started: when the machines were admitted: making templates and waiting for others is no part of it.
    :ivar told: what a person should know of the making of templates, and of what could not be.
    """

    def __init__(self, scenario: Scenario, images: ImageSet, options: Options, run_dir: Path,
                 timeline: Timeline, parts: ExitStack, opener: Opener | None = None) -> None:
        self.scenario = scenario
        self.images = images
        self.options = options
        self.run_dir = run_dir
        self.ctx: Context | None = None
        self.begun = ""
        self.started = now()
        self._clock: Clock = REAL
        self.told: list[str] = []
        self._timeline = timeline
        self._parts = parts
        self._opener = opener
        self._cache = Cache(progress=self._tell)

    @property
    def note(self) -> str:
        """One line for a run that booted although it could have gone on from a template; else empty."""
        return self.begun if self.begun.startswith(_UNWILLING) else ""

    def begin(self, prepared: Prepared) -> Context:
        """Have all machines at their prompts, unless the first step is about the boot.

        :raise HarnessError: any of it fails
        """
        chosen = plan(self.scenario, self.images, prepared, self.options)
        if isinstance(chosen, Cold):
            return self._boot(prepared, f"boot: {chosen.reason}")
        reason = ""
        for _ in range(1 + _RENEWALS):
            try:
                templates = self._templates(prepared, chosen)
            except UsageError:
                raise
            except HarnessError as error:
                reason = f"no template: {error}"
                break
            try:
                ctx = self._go_on(prepared, templates)
            except HarnessError as error:
                self._tell(f"the template cannot be used: {error}")
                reason = self.told[-1]
                self._undo(templates, slow=isinstance(error, Expired))
            else:
                self._open(ctx)
                return ctx
        return self._boot(prepared, f"{_UNWILLING}{reason}")

    def _templates(self, prepared: Prepared, plans: Mapping[str, Plan]) -> dict[str, Template]:
        """What each machine begins with. Takes as long as it takes: no deadline runs yet."""
        maker = Maker(self.scenario, self.images, prepared, self._cache, self.run_dir, self._tell)
        for key in sorted({key for chosen in plans.values() for key in chosen.keys}):
            self._parts.enter_context(self._cache.using(key))
        return {name: maker.ensure(chosen) for name, chosen in plans.items()}

    def _go_on(self, prepared: Prepared, templates: Mapping[str, Template]) -> Context:
        ctx = self._machines(prepared, templates)
        for name, site in ctx.sites.items():
            awake.go_on(site.machine, templates[name], ctx.limit(_START_S, "start of a clone"))
            site.booted = True
        awake.refresh(ctx, templates)
        for name, template in templates.items():
            with ctx.on(name):
                awake.settle(ctx, template)
                template.hand_trees(ctx.site.run_dir)
        self._disturb(ctx)
        self._note(", ".join(dict.fromkeys(template.told() for template in templates.values())))
        return ctx

    def _undo(self, templates: Mapping[str, Template], *, slow: bool) -> None:
        """After a clone that did not come up; its template goes too, unless the host was just slow."""
        self.ctx = None
        with suppress(HarnessError):  # how QEMU ended does not matter any more
            self._parts.close()
        for template in templates.values():
            if not slow:
                self._cache.remove(template.key)

    def _boot(self, prepared: Prepared, begun: str) -> Context:
        self._note(begun)
        ctx = self._machines(prepared, {})
        self._open(ctx)
        for site in ctx.sites.values():
            site.machine.qmp.cont()
        if not (self.scenario.steps and self.scenario.steps[0].name == "boot"):
            bootstrap.boot_all(ctx)
            self._disturb(ctx)
        return ctx

    def _open(self, ctx: Context) -> None:
        if self._opener is not None:
            self._parts.enter_context(self._opener(ctx))

    def _disturb(self, ctx: Context) -> None:
        """From here on the interleavings of a deterministic run follow from its seed."""
        if self.options.deterministic and self.options.seed:
            ctx.agency.run(disturbance(self.options.seed), ctx.limit(_START_S, "disturbances"))

    def _machines(self, prepared: Prepared, templates: Mapping[str, Template]) -> Context:
        """All machines, before their first instruction."""
        copies = [qemu_template.copy(prepared.spec, template.ram) for template in templates.values()]
        admission = admitted((*copies, prepared.spec)[0], self.scenario.name, len(self.scenario.machines))
        self._parts.enter_context(admission)
        self.started = now()
        self._clock = REAL if self.options.deterministic else ServiceClock()
        sites = {name: self._site(name, prepared, templates.get(name)) for name in self.scenario.machines}
        deadline = Deadline.after(self.scenario.deadline, f"scenario {self.scenario.name}", self._clock)
        if self.options.deterministic:
            self._timeline.restart()
        ctx = self.ctx = Context(
            self.scenario, self.images, prepared, sites, next(iter(sites.values())), self.run_dir,
            rng=random.Random(f"{self.options.seed}:{self.scenario.name}"),
            deadline=deadline, timeline=self._timeline,
        )
        for site in sites.values():
            self._timeline.add("runner", f"machine {site.name} started, process {site.machine.pid}")
        return ctx

    def _site(self, name: str, prepared: Prepared, template: Template | None) -> Site:
        """A machine of the scenario; the logs of all but the first one are in folders of their own."""
        own = self.run_dir if name == self.scenario.machines[0] else self.run_dir / name
        spec: MachineSpec = prepared.spec
        history: Mapping[str, bytes] = {}
        if template is not None:
            spec, history = qemu_template.copy(spec, template.ram), template.history()
        machine = self._parts.enter_context(
            Machine(spec, own, paused=True, failures=console_patterns(self.images), history=history))
        expected = [s.rule for s in flatten(self.scenario.steps) if isinstance(s, ExpectViolation)]
        hostile = [me.name for me in self.scenario.mes if me.hostile]
        if isinstance(self._clock, ServiceClock):
            self._clock.watch(machine.pid)
        watch = observe(machine, self.images, prepared, expected=expected, hostile=hostile, clock=self._clock)
        return Site(name, machine, watch, own)

    def _note(self, begun: str) -> None:
        self.begun = begun
        self._timeline.add("runner", begun)

    def _tell(self, line: str) -> None:
        self.told.append(line)
        self._timeline.add("runner", line)


_UNWILLING = "boot, in place of a clone: "
