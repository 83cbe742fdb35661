# SPDX-License-Identifier: GPL-2.0-only
"""Injecting MEs and ending them, and what must be true afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable

from harness.abi.soo import MeState
from harness.check.monitor import Monitor
from harness.check.violation import Violation
from harness.deadline import Deadline
from harness.errors import UsageError
from harness.guest.frame import CommandResult
from harness.guest.me import Me
from harness.guest.observe import parse_domains
from harness.model.views import DomainRow
from harness.scenario import links, trees
from harness.scenario.context import Context, Place


def inject(ctx: Context, name: str, seconds: float, *, settle: bool = True) -> Me:
    """Inject an ME; `settle`: until it lives, its links are Connected, and its tree is proved.

    :raise ExpectationFailed: it is refused, gets another slot than asked for, or does not settle
    """
    if name in ctx.mes:
        raise UsageError(f"ME '{name}' already lives in slot {ctx.mes[name].domain}", where=ctx.where,
                         hint="give the scenario another ME")
    deadline = ctx.limit(seconds, f"injection of {name}")
    starts = _expect_boots(ctx)
    result = ctx.agency.inject(name, deadline)
    if result.status != 0:
        ctx.fail(Violation("inject.refused", name, "status 0", _said(result)))
    slot = ctx.agency.injected(result) if name in ctx.proved else None
    if slot is None:
        slot = _row(ctx, name, deadline).dom
    wanted = ctx.prepared.mes[name].spec.slot
    if wanted is not None and slot != wanted:
        ctx.fail(Violation("inject.slot", name, f"slot {wanted}", f"slot {slot}"))
    assert ctx.images.manifest.me is not None
    console = ctx.images.manifest.me.console_of(slot)
    ctx.places[name] = Place(slot, console, starts[console])
    me = Me(name, slot, ctx.shell(name))
    ctx.mes[name] = me
    if settle:
        settle_me(ctx, name, deadline)
    return me


def settle_me(ctx: Context, name: str, deadline: Deadline) -> None:
    """Wait until an ME lives, its links are Connected and its shell is there; prove its tree."""
    place = ctx.places[name]
    for kind in trees.common_types(ctx, name):
        links.await_connected(ctx, (name, kind), deadline)
    if not ctx.until(lambda m: _lives(m, place.domain), deadline):
        ctx.fail(Violation("me.living", name, f"state living within {deadline.budget:.0f} s",
                           _state(ctx, place)))
    prompt = ctx.describe_console(name).prompt
    if prompt is not None and ctx.await_match(place.console, prompt, deadline, place.start) is None:
        last = ctx.console(name).last_line()
        ctx.fail(Violation("me.prompt", name, "the prompt of its shell", f"last line: {last!r}"))
    if name not in ctx.proved:
        trees.prove_me(ctx, name)


def _lives(monitor: Monitor, dom: int) -> bool:
    domain = monitor.domains.find(dom)
    return domain is not None and domain.state is MeState.LIVING


def _state(ctx: Context, place: Place) -> str:
    domain = ctx.observer.look(lambda m: m.domains.find(place.domain))
    if domain is None:
        return "no such domain"
    return f"state {domain.state.name.lower() if domain.state is not None else 'never told'}"


def _expect_boots(ctx: Context) -> dict[str, int]:
    """Position of each ME console; on those of free slots a boot banner is no surprise."""
    desc = ctx.images.manifest.me
    if desc is None:
        raise ctx.lacks("no MEs")
    taken = {me.domain for me in ctx.mes.values()}
    starts = {}
    for slot in desc.slots:
        console = ctx.machine.console(desc.console_of(slot))
        starts[console.name] = console.mark()
        if slot not in taken:
            console.expect_boot()
    return starts


def _row(ctx: Context, name: str, deadline: Deadline) -> DomainRow:
    rows = parse_domains(ctx.agency.view("domains", deadline))
    for row in rows:
        if row.name == name:
            return row
    shown = ", ".join(f"{row.dom}: {row.name}" for row in rows) or "none"
    ctx.fail(Violation("inject.domain", name, "a domain of that name", shown))
    raise AssertionError("not reached")


def refuse(ctx: Context, name: str, pattern: re.Pattern[str], seconds: float) -> None:
    """Inject something that must be refused in one line that matches `pattern`.

    :raise ExpectationFailed: it was accepted, or refused otherwise, or a domain is left
    """
    deadline = ctx.limit(seconds, f"refusal of {name}")
    before = _domains(ctx, deadline)
    result = ctx.agency.inject(name, deadline)
    _expect_refusal(ctx, name, result, pattern)
    after = _domains(ctx, deadline)
    if before != after:
        ctx.fail(Violation("inject.refused", name, f"domains {before}", f"domains {after}"))


def refuse_kill(ctx: Context, slot: int, pattern: re.Pattern[str], seconds: float) -> None:
    """Kill a slot where that must be refused.

    :raise ExpectationFailed: it was accepted, or refused otherwise
    """
    result = ctx.agency.kill(slot, ctx.limit(seconds, f"refusal to kill slot {slot}"))
    _expect_refusal(ctx, f"slot {slot}", result, pattern)


def _expect_refusal(ctx: Context, what: str, result: CommandResult, pattern: re.Pattern[str]) -> None:
    if result.status == 0:
        ctx.fail(Violation("refusal.missing", what, "a status other than 0", _said(result)))
    matching = [line for line in result.output.splitlines() if pattern.search(line)]
    if len(matching) != 1:
        ctx.fail(Violation("refusal.text", what, f"one line that matches {pattern.pattern!r}", _said(result)))


def _domains(ctx: Context, deadline: Deadline) -> list[int]:
    return sorted(row.dom for row in parse_domains(ctx.agency.view("domains", deadline)))


def kill(ctx: Context, name: str, seconds: float) -> None:
    """End an ME whatever it does, and wait until all that was its own is undone."""
    _end(ctx, name, ctx.agency.kill, seconds)


def shutdown(ctx: Context, name: str, seconds: float) -> None:
    """Ask an ME to leave, and wait until all that was its own is undone."""
    _end(ctx, name, ctx.agency.shutdown, seconds)


def _end(ctx: Context, name: str, command: Callable[[int, Deadline], CommandResult], seconds: float) -> None:
    domain = ctx.me(name).domain
    deadline = ctx.limit(seconds, f"end of {name}")
    result = command(domain, deadline)
    if result.status != 0:
        ctx.fail(Violation("me.end", name, "status 0", _said(result)))
    if not ctx.until(lambda m: m.domains.find(domain) is None, deadline):
        ctx.fail(Violation("me.end", name, f"domain {domain} destroyed within {deadline.budget:.0f} s",
                           _state(ctx, ctx.places[name])))
    del ctx.mes[name]
    ctx.under_way.pop(name, None)


def _said(result: CommandResult) -> str:
    text = " | ".join(line.strip() for line in result.output.splitlines() if line.strip()) or "nothing"
    return f"status {result.status}, saying: {text[:300]}"
