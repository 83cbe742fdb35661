# SPDX-License-Identifier: GPL-2.0-only
"""Messages from MEs, one or several at once, in the foreground or the background."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from harness.check.monitor import Monitor
from harness.check.ring import check_send
from harness.check.violation import Violation
from harness.errors import UsageError
from harness.guest.fields import ObserveError
from harness.guest.frame import CommandResult, Running
from harness.guest.me import SendOrder
from harness.guest.observe import parse_send_result
from harness.model.link import LinkKey
from harness.model.views import SendResult
from harness.scenario.context import Context
from harness.scenario.links import key_of
from harness.scenario.watch import failure


@dataclass(frozen=True, slots=True)
class Under:
    """Traffic that was begun and not finished."""

    order: SendOrder
    running: Running
    full: bool | None


def begin(ctx: Context, name: str, order: SendOrder, *, full: bool | None = None) -> None:
    """Let an ME send.

    :param full: whether the ring must be found full; None: it does not matter
    """
    if name in ctx.under_way:
        raise UsageError(f"traffic of '{name}' is under way already", where=ctx.where, hint="'sent' ends it")
    ctx.under_way[name] = Under(order, ctx.me(name).shell.begin(order.command()), full)


def finish(ctx: Context, names: Collection[str], seconds: float) -> dict[str, SendResult]:
    """Wait for the traffic of these MEs and judge it.

    :raise ExpectationFailed: something was lost, damaged or mixed up, or the ring was (not) found full
    """
    deadline = ctx.limit(seconds, f"traffic of {', '.join(names)}")
    results = {}
    for name in names:
        if name not in ctx.under_way:
            raise UsageError(f"no traffic of '{name}' is under way", where=ctx.where,
                             hint="'send' with 'background: true' begins some")
        under = ctx.under_way.pop(name)
        if under.order.count is None:
            under.running.interrupt()
        result = under.running.wait(deadline)
        figures = _figures(ctx, name, result)
        ctx.timeline.add("traffic", f"{name}: {figures}")
        _judge(name, under, figures, result.status)
        results[name] = figures
    return results


def _figures(ctx: Context, name: str, result: CommandResult) -> SendResult:
    try:
        return parse_send_result(result.output)
    except ObserveError:
        said = " ".join(result.output.split()) or "nothing"
        ctx.fail(Violation("send.refused", name, "figures", f"status {result.status}, saying: {said[:300]}"))
        raise


def _judge(name: str, under: Under, figures: SendResult, status: int) -> None:
    place = f"{name}/vdummy"
    found = list(check_send(place, figures))
    if under.order.count is None:
        status = 0  # an interrupted command fails
        if not figures.sent:
            found.append(Violation("send.count", place, "some sent", "none sent"))
    elif figures.sent != under.order.count:
        found.append(Violation("send.count", place, f"{under.order.count} sent", f"{figures.sent} sent"))
    if under.full is not None and under.full != (figures.full > 0):
        times = "at least once" if under.full else "never"
        found.append(Violation("send.full", place, f"ring full {times}", f"{figures.full} times"))
    if status != 0 and not found:
        found.append(Violation("send.status", place, "status 0", f"status {status} with {figures}"))
    if found:
        raise failure(found)


def expect_moving(ctx: Context, link: tuple[str, str], seconds: float) -> None:
    """Wait until the ring of a link has moved since the call.

    :raise ExpectationFailed: its indices stand still
    """
    key = key_of(ctx, link)
    with ctx.on(link[0]):
        _expect_moving(ctx, key, seconds)


def _expect_moving(ctx: Context, key: LinkKey, seconds: float) -> None:
    before = ctx.observer.look(lambda m: m.samples.get(key.be_path))
    deadline = ctx.limit(seconds, f"traffic of {key}")

    def moved(monitor: Monitor) -> bool:
        sample = monitor.samples.get(key.be_path)
        return sample is not None and (before is None or sample.indices != before.indices)

    if not ctx.until(moved, deadline):
        ctx.fail(Violation("expect.traffic", str(key), f"indices that move within {deadline.budget:.1f} s",
                           str(before.indices) if before else "no sample of the ring"))
