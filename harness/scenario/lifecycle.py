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
from harness.scenario.context import Context
from harness.scenario.site import Place


def inject(ctx: Context, name: str, seconds: float, *, settle: bool = True) -> Me:
    """Inject an ME; `settle`: until it lives, its links are Connected, and its tree is proved.

    It goes to the machine that is meant, see `Context.on`.

    :raise ExpectationFailed: it is refused, gets another slot than asked for, or does not settle
    """
    if name in ctx.inherited:
        ctx.inherited.discard(name)
        return ctx.mes[name]
    if name in ctx.mes:
        raise UsageError(f"ME '{name}' already lives in slot {ctx.mes[name].domain}", where=ctx.where,
                         hint="give the scenario another ME")
    deadline = ctx.limit(seconds, f"injection of {name}")
    starts = console_starts(ctx, booting=True)
    result = ctx.agency.inject(name, deadline)
    if result.status != 0:
        ctx.fail(Violation("inject.refused", name, "status 0", said(result)))
    slot = ctx.agency.injected(result) if name in ctx.proved else None
    if slot is None:
        slot = _row(ctx, name, deadline).dom
    wanted = ctx.prepared.mes[name].spec.slot
    if wanted is not None and slot != wanted:
        ctx.fail(Violation("inject.slot", name, f"slot {wanted}", f"slot {slot}"))
    assert ctx.images.manifest.me is not None
    console = ctx.images.manifest.me.console_of(slot)
    me = settle_at(ctx, name, Place(ctx.site, slot, console, starts[console]))
    if settle:
        settle_me(ctx, name, deadline)
    return me


def settle_at(ctx: Context, name: str, place: Place) -> Me:
    """From now on an ME is here."""
    ctx.places[name] = place
    ctx.mes.pop(name, None)  # its shell was on another console
    ctx.mes[name] = Me(name, place.domain, ctx.shell(name))
    return ctx.mes[name]


def settle_me(ctx: Context, name: str, deadline: Deadline) -> None:
    """Wait until an ME lives, its links are Connected and its shell is there; prove its tree."""
    place = ctx.places[name]
    with ctx.on(name):
        await_connected(ctx, name, deadline)
        await_state(ctx, name, MeState.LIVING, deadline)
    prompt = ctx.describe_console(name).prompt
    if prompt is not None and ctx.await_match(place, prompt, deadline) is None:
        last = ctx.console(name).last_line()
        ctx.fail(Violation("me.prompt", name, "the prompt of its shell", f"last line: {last!r}"))
    if name not in ctx.proved:
        trees.prove_me(ctx, name)


def await_connected(ctx: Context, name: str, deadline: Deadline) -> None:
    """Wait until each frontend of an ME that has a backend is Connected, and its backend as well."""
    for kind in trees.common_types(ctx, name):
        links.await_connected(ctx, (name, kind), deadline)


def await_state(ctx: Context, name: str, state: MeState, deadline: Deadline) -> None:
    """:raise ExpectationFailed: the ME does not get into this state"""
    place = ctx.places[name]
    with ctx.on(name):
        if not ctx.until(lambda m: _state(m, place.domain) is state, deadline):
            word = state.name.lower()
            ctx.fail(Violation(f"me.{word}", name, f"state {word} within {deadline.budget:.1f} s",
                               _told(ctx, place)))


def _state(monitor: Monitor, dom: int) -> MeState | None:
    domain = monitor.domains.find(dom)
    return domain.state if domain is not None else None


def _told(ctx: Context, place: Place) -> str:
    domain = ctx.observer.look(lambda m: m.domains.find(place.domain))
    if domain is None:
        return "no such domain"
    return f"state {domain.state.name.lower() if domain.state is not None else 'never told'}"


def console_starts(ctx: Context, *, booting: bool) -> dict[str, int]:
    """Position of each ME console of this machine.

    :param booting: on those of free slots a boot banner is no surprise.
    """
    desc = ctx.images.manifest.me
    if desc is None:
        raise ctx.lacks("no MEs")
    taken = {me.domain for name, me in ctx.mes.items() if ctx.site_of(name) is ctx.site}
    starts = {}
    for slot in desc.slots:
        console = ctx.machine.console(desc.console_of(slot))
        starts[console.name] = console.mark()
        if booting and slot not in taken:
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
    expect_refusal(ctx, name, result, pattern)
    after = _domains(ctx, deadline)
    if before != after:
        ctx.fail(Violation("inject.refused", name, f"domains {before}", f"domains {after}"))


def refuse_kill(ctx: Context, slot: int, pattern: re.Pattern[str], seconds: float) -> None:
    """Kill a slot where that must be refused.

    :raise ExpectationFailed: it was accepted, or refused otherwise
    """
    result = ctx.agency.kill(slot, ctx.limit(seconds, f"refusal to kill slot {slot}"))
    expect_refusal(ctx, f"slot {slot}", result, pattern)


def expect_refusal(ctx: Context, what: str, result: CommandResult, pattern: re.Pattern[str]) -> None:
    """:raise ExpectationFailed: a command was obeyed, or refused in other words than one fitting line"""
    if result.status == 0:
        ctx.fail(Violation("refusal.missing", what, "a status other than 0", said(result)))
    matching = [line for line in result.output.splitlines() if pattern.search(line)]
    if len(matching) != 1:
        ctx.fail(Violation("refusal.text", what, f"one line that matches {pattern.pattern!r}", said(result)))


def _domains(ctx: Context, deadline: Deadline) -> list[int]:
    return sorted(row.dom for row in parse_domains(ctx.agency.view("domains", deadline)))


def kill(ctx: Context, name: str, seconds: float) -> None:
    """End an ME whatever it does, and wait until all that was its own is undone."""
    _end(ctx, name, ctx.agency_of(name).kill, seconds)


def shutdown(ctx: Context, name: str, seconds: float) -> None:
    """Ask an ME to leave, and wait until all that was its own is undone."""
    _end(ctx, name, ctx.agency_of(name).shutdown, seconds)


def refuse_shutdown(ctx: Context, name: str, pattern: re.Pattern[str], seconds: float) -> None:
    """Ask an ME to leave that must refuse and live on.

    :raise ExpectationFailed: it does not refuse, or in other words
    """
    deadline = ctx.limit(seconds, f"refusal of {name}")
    expect_refusal(ctx, name, ctx.agency_of(name).shutdown(ctx.me(name).domain, deadline), pattern)
    await_state(ctx, name, MeState.LIVING, deadline)


def leave(ctx: Context, name: str, seconds: float) -> None:
    """Let an ME end itself by the command of its shell, and wait until all is undone."""
    deadline = ctx.limit(seconds, f"end of {name}")
    ctx.me(name).shell.begin("shutdown")
    await_gone(ctx, name, ctx.places[name], deadline)
    forget(ctx, name)


def _end(ctx: Context, name: str, command: Callable[[int, Deadline], CommandResult], seconds: float) -> None:
    deadline = ctx.limit(seconds, f"end of {name}")
    place = ctx.places[ctx.me(name).name]
    with ctx.on(name):
        saved = ctx.observer.look(lambda m: _state(m, place.domain)) is MeState.HIBERNATE
    result = command(place.domain, deadline)
    if result.status != 0:
        ctx.fail(Violation("me.end", name, "status 0", said(result)))
    await_gone(ctx, name, place, deadline)
    forget(ctx, name, traffic=not saved)


def await_gone(ctx: Context, name: str, place: Place, deadline: Deadline) -> None:
    """:raise ExpectationFailed: the domain is still there at the deadline"""
    with ctx.on(place.site.name):
        if not ctx.until(lambda m: m.domains.find(place.domain) is None, deadline):
            ctx.fail(Violation("me.end", name, f"domain {place.domain} destroyed within "
                               f"{deadline.budget:.0f} s", _told(ctx, place)))


def forget(ctx: Context, name: str, *, traffic: bool = True) -> None:
    """An ME is gone, and so is its `traffic`, unless it goes on where its snapshot is restored."""
    del ctx.mes[name]
    ctx.assaults.pop(name, None)
    if traffic:
        ctx.under_way.pop(name, None)
        ctx.chats.pop(name, None)


def said(result: CommandResult) -> str:
    """What a command answered, in one line."""
    text = " | ".join(line.strip() for line in result.output.splitlines() if line.strip()) or "nothing"
    return f"status {result.status}, saying: {text[:300]}"
