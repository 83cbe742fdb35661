# SPDX-License-Identifier: GPL-2.0-only
"""Saving MEs, restoring them, and moving them to another machine, with their traffic going on."""

from __future__ import annotations

import re

from harness.abi.soo import MeState
from harness.check.violation import Violation
from harness.deadline import Deadline
from harness.errors import UsageError
from harness.model.device import Side
from harness.scenario import links, trees, vuart
from harness.scenario.context import Context
from harness.scenario.lifecycle import (
    await_gone,
    console_starts,
    expect_refusal,
    said,
    settle_at,
)
from harness.scenario.rest import expect_living, expect_rest
from harness.scenario.site import Place

_FOLDER = "/tmp"  # of the agency, in its memory
_EXCHANGE = "/dev/vdb"  # the disk that all machines share


def path_of(file: str) -> str:
    """Where the agency keeps a snapshot of that name."""
    return f"{_FOLDER}/{file}.snapshot"


def save(ctx: Context, name: str, file: str, seconds: float) -> None:
    """Suspend an ME and write its snapshot; it stays at rest.

    :raise ExpectationFailed: the agency does not do it, or the ME is not at rest afterwards
    """
    _save(ctx, name, path_of(file), ctx.limit(seconds, f"snapshot of {name}"))


def _save(ctx: Context, name: str, path: str, deadline: Deadline) -> None:
    result = ctx.agency_of(name).save(path, ctx.me(name).domain, deadline)
    if result.status != 0:
        ctx.fail(Violation("me.saved", name, "status 0", said(result)))
    expect_rest(ctx, name, MeState.HIBERNATE, deadline)


def refuse_save(ctx: Context, name: str, file: str, pattern: re.Pattern[str], seconds: float) -> None:
    """Save an ME that must refuse and live on.

    :raise ExpectationFailed: it does not refuse, or in other words
    """
    deadline = ctx.limit(seconds, f"refusal of {name}")
    result = ctx.agency_of(name).save(path_of(file), ctx.me(name).domain, deadline)
    expect_refusal(ctx, name, result, pattern)
    expect_living(ctx, name, deadline)


def restore(ctx: Context, name: str, file: str, slot: int | None, seconds: float) -> None:
    """Make an ME of its snapshot, in `slot` or where it was. What rests of it is ended.

    :raise ExpectationFailed: the agency does not do it, or the ME does not live on
    """
    deadline = ctx.limit(seconds, f"restoration of {name}")
    old = _last_place(ctx, name)
    new = slot if slot is not None else old.domain
    left = name in ctx.mes
    with ctx.on(old.site.name):
        if left and new == old.domain:
            _end(ctx, name, old, deadline)
            left = False
        _arrive(ctx, name, path_of(file), new, deadline)
    if left:
        _end(ctx, name, old, deadline)


def migrate(ctx: Context, name: str, to: str, slot: int | None, seconds: float) -> None:
    """Move an ME to another machine by the disk that both have.

    :param slot: there; None: the same as here if it is free, else the first free one
    :raise ExpectationFailed: it does not arrive, or what is left of it here does not go
    """
    deadline = ctx.limit(seconds, f"migration of {name}")
    old = ctx.places[ctx.me(name).name]
    if old.site.name == to:
        raise UsageError(f"ME '{name}' is on the machine '{to}' already", where=ctx.where)
    _save(ctx, name, _EXCHANGE, deadline)
    with ctx.on(to):
        _arrive(ctx, name, _EXCHANGE, slot if slot is not None else _free(ctx, old.domain), deadline)
    _end(ctx, name, old, deadline)


def refuse_restore(ctx: Context, file: str, slot: int, pattern: re.Pattern[str], seconds: float) -> None:
    """Restore a snapshot that must be refused in one line, with nothing left behind.

    :raise ExpectationFailed: it is accepted, or refused in other words, or a domain is left
    """
    deadline = ctx.limit(seconds, f"refusal of {file}")
    before = ctx.agency.slots(deadline)
    expect_refusal(ctx, file, ctx.agency.restore(path_of(file), slot, deadline), pattern)
    after = ctx.agency.slots(deadline)
    if before != after:
        ctx.fail(Violation("refusal.left", file, f"slots {before}", f"slots {after}"))


def _last_place(ctx: Context, name: str) -> Place:
    if name not in ctx.places:
        raise ctx.absent(name)
    return ctx.places[name]


def _free(ctx: Context, wanted: int) -> int:
    """A slot of the machine that is meant where no ME of the scenario is."""
    assert ctx.images.manifest.me is not None
    taken = {me.domain for name, me in ctx.mes.items() if ctx.site_of(name) is ctx.site}
    slots = [slot for slot in (wanted, *ctx.images.manifest.me.slots) if slot not in taken]
    return slots[0] if slots else wanted


def _arrive(ctx: Context, name: str, path: str, slot: int, deadline: Deadline) -> None:
    """Restore on the machine that is meant; from then on the ME is there, and so is its traffic."""
    assert ctx.images.manifest.me is not None
    console = ctx.images.manifest.me.console_of(slot)
    start = console_starts(ctx, booting=False)[console]
    before = ctx.places[name]
    text_starts = vuart.positions(ctx)
    result = ctx.agency.restore(path, slot, deadline)
    if result.status != 0:
        ctx.fail(Violation("me.restored", name, "status 0", said(result)))
    here = Place(ctx.site, slot, console, start)
    settle_at(ctx, name, here)
    if (before.site, before.console) != (here.site, here.console) and name in ctx.under_way:
        ctx.under_way[name].running.follow(ctx.shell(name), start)
    vuart.follow(ctx, name, text_starts)
    for kind in trees.common_types(ctx, name):
        _expect_entries(ctx, name, kind, deadline)
    expect_living(ctx, name, deadline)


def _expect_entries(ctx: Context, name: str, kind: str, deadline: Deadline) -> None:
    """A restored ME makes its entries again, under the number that it has now."""
    key = links.key_of(ctx, (name, kind))
    if not ctx.until(lambda m: m.state(key, Side.FE) is not None, deadline):
        ctx.fail(Violation("store.entries_missing", key.fe_path, "made again by the restored ME", "absent"))


def _end(ctx: Context, name: str, place: Place, deadline: Deadline) -> None:
    """End what rests of an ME in a place that it has left, or leaves."""
    result = ctx.agency_of(place.site.name).kill(place.domain, deadline)
    if result.status != 0:
        ctx.fail(Violation("me.end", name, "status 0", said(result)))
    await_gone(ctx, name, place, deadline)


# What can be wrong with a snapshot, as shell commands that make $b of $a, both names of files.
# A byte is changed by its own value, so that it is another one whatever it was.
_FLIP = ('cp {a} {b};v=$(dd if={a} bs=1 skip={at} count=1 2>/dev/null|od -An -tu1);'
         'printf "\\\\$(printf %03o $((v^1)))"|dd of={b} bs=1 seek={at} conv=notrunc 2>/dev/null;'
         '! cmp -s {a} {b}')
DAMAGES = {
    "empty": ": >{b}",
    "header": "head -c 100 {a} >{b}",
    "cut": "head -c $(($(wc -c <{a})/2)) {a} >{b}",
    "last": "head -c $(($(wc -c <{a})-1)) {a} >{b}",
    "longer": "cat {a} {a} >{b}",
    "signature": _FLIP.replace("{at}", "0"),
    "revision": _FLIP.replace("{at}", "4"),
    "memory": _FLIP.replace("{at}", "$(($(wc -c <{a})/2))"),
}


def damage(ctx: Context, file: str, how: str, copy: str, seconds: float) -> None:
    """Make a spoilt copy of a snapshot, see `DAMAGES`.

    :raise ExpectationFailed: the agency's shell cannot
    """
    command = DAMAGES[how].replace("{a}", path_of(file)).replace("{b}", path_of(copy))
    result = ctx.agency.run(command, ctx.limit(seconds, f"damage of {file}"))
    if result.status != 0:
        ctx.fail(Violation("damage", file, "status 0", said(result)))
