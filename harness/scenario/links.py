# SPDX-License-Identifier: GPL-2.0-only
"""What is expected of links, judged on the states that the event stream has shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from harness.abi.vbus import VbusState, state_text
from harness.check.monitor import Monitor
from harness.check.violation import Violation
from harness.deadline import Deadline
from harness.errors import UsageError
from harness.model.device import Side
from harness.model.link import LinkKey
from harness.scenario import nodes
from harness.scenario.context import Context
from harness.yamlnode import nearest

_CONNECTED = {Side.BE: VbusState.CONNECTED, Side.FE: VbusState.CONNECTED}


def key_of(ctx: Context, link: tuple[str, str]) -> LinkKey:
    """The key of ``(ME, type)``, also of an ME that is gone.

    :raise UsageError: the ME was never injected
    """
    name, kind = link
    if name not in ctx.places:
        raise ctx.absent(name)
    known = nodes.known_types(ctx.prepared)
    if kind not in known:
        raise UsageError(f"no tree of this run has a device of type '{kind}'", where=ctx.where,
                         hint=nearest(kind, known))
    return LinkKey(kind, ctx.places[name].domain)


def await_connected(ctx: Context, link: tuple[str, str], deadline: Deadline) -> None:
    """:raise ExpectationFailed: a side is not Connected at the deadline"""
    _await(ctx, link, _CONNECTED, deadline)


def await_states(ctx: Context, link: tuple[str, str], wanted: Mapping[Side, VbusState],
                 seconds: float) -> None:
    """Wait until the sides are in these states; of removed entries the last state counts.

    :raise ExpectationFailed: they are not, in time; a handshake that stands still names who is waited for
    """
    _await(ctx, link, wanted, ctx.limit(seconds, f"states of {link[0]}/{link[1]}"))


def _await(ctx: Context, link: tuple[str, str], wanted: Mapping[Side, VbusState], deadline: Deadline) -> None:
    key = key_of(ctx, link)
    with ctx.on(link[0]):
        _await_here(ctx, key, wanted, deadline)


def _await_here(ctx: Context, key: LinkKey, wanted: Mapping[Side, VbusState], deadline: Deadline) -> None:
    if ctx.until(lambda m: all(_last(m, key, side) == state for side, state in wanted.items()), deadline):
        return
    stalled = ctx.observer.look(lambda m: m.stalled(key) if m.waiting_for(key) else None)
    if stalled is not None:
        ctx.fail(stalled)
    shown = ctx.observer.look(lambda m: _shown(m, key))
    asked = ", ".join(f"{side.value} {state_text(state)}" for side, state in wanted.items())
    ctx.fail(Violation("expect.state", str(key), f"{asked} within {deadline.budget:.1f} s", shown))


def _last(monitor: Monitor, key: LinkKey, side: Side) -> int | None:
    states = monitor.states(key, side)
    return states[-1] if states else None


def _shown(monitor: Monitor, key: LinkKey) -> str:
    parts = []
    for side in Side:
        state = _last(monitor, key, side)
        parts.append(f"{side.value} {'never written' if state is None else state_text(state)}")
    return ", ".join(parts)


def expect_order(ctx: Context, link: tuple[str, str], order: Sequence[tuple[Side, VbusState]]) -> None:
    """Both sides have changed in exactly this order; the making of the entries is left out.

    :raise ExpectationFailed: the order was another
    """
    key = key_of(ctx, link)
    with ctx.on(link[0]):
        history = ctx.observer.look(lambda m: [(change.side, change.state) for change in m.history(key)])
    seen = [(side, state) for side, state in history if state != VbusState.INITIALISING]
    if seen != list(order):
        ctx.fail(Violation("expect.states", str(key), _told(order), _told(seen)))


def _told(changes: Collection[tuple[Side, int]]) -> str:
    return ", ".join(f"{side.value} {state_text(state)}" for side, state in changes) or "no change"


def expect_exactly(ctx: Context, wanted: Collection[tuple[str, str]]) -> None:
    """:raise ExpectationFailed: another set of links than `wanted` is there and Connected"""
    for link in wanted:
        key_of(ctx, link)
    for name, site in ctx.sites.items():
        with ctx.on(name):
            _expect_here(ctx, sorted(key_of(ctx, link) for link in wanted if ctx.site_of(link[0]) is site))


def _expect_here(ctx: Context, keys: list[LinkKey]) -> None:
    found = ctx.observer.look(lambda m: [key for key in m.present() if m.connected(key)])
    others = ctx.observer.look(lambda m: [key for key in m.present() if not m.connected(key)])
    if found != keys or others:
        place = "store" if len(ctx.sites) == 1 else f"store {ctx.site.name}"
        ctx.fail(Violation("expect.links", place, f"Connected: {_keys(keys)}; no other",
                           f"Connected: {_keys(found)}; others: {_keys(others)}"))


def _keys(keys: Collection[LinkKey]) -> str:
    return ", ".join(map(str, keys)) or "none"
