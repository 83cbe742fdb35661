# SPDX-License-Identifier: GPL-2.0-only
"""The observer of a run: the event stream goes through the invariants, and steps wait for what it shows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TypeVar

from harness.check.monitor import Monitor
from harness.check.violation import Violation
from harness.deadline import REAL, Clock, Deadline, now_ns
from harness.errors import ExpectationFailed, HarnessError
from harness.guest.observe import EventReader
from harness.model.events import Event, GrantEvent, GrantOp
from harness.scenario.stored import Observer

# Seconds on the agency's clock that a handshake may stand still, on the reference host.
_STALL_AFTER = 4.0
# How often, in seconds, a wait looks whether the run has failed elsewhere.
_LOOK = 0.1
# What the host denies the machine is noted in steps of so many nanoseconds.
_DENIED_STEP_NS = 100_000_000

_T = TypeVar("_T")
Probe = Callable[[Monitor], bool]


class Watch:
    """Follows the event stream; thread-safe.

    :param backends: device types whose backend the agency's tree enables.
    :param expected: rules whose violation the scenario asks for: recorded, but no failure.
    :param hostile: names of MEs that may break what they can of their own links.
    :param fail: called at the first violation that is a failure; it ends all waits of the machine.
    :param clock: what the deadlines of the run count.
    :param advance: lets a machine in lockstep run on, see `harness.qemu.machine.Machine.advance`.
    """

    def __init__(self, backends: Collection[str], *, expected: Collection[str] = (),
                 hostile: Collection[str] = (), fail: Callable[[HarnessError], None],
                 clock: Clock = REAL, advance: Callable[[], bool] = lambda: False) -> None:
        stall_after = _STALL_AFTER * clock.scale()
        self._monitor = Monitor(backends, stall_after=stall_after, hostile=hostile)
        self._reader = EventReader()
        self._changed = threading.Condition()
        self._expected = frozenset(expected)
        self._fail = fail
        self._clock = clock
        self._advance = advance
        self._denials: list[tuple[int, int]] = []
        self._seen_ns = 0
        self._judged_ns = 0
        self._facts = Observer(backends=tuple(sorted(backends)), stall_after=stall_after,
                               expected=tuple(sorted(self._expected)), hostile=tuple(sorted(hostile)))
        self._ring_pages: dict[tuple[int, int], int] = {}
        self.violations: list[Violation] = []
        self.awaited: list[Violation] = []

    def line(self, data: bytes) -> None:
        """Take one line of the stream; called in the thread that drains consoles."""
        with self._changed:
            found = []
            for event in self._reader.feed(data):
                self._deny(event.ns)
                found += self._monitor.feed(event)
                self._note_page(event)
            self._seen_ns = now_ns()
            self._take(found)
            self._changed.notify_all()

    def report(self, violations: Collection[Violation]) -> None:
        """Take violations that another check has found."""
        with self._changed:
            self._take(violations)
            self._changed.notify_all()

    def expect(self, rules: Collection[str]) -> None:
        """From now on violations of these rules are recorded, but are no failure."""
        with self._changed:
            self._expected |= frozenset(rules)
            self._facts = replace(self._facts, expected=tuple(sorted(self._expected)))

    def excuses(self, violations: Collection[Violation]) -> bool:
        """Whether the scenario asks for all of these; they are then recorded as such."""
        if not violations or any(violation.rule not in self._expected for violation in violations):
            return False
        self.report(violations)
        return True

    def check(self) -> None:
        """Judge the passing of time.

        :raise ExpectationFailed: a rule was broken so far, other than those the scenario asks for
        """
        with self._changed:
            if self._seen_ns:
                self._judged_ns = self._monitor.now_ns + now_ns() - self._seen_ns
                self._deny(self._judged_ns)
                self._take(self._monitor.tick(self._judged_ns))
            if self.violations:
                raise failure(self.violations)

    def until(self, probe: Probe, deadline: Deadline, check: Callable[[], None]) -> bool:
        """Wait until `probe` holds; False at the deadline.

        :param probe: looks at the monitor; called with the lock held.
        :param check: raises if the run has failed elsewhere.
        """
        while True:
            check()
            if self.look(probe):
                return True
            if deadline.expired():
                return False
            if not self._advance():
                with self._changed:
                    self._changed.wait_for(lambda: probe(self._monitor), min(_LOOK, deadline.patience()))

    def await_violation(self, rule: str, deadline: Deadline, check: Callable[[], None]) -> bool:
        """Wait for a violation that the scenario asks for."""
        return self.until(lambda _: any(v.rule == rule for v in self.awaited), deadline, check)

    def look(self, probe: Callable[[Monitor], _T]) -> _T:
        """Ask the monitor something, with the lock held."""
        with self._changed:
            return probe(self._monitor)

    def facts(self, log: str) -> Observer:
        """What a later judgement of the event log `log` needs."""
        with self._changed:
            return replace(self._facts, log=log, end_ns=max(self._judged_ns, self._monitor.now_ns),
                           last=self._reader.last, denied=tuple(self._denials))

    def ring_pages(self) -> dict[tuple[int, int], int]:
        """Physical address of every page that the agency has mapped now, by domain and reference."""
        with self._changed:
            return dict(self._ring_pages)

    def _deny(self, ns: int) -> None:
        """At `ns` of the agency's clock: tell the monitor what the host has denied, and note it."""
        denied = round(self._clock.denied() * 1e9)
        if denied - (self._denials[-1][1] if self._denials else 0) >= _DENIED_STEP_NS:
            self._denials.append((ns, denied))
            self._monitor.deny(denied)

    def _take(self, found: Collection[Violation]) -> None:
        for violation in found:
            if violation.rule in self._expected:
                self.awaited.append(violation)
                continue
            self.violations.append(violation)
            if len(self.violations) == 1:
                self._fail(failure(self.violations))

    def _note_page(self, event: Event) -> None:
        if isinstance(event, GrantEvent):
            if event.op is GrantOp.MAP and event.phys is not None:
                self._ring_pages[event.dom, event.ref] = event.phys
            elif event.op is GrantOp.UNMAP:
                self._ring_pages.pop((event.dom, event.ref), None)


def failure(violations: Collection[Violation]) -> ExpectationFailed:
    """The error for broken rules: it tells the first one."""
    first = next(iter(violations))
    return ExpectationFailed(f"{first.rule}: expected {first.expected}, observed {first.observed}",
                             violations=tuple(violations), where=first.place)
