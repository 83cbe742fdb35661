# SPDX-License-Identifier: GPL-2.0-only
"""The system as a whole: which MEs there are in which states, and commands that must change nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from harness.abi.soo import MeState
from harness.abi.vbus import VbusState, state_text
from harness.check.monitor import Monitor
from harness.check.violation import Violation
from harness.deadline import Deadline
from harness.guest.agency import VIEWS, Agency
from harness.guest.frame import CommandResult
from harness.model.device import Side
from harness.model.link import LinkKey
from harness.scenario import trees
from harness.scenario.context import Context
from harness.scenario.lifecycle import expect_refusal, said
from harness.scenario.moves import path_of

# What both sides of each link are in while the ME is in a state where it stays.
LINK_STATES: Mapping[MeState, VbusState] = {
    MeState.LIVING: VbusState.CONNECTED,
    MeState.SUSPENDED: VbusState.SUSPENDED,
    MeState.HIBERNATE: VbusState.SUSPENDED,
}
_VIEWS = ("store", "gnttab", "evtchn")
_BEFORE, _AFTER = "/tmp/soo-before", "/tmp/soo-after"
_CHANGE = re.compile(r"[-+](?![-+])")


def expect_life(ctx: Context, wanted: Mapping[str, MeState], seconds: float) -> None:
    """These MEs exist in these states and no others; so do their links, Connected or Suspended.

    :raise ExpectationFailed: the system is, and stays, another one
    """
    deadline = ctx.limit(seconds, "the system as a whole")
    for name in ctx.sites:
        with ctx.on(name):
            _expect_here(ctx, wanted, deadline)


def _expect_here(ctx: Context, wanted: Mapping[str, MeState], deadline: Deadline) -> None:
    here = {name: state for name, state in wanted.items() if ctx.site_of(name) is ctx.site}
    domains = {ctx.me(name).domain: state for name, state in here.items()}
    links = {LinkKey(kind, ctx.me(name).domain): LINK_STATES[state]
             for name, state in here.items() for kind in trees.common_types(ctx, name)}

    def agrees(monitor: Monitor) -> bool:
        keys = {*links, *monitor.present()}
        return _domains(monitor) == domains and all(
            monitor.state(key, side) == links.get(key) for key in keys for side in Side)

    if not ctx.until(agrees, deadline):
        place = "system" if len(ctx.sites) == 1 else f"system {ctx.site.name}"
        ctx.fail(Violation("expect.life", place, _told(domains, links), ctx.observer.look(_shown)))


def _domains(monitor: Monitor) -> dict[int, MeState | None]:
    return {domain.dom: domain.state for domain in monitor.domains.all()}


def _told(domains: Mapping[int, MeState], links: Mapping[LinkKey, VbusState]) -> str:
    parts = [f"domain {dom} {state.name.lower()}" for dom, state in sorted(domains.items())]
    parts += [f"{key} {state_text(state)}" for key, state in sorted(links.items())]
    return ", ".join(parts) or "no ME and no link"


def _shown(monitor: Monitor) -> str:
    parts = [f"domain {dom} {state.name.lower() if state is not None else 'without state'}"
             for dom, state in sorted(_domains(monitor).items())]
    parts += [f"{key} {'/'.join(state_text(monitor.state(key, side)) for side in Side)}"
              for key in monitor.present()]
    return ", ".join(parts) or "no ME and no link"


@dataclass(frozen=True, slots=True)
class Order:
    """A command of the agency about one slot or image.

    :ivar me: the ME that it is about; its last slot is meant where `slot` is None.
    :ivar file: name of a snapshot.
    """

    command: str
    me: str | None = None
    slot: int | None = None
    file: str | None = None

    def give(self, ctx: Context, deadline: Deadline) -> CommandResult:
        """Let the agency do it, and return what it says."""
        agency = ctx.agency_of(self.me)
        if self.command == "inject":
            assert self.me is not None
            return agency.inject(self.me, deadline)
        slot = self.slot if self.slot is not None else ctx.place(self.me).domain
        if self.file is not None:
            command = {"save": agency.save, "restore": agency.restore}[self.command]
            return command(path_of(self.file), slot, deadline)
        return _BY_SLOT[self.command](agency, slot, deadline)


_BY_SLOT = {"kill": Agency.kill, "shutdown": Agency.shutdown, "suspend": Agency.suspend,
            "resume": Agency.resume}
COMMANDS = ("inject", "kill", "shutdown", "suspend", "resume", "save", "restore")
WITH_FILE = ("save", "restore")


def expect_refused(ctx: Context, order: Order, pattern: re.Pattern[str], seconds: float) -> None:
    """A command is refused in one line that matches, and changes nothing.

    :raise ExpectationFailed: it is obeyed, or refused in other words, or something is different after it
    """
    deadline = ctx.limit(seconds, f"refusal to {order.command}")
    what = f"{order.command} {order.me or order.slot}"
    with ctx.on(order.me):
        _note(ctx, _BEFORE, deadline)
        expect_refusal(ctx, what, order.give(ctx, deadline), pattern)
        _note(ctx, _AFTER, deadline)
        shown = ctx.agency.run(f"diff -U 0 {_BEFORE} {_AFTER}", deadline)
    if shown.status != 0:
        changes = ", ".join(line for line in shown.output.splitlines() if _CHANGE.match(line))
        ctx.fail(Violation("refusal.left", what, "everything as before", changes[:500] or said(shown)))


def _note(ctx: Context, file: str, deadline: Deadline) -> None:
    """Keep what there is, in the agency: only differences are worth the way to us."""
    ctx.agency.run(f"(melist; cd {VIEWS}; cat {' '.join(_VIEWS)}) >{file}", deadline)
