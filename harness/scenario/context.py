# SPDX-License-Identifier: GPL-2.0-only
"""A scenario while it runs: the machine, what runs on it, and what steps need of both."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.check.violation import Violation
from harness.deadline import Deadline, now
from harness.errors import ExpectationFailed, Expired, UsageError, ViolationLike
from harness.guest import dialect
from harness.guest.agency import Agency
from harness.guest.frame import Shell
from harness.guest.me import Me
from harness.images.store import ImageSet
from harness.images.types import ConsoleDesc
from harness.qemu.console import Console
from harness.qemu.machine import Machine
from harness.qemu.search import Match
from harness.scenario.model import Scenario
from harness.scenario.prepare import Prepared
from harness.scenario.site import Place, Site
from harness.scenario.timeline import Timeline
from harness.scenario.watch import Probe, Watch, failure
from harness.yamlnode import nearest

if TYPE_CHECKING:
    from harness.scenario.attack import Assault
    from harness.scenario.step import Step
    from harness.scenario.traffic import Under
    from harness.scenario.vuart import Chat

_SLICE = 0.1
# Seconds by which the event stream may be behind a console.
_EVENTS_BEHIND_S = 0.3


@dataclass
class Context:
    """The running system as steps see it.

    :ivar rng: the only source of random values; follows from the run's seed.
    :ivar deadline: for the whole scenario.
    :ivar sites: the machines by name, in the order of the scenario.
    :ivar site: the machine that is meant where no ME says which.
    :ivar mes: MEs that live now, by name; `places` also has those that are gone.
    :ivar proved: MEs whose tree was proved; an image that is injected again has the same one.
    :ivar inherited: MEs that live since the machine's template was made; injecting them is done.
    :ivar step_began: when the present step began, as of `harness.deadline.now` and on the scenario's clock.
    :ivar under_way: traffic in the background, by ME.
    :ivar assaults: attacks in the background, by ME.
    :ivar chats: text through vuarts in the background, by ME.
    """

    scenario: Scenario
    images: ImageSet
    prepared: Prepared
    sites: dict[str, Site]
    site: Site
    run_dir: Path
    rng: random.Random
    deadline: Deadline
    timeline: Timeline
    mes: dict[str, Me] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    proved: set[str] = field(default_factory=set)
    inherited: set[str] = field(default_factory=set)
    under_way: dict[str, Under] = field(default_factory=dict)
    chats: dict[str, Chat] = field(default_factory=dict)
    assaults: dict[str, Assault] = field(default_factory=dict)
    baseline: object = None
    current: Step | None = None
    executed: int = 0
    step_began: tuple[float, float] = (0.0, 0.0)

    @property
    def where(self) -> str | None:
        """``file:line`` of the step that is being run."""
        return self.current.where if self.current is not None else None

    @property
    def machine(self) -> Machine:
        """The machine that is meant now."""
        return self.site.machine

    @property
    def watch(self) -> Watch | None:
        """The observer of `machine`, or None for an image set without event stream."""
        return self.site.watch

    @contextmanager
    def on(self, name: str | None) -> Iterator[None]:
        """For the length of a block, mean the machine of that name, or that an ME is or was on."""
        before = self.site
        self.site = self.site_of(name)
        try:
            yield
        finally:
            self.site = before

    def site_of(self, name: str | None) -> Site:
        """The machine of that name, or that an ME is or was on; the present one for other names."""
        if name is None:
            return self.site
        return self.places[name].site if name in self.places else self.sites.get(name, self.site)

    def names_on(self, site: Site) -> dict[int, str]:
        """Names of MEs by domain: of those injected there, and of those that the agency tells of."""
        known = {place.domain: name for name, place in self.places.items() if place.site is site}
        if site.watch is not None:
            known |= site.watch.look(lambda m: {one.dom: one.name for one in m.domains.all() if one.name})
        return known

    def step(self, step: Step) -> None:
        """Run one step; it is told in the time line, and where it stands if it fails."""
        self.current = step
        self.step_began = now(), self.deadline.clock.now()
        self.timeline.add("step", f"{step.describe()} ({step.where})")
        self.check()
        try:
            step.run(self)
        except ExpectationFailed as error:
            broken = [found for found in error.violations if isinstance(found, Violation)]
            if self.watch is None or not self.watch.excuses(broken):
                self._hear_out()
                self.check()  # a rule of the protocol tells more than that a command failed
                error.violations = tuple(self._after_event(found) for found in error.violations)
                raise
        self.check()
        self.executed += 1
        self.current = step

    def step_took(self) -> tuple[float, float]:
        """Seconds since the present step began: real ones, and those that its deadlines count."""
        real, counted = self.step_began
        return now() - real, self.deadline.clock.now() - counted

    def _hear_out(self) -> None:
        """Events come by a way of their own: what a command tells may be ahead of what has led to it."""
        watch = self.watch
        if watch is not None:
            deadline = Deadline.after(_EVENTS_BEHIND_S, "events on their way", self.deadline.clock)
            watch.until(lambda _: bool(watch.violations), deadline, lambda: None)

    def _after_event(self, found: ViolationLike) -> ViolationLike:
        """A violation that no event has shown comes after the last one."""
        if self.watch is None or found.event is not None or not isinstance(found, Violation):
            return found
        return replace(found, event=self.watch.look(lambda m: m.last_line))

    def limit(self, seconds: float, what: str) -> Deadline:
        """A deadline for a part of the scenario, in seconds on the reference host."""
        return self.deadline.sub(seconds, what)

    def check(self) -> None:
        """Raise if the run has failed: a violation, a failure pattern, QEMU gone, no time left."""
        for site in self.sites.values():
            site.machine.check()
            if site.watch is not None:
                site.watch.check()
        self.deadline.check()

    def fail(self, violation: Violation) -> None:
        """:raise ExpectationFailed: always, with this violation"""
        raise failure([violation])

    def until(self, probe: Probe, deadline: Deadline) -> bool:
        """Wait for something the observer sees; False at the deadline."""
        return self.observer.until(probe, deadline, self.check)

    @property
    def observer(self) -> Watch:
        """The observer.

        :raise UsageError: the image set has no event stream
        """
        if self.watch is None:
            raise self.lacks("no event stream")
        return self.watch

    @property
    def agency(self) -> Agency:
        """The agency's shell.

        :raise UsageError: the image set has no agency
        """
        if self.images.manifest.agency_tree is None:
            raise self.lacks("no agency")
        return Agency(self.shell(None))

    def agency_of(self, name: str | None) -> Agency:
        """The agency of the machine that an ME is on, or of the machine of that name."""
        with self.on(name):
            return self.agency

    def lacks(self, what: str) -> UsageError:
        """The error for a step that this image set cannot serve."""
        where = self.current.where if self.current is not None else str(self.scenario.path)
        return UsageError(f"image set '{self.images.manifest.name}' has {what}", where=where)

    def me(self, name: str) -> Me:
        """An ME that lives.

        :raise UsageError: it was not injected, or is gone
        """
        if name not in self.mes:
            raise self.absent(name)
        return self.mes[name]

    def absent(self, name: str) -> UsageError:
        """The error for an ME that a step needs and that is not there."""
        if name in self.places:
            return UsageError(f"ME '{name}' is gone", where=self.where)
        return UsageError(f"ME '{name}' was not injected", where=self.where,
                          hint=f"a step before this one has to be: inject: {name}")

    def place(self, on: str | None) -> Place:
        """Where an ME or a console of the image set is found; None: the console of the boot."""
        if on is not None and on in self.places:
            return self.places[on]
        return Place(self.site_of(on), 0, self.describe_console(on).name, 0)

    def describe_console(self, on: str | None) -> ConsoleDesc:
        """What the manifest says about a console.

        :raise UsageError: there is no such console, and no such ME
        """
        manifest = self.images.manifest
        name = self.places[on].console if on in self.places else on
        if name is None or name in self.sites:
            name = manifest.boot.console
        known = [console.name for console in manifest.consoles]
        if name in self.prepared.mes and name not in known:
            raise self.absent(name)
        if name not in known:
            raise UsageError(f"no console or ME '{name}'", where=self.where,
                             hint=nearest(name, [*known, *self.places, *self.sites]))
        return manifest.console(name)

    def console(self, on: str | None) -> Console:
        """The console of an ME, one of the image set's by name, or that of a machine's boot.

        :param on: None: the present machine.
        """
        return self.site_of(on).machine.console(self.describe_console(on).name)

    def shell(self, on: str | None) -> Shell:
        """The shell on a console.

        :raise UsageError: nothing there takes commands
        """
        if on in self.mes:
            return self.mes[on].shell
        desc = self.describe_console(on)
        spoken = dialect.find(desc.dialect)
        if spoken is None:
            raise self.lacks(f"no shell on console '{desc.name}'")
        return Shell(self.console(on), spoken, nonces=self.rng, check=self.check, exclusive=on in self.places)

    def await_text(self, on: str | None, pattern: re.Pattern[bytes], seconds: float) -> Match:
        """Wait until a console has printed a text, since the boot or since its ME was injected.

        :raise ExpectationFailed: it has not, in time
        """
        place = self.place(on)
        deadline = self.limit(seconds, f"text on console {place.console}")
        found = self.await_match(place, pattern, deadline)
        if found is None:
            last = place.site.machine.console(place.console).last_line()
            self.fail(Violation("console.text", on or place.console, _quoted(pattern),
                                f"none in {deadline.budget:.1f} s; last line: {last!r}"))
        assert found is not None
        return found

    def await_match(self, place: Place, pattern: re.Pattern[bytes], deadline: Deadline) -> Match | None:
        """Wait for a text, and look meanwhile whether the run has failed; None at the deadline."""
        while True:
            self.check()
            try:
                part = deadline.sub(_SLICE, deadline.what)
                return place.site.machine.console(place.console).wait_for(pattern, part, start=place.start)
            except Expired:
                if deadline.expired():
                    return None

    def expect_lacking(self, on: str | None, pattern: re.Pattern[bytes]) -> None:
        """:raise ExpectationFailed: the console has printed it since the boot or the injection"""
        place = self.place(on)
        found = pattern.search(place.site.machine.console(place.console).text(place.start))
        if found:
            self.fail(Violation("console.text", on or place.console, f"not {_quoted(pattern)}",
                                repr(found[0].decode(errors="replace"))))

    def await_violation(self, rule: str, seconds: float) -> None:
        """:raise ExpectationFailed: the rule was not broken in time"""
        deadline = self.limit(seconds, f"violation of {rule}")
        if not self.observer.await_violation(rule, deadline, self.check):
            self.fail(Violation("expect.violation", rule, "the rule to be broken", "it was kept"))


Keeper = Callable[[Context], None]
Opener = Callable[[Context], AbstractContextManager[object]]


def _quoted(pattern: re.Pattern[bytes]) -> str:
    """An expression as the author wrote it."""
    return f"text that matches '{pattern.pattern.decode(errors='replace')}'"
