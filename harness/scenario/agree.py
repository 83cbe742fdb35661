# SPDX-License-Identifier: GPL-2.0-only
"""At the end of a run: the models that followed the events, against the agency's own views."""

from __future__ import annotations

from collections.abc import Iterator

from harness.abi.soo import MAX_DOMAINS
from harness.check.monitor import Monitor
from harness.check.views import compare_channels, compare_grants, compare_store
from harness.check.violation import Violation
from harness.deadline import Deadline
from harness.guest.observe import parse_evtchn, parse_gnttab, parse_store_dump
from harness.scenario.context import Context
from harness.scenario.watch import failure

_SETTLE = 3.0  # seconds until the last events must have come
_READ = 10.0  # seconds for one look at the views


def prove(ctx: Context) -> None:
    """Store, grants and channels of each machine are as its events told.

    A machine is left out if it is to be found faulty, or has lost events: its models are not whole.

    :raise ExpectationFailed: a difference stays
    """
    for name in ctx.sites:
        with ctx.on(name):
            watch = ctx.watch
            if watch is None or not ctx.site.booted or watch.awaited or watch.look(lambda m: m.lost):
                continue
            _prove(ctx)


def _prove(ctx: Context) -> None:
    """What goes on changing differs in another way with each look; what was never told stays as it is."""
    deadline = ctx.limit(_SETTLE, "agreement of events and views")
    found = _look(ctx)
    while found:
        before = ctx.observer.look(lambda m: m.now_ns)
        if not ctx.until(lambda m, seen=before: m.now_ns != seen, deadline):  # type: ignore[misc]
            raise failure(found)
        again = set(_look(ctx))
        found = [violation for violation in found if violation in again]


def _look(ctx: Context) -> list[Violation]:
    deadline = Deadline.after(_READ, "views of the agency", ctx.deadline.clock)
    views = ctx.agency.views(("store", "gnttab", "evtchn"), deadline)
    return ctx.observer.look(lambda m: list(_differences(m, views)))


def _differences(monitor: Monitor, views: dict[str, str]) -> Iterator[Violation]:
    yield from compare_store(monitor.store.tree(), parse_store_dump(views["store"]))
    grants, channels = parse_gnttab(views["gnttab"]), parse_evtchn(views["evtchn"])
    for dom in range(MAX_DOMAINS):
        yield from compare_grants(monitor.grants, grants, dom)
        yield from compare_channels(monitor.channels, channels, dom)
