# SPDX-License-Identifier: GPL-2.0-only
"""From the first instruction to the prompt."""

from __future__ import annotations

from harness.check.violation import Violation
from harness.deadline import Deadline
from harness.scenario import trees
from harness.scenario.context import Context

_EVENTS_WITHIN = 5.0


def boot_all(ctx: Context, *, milestones: bool = False) -> None:
    """`boot` for each machine of the scenario; they start at the same time."""
    for name in ctx.sites:
        with ctx.on(name):
            boot(ctx, milestones=milestones)


def boot(ctx: Context, *, milestones: bool = False) -> None:
    """Wait for the prompt, then prove the agency's tree. Done once; a second call only looks again.

    :param milestones: all milestones of the image set must have come, in order, before the prompt.
    :raise GuestLost: no prompt in time
    :raise ExpectationFailed: a milestone is missing or out of order, or the tree differs
    """
    desc = ctx.images.manifest.boot
    if not ctx.site.booted:
        deadline = ctx.limit(desc.deadline, f"boot to the prompt of {desc.console}")
        _prompt(ctx, deadline)
        _stream(ctx)
        ctx.site.booted = True
        ctx.timeline.add("runner", f"booted: {ctx.site.name}")
        if ctx.prepared.agency is not None:
            trees.prove_agency(ctx)
    if milestones:
        _milestones(ctx)
    ctx.executed += 1


def _prompt(ctx: Context, deadline: Deadline) -> None:
    desc = ctx.describe_console(None)
    console = ctx.console(None)
    if desc.prompt is None:
        raise ctx.lacks(f"no prompt on console '{desc.name}'")
    if desc.wake:
        console.send(desc.wake)
    if ctx.await_match(ctx.place(None), desc.prompt, deadline) is None:
        raise deadline.error(where=f"console {desc.name}", last=repr(console.last_line()))


def _stream(ctx: Context) -> None:
    """What nobody tells cannot be judged: without events no run may pass."""
    if ctx.watch is None:
        return
    deadline = ctx.limit(_EVENTS_WITHIN, "the first event")
    if not ctx.until(lambda m: m.last_line is not None, deadline):
        ctx.fail(Violation("boot.events", str(ctx.images.manifest.events), "an event stream",
                           f"not a line in {deadline.budget:.1f} s"))


def _milestones(ctx: Context) -> None:
    desc = ctx.describe_console(None)
    if not desc.milestones:
        raise ctx.lacks(f"no milestones on console '{desc.name}'")
    text = ctx.console(None).text()
    assert desc.prompt is not None
    at = 0
    for milestone in (*desc.milestones, desc.prompt):
        found = milestone.search(text, at)
        if found is None:
            seen = "before an earlier one" if milestone.search(text) else "not at all"
            ctx.fail(Violation("boot.milestone", desc.name, f"{milestone.pattern!r} in its order", seen))
        assert found is not None
        at = found.end()
