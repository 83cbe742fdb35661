# SPDX-License-Identifier: GPL-2.0-only
"""Suspending and resuming MEs in their place, and what must be true of their links meanwhile."""

from __future__ import annotations

import re
from collections.abc import Collection

from harness.abi.soo import MeState
from harness.abi.vbus import VbusState
from harness.check.violation import Violation
from harness.deadline import Deadline
from harness.guest.frame import CommandResult
from harness.model.device import Side
from harness.scenario import links, trees
from harness.scenario.context import Context
from harness.scenario.lifecycle import await_connected, await_state, expect_refusal, said

RESTING = {Side.BE: VbusState.SUSPENDED, Side.FE: VbusState.SUSPENDED}


def suspend(ctx: Context, names: Collection[str] | None, seconds: float) -> None:
    """Suspend MEs, one after the other, or all of the machine by one command (None).

    :raise ExpectationFailed: one does not come to rest with all its links Suspended
    """
    deadline = ctx.limit(seconds, f"suspend of {_told(names)}")
    if names is None:
        _obeyed(ctx, "all MEs", ctx.agency.suspend(None, deadline))
    for name in names if names is not None else present(ctx):
        if names is not None:
            _obeyed(ctx, name, ctx.agency_of(name).suspend(ctx.me(name).domain, deadline))
        expect_rest(ctx, name, MeState.SUSPENDED, deadline)


def expect_rest(ctx: Context, name: str, state: MeState, deadline: Deadline) -> None:
    """:raise ExpectationFailed: the ME is not in this state, or a link of it is not Suspended"""
    await_state(ctx, name, state, deadline)
    with ctx.on(name):
        for kind in trees.common_types(ctx, name):
            links.await_states(ctx, (name, kind), RESTING, deadline.remaining())


def resume(ctx: Context, names: Collection[str] | None, seconds: float) -> None:
    """Resume MEs, one after the other, or all of the machine that rest by one command (None).

    :raise ExpectationFailed: one does not get to live on with all its links Connected
    """
    deadline = ctx.limit(seconds, f"resume of {_told(names)}")
    if names is None:
        _obeyed(ctx, "all MEs", ctx.agency.resume(None, deadline))
    for name in names if names is not None else present(ctx):
        if names is not None:
            _obeyed(ctx, name, ctx.agency_of(name).resume(ctx.me(name).domain, deadline))
        expect_living(ctx, name, deadline)


def expect_living(ctx: Context, name: str, deadline: Deadline) -> None:
    """:raise ExpectationFailed: the ME does not live, or a link of it is not Connected"""
    with ctx.on(name):
        await_connected(ctx, name, deadline)
    await_state(ctx, name, MeState.LIVING, deadline)


def refuse(ctx: Context, name: str, pattern: re.Pattern[str], seconds: float) -> None:
    """Suspend an ME that must refuse in one line, and go on as before.

    :raise ExpectationFailed: it does not refuse, or in other words, or does not live on
    """
    deadline = ctx.limit(seconds, f"refusal of {name}")
    expect_refusal(ctx, name, ctx.agency_of(name).suspend(ctx.me(name).domain, deadline), pattern)
    expect_living(ctx, name, deadline)


def present(ctx: Context) -> list[str]:
    """The MEs that live on the machine that is meant."""
    return [name for name in ctx.mes if ctx.site_of(name) is ctx.site]


def _obeyed(ctx: Context, who: str, result: CommandResult) -> None:
    if result.status != 0:
        ctx.fail(Violation("me.obeys", who, "status 0", said(result)))


def _told(names: Collection[str] | None) -> str:
    return "all MEs" if names is None else ", ".join(names)
