# SPDX-License-Identifier: GPL-2.0-only
"""Making templates: a machine is booted, or goes on from another template, and is stopped for good."""

from __future__ import annotations

import random
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from harness.cache import sparse
from harness.cache.bounds import Bounds
from harness.cache.store import Cache
from harness.deadline import Deadline
from harness.errors import HarnessError, HostError
from harness.images.machine import console_patterns
from harness.images.store import ImageSet
from harness.qemu import template as qemu_template
from harness.qemu.machine import Machine
from harness.qemu.spec import Drive, MachineSpec, Ram
from harness.scenario import bootstrap, lifecycle
from harness.scenario.clones import awake
from harness.scenario.clones.plan import Plan
from harness.scenario.clones.template import NONCE_FILE, Inside, Record, Template, read
from harness.scenario.context import Context
from harness.scenario.model import Scenario
from harness.scenario.observer import observe
from harness.scenario.prepare import Prepared
from harness.scenario.site import Site
from harness.scenario.timeline import Timeline
from harness.schedule.admission import admitted

_INJECTION_S = 30.0
_DETERMINISTIC_NONCE = "0123456789abcdef" * 2

# Templates that could not be made, with the reason: this process does not try again.
_hopeless: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the templates of one scenario.

    :ivar run_dir: where the logs of a machine that did not become a template are kept.
    :ivar tell: is told what was made, and what was not; one line each.
    """

    scenario: Scenario
    images: ImageSet
    prepared: Prepared
    cache: Cache
    run_dir: Path
    tell: Callable[[str], None]

    def ensure(self, plan: Plan) -> Template:
        """The template that a machine begins with, made if it is not in the cache.

        If its MEs do not get inside, it is the one without them: what is wrong shows in the scenario.

        :raise HarnessError: the agency does not boot, or QEMU cannot keep it.
        """
        Bounds.chosen()  # a mistake in them has nothing to do with what is made
        booted = self._get(plan.booted, self._boot)
        if not plan.inside:
            return booted
        try:
            return self._get(plan.peopled, lambda out: self._people(out, booted, plan))
        except HarnessError as error:
            self.tell(f"no template with {', '.join(plan.inside)} inside: {error}")
            return booted

    def _get(self, key: str, build: Callable[[Path], None]) -> Template:
        if key in _hopeless:
            raise HarnessError(_hopeless[key])

        def told(out: Path) -> None:
            self.tell(f"making {key}")
            build(out)

        try:
            return read(key, self.cache.get(key, told))
        except HostError:  # a full disk, say: that may change
            raise
        except HarnessError as error:
            _hopeless[key] = str(error)
            raise

    def _boot(self, out: Path) -> None:
        """A booted agency, with disks on which nothing is."""
        spec = self.prepared.spec
        ram = out / "ram"
        with ram.open("wb") as file:
            file.truncate(spec.memory_mib << 20)
        blank = tuple(_blank(drive, out / f"disk{number}") for number, drive in enumerate(spec.drives))
        spec = qemu_template.original(replace(spec, drives=blank), ram)
        with self._machine(spec, out, {}) as ctx:
            ctx.machine.qmp.cont()
            bootstrap.boot(ctx)
            self._keep(ctx, out)
        for drive in blank:
            drive.file.unlink()

    def _people(self, out: Path, booted: Template, plan: Plan) -> None:
        """MEs on top of a booted agency, alive and Connected."""
        ram = out / "ram"
        sparse.copy(booted.ram, ram)
        spec = replace(qemu_template.copy(self.prepared.spec, ram), ram=Ram(ram, shared=True))
        with self._machine(spec, out, booted.history()) as ctx:
            awake.go_on(ctx.machine, booted, Deadline.after(_INJECTION_S, "start of a clone"))
            ctx.site.booted = True
            awake.refresh(ctx, {ctx.site.name: booted})
            booted.hand_trees(ctx.site.run_dir)
            for name in plan.inside:
                lifecycle.inject(ctx, name, _INJECTION_S)
            self._keep(ctx, out)

    @contextmanager
    def _machine(self, spec: MachineSpec, out: Path, history: Mapping[str, bytes]) -> Iterator[Context]:
        made = out / "made"
        failures = console_patterns(self.images)
        who = f"template for {self.scenario.name}"
        machine = Machine(spec, made, paused=True, failures=failures, history=history)
        with admitted(spec, who), machine:
            site = Site("template", machine, observe(machine, self.images, self.prepared), made)
            limit = self.images.manifest.boot.deadline + _INJECTION_S * max(1, len(self.scenario.mes))
            try:
                yield Context(
                    self.scenario, self.images, self.prepared, {site.name: site}, site, made,
                    rng=random.Random(self.scenario.name), timeline=Timeline(),
                    deadline=Deadline.after(limit, "making a template"),
                )
            except HarnessError:
                machine.stop_and_capture()
                shutil.copytree(made, self.run_dir / "template", dirs_exist_ok=True)
                raise

    def _keep(self, ctx: Context, out: Path) -> None:
        # A deterministic run has nothing in its memory that another template of the same key would not have.
        nonce = secrets.token_hex(16) if ctx.machine.spec.pace is None else _DETERMINISTIC_NONCE
        deadline = ctx.limit(_INJECTION_S, "state of a template")
        ctx.agency.run(f"echo {nonce} >{NONCE_FILE}", deadline)
        ctx.check()
        qemu_template.save(ctx.machine, out / "state", deadline)
        places = {name: ctx.places[name] for name in ctx.mes}
        Record(nonce, {name: Inside(p.domain, p.console, p.start) for name, p in places.items()}).write(out)


def _blank(drive: Drive, file: Path) -> Drive:
    with file.open("wb") as disk:
        disk.truncate(drive.file.stat().st_size)
    return replace(drive, file=file)
