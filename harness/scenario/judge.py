# SPDX-License-Identifier: GPL-2.0-only
"""The end of a run: what the last step did not see, and all that was broken."""

from __future__ import annotations

from harness.check.violation import Violation
from harness.check.wrap import console_violation
from harness.errors import ExpectationFailed, HarnessError, Panicked, UsageError, ViolationLike
from harness.scenario import agree
from harness.scenario.context import Context
from harness.scenario.model import Scenario


def last_look(scenario: Scenario, ctx: Context | None) -> BaseException | None:
    """What went wrong after the last step's own look, or that there was no step at all."""
    try:
        if ctx is not None:
            ctx.check()
            agree.prove(ctx)
    except HarnessError as error:
        return error
    if ctx is None or ctx.executed == 0:
        return HarnessError("no step was executed", where=str(scenario.path))
    for name in (*ctx.under_way, *ctx.chats, *ctx.assaults):
        return UsageError(f"what ME '{name}' does in the background is never judged",
                          where=str(scenario.path), hint="'sent', 'chatted' or 'attacked' does that")
    return None


def violations(error: BaseException, ctx: Context | None) -> tuple[ViolationLike, ...]:
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
