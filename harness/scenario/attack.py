# SPDX-License-Identifier: GPL-2.0-only
"""Attacks by hostile MEs, what the agency must have refused, and what it must say of them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from harness.abi.vbus import VbusState, state_text
from harness.check.monitor import Monitor
from harness.check.violation import Violation
from harness.deadline import Deadline
from harness.errors import UsageError
from harness.guest.fields import ObserveError
from harness.guest.frame import CommandResult, Running
from harness.guest.observe import parse_attack
from harness.model.device import Side
from harness.model.link import LinkKey
from harness.model.views import AttackResult
from harness.scenario import lifecycle, links, trees
from harness.scenario.context import Context
from harness.scenario.watch import failure

FIGURES = "attacks.jsonl"
"""File of the run folder: one line for each attack that came to its end."""

_FAILED = (VbusState.CLOSING, VbusState.CLOSED)


@dataclass(frozen=True, slots=True)
class AttackOrder:
    """What a hostile ME is told to do.

    :ivar kind: one of those that `attack list` in its shell tells, or ``all``.
    :ivar other: domain of the victim; None: whatever comes after its own.
    """

    kind: str
    operations: int
    seed: int
    other: int | None = None

    def command(self) -> str:
        """The line for the ME's shell."""
        other = f" other={self.other}" if self.other is not None else ""
        return f"attack {self.kind} count={self.operations} seed={self.seed}{other}"


@dataclass(frozen=True, slots=True)
class Assault:
    """An attack that was begun and not judged."""

    order: AttackOrder
    running: Running


def begin(ctx: Context, name: str, order: AttackOrder) -> Assault:
    """Let a hostile ME attack.

    :raise UsageError: the scenario does not call it hostile
    """
    if not ctx.prepared.mes[name].spec.hostile:
        raise UsageError(f"ME '{name}' attacks, but is not said to be hostile", where=ctx.where,
                         hint=f"give {name} 'hostile: true' in 'mes'")
    ctx.timeline.add("attack", f"{name}: {order.command()}")
    return Assault(order, ctx.me(name).shell.begin(order.command()))


def finish(ctx: Context, name: str, assault: Assault, seconds: float) -> AttackResult:
    """Wait for the end of an attack and judge it.

    :raise ExpectationFailed: something was accepted that should have been refused
    """
    order = assault.order
    answer = assault.running.wait(ctx.limit(seconds, f"attack {order.kind} of {name}"))
    result = _figures(ctx, name, order, answer)
    _record(ctx, name, result)
    found = [Violation(rule_of(kind), f"{name}: attack {kind}", "refused",
                       f"accepted {tally.accepted} of {tally.operations} times")
             for kind, tally in result.kinds.items() if tally.accepted]
    if found:
        raise failure(found)
    return result


def rule_of(kind: str) -> str:
    """The rule that is broken if an attack of this kind is accepted."""
    return f"hostile.{kind.replace('-', '_')}"


def leave(ctx: Context, name: str, order: AttackOrder, seconds: float) -> None:
    """Let a hostile ME end itself, and wait until all that was its own is undone.

    :raise ExpectationFailed: the domain is still there
    """
    deadline = ctx.limit(seconds, f"end of {name}")
    begin(ctx, name, order)
    lifecycle.await_gone(ctx, name, ctx.places[name], deadline)
    lifecycle.forget(ctx, name)


def await_failed(ctx: Context, link: tuple[str, str], reason: re.Pattern[str], seconds: float) -> None:
    """Wait until a backend has given a link up: Closing or Closed, and the reason beside its state.

    :raise ExpectationFailed: it has not, or for another reason
    """
    key = links.key_of(ctx, link)
    deadline = ctx.limit(seconds, f"end of {key}")
    with ctx.on(link[0]):
        _await_reason(ctx, f"{key.be_path}/error", reason, deadline)
        if not ctx.until(lambda m: _backend(m, key) in _FAILED, deadline):
            ctx.fail(Violation("expect.failed", str(key), "BE Closing or Closed",
                               f"BE {state_text(ctx.observer.look(lambda m: _backend(m, key)))}"))


def await_cut_off(ctx: Context, name: str, reason: re.Pattern[str], seconds: float) -> None:
    """Wait until an ME is cut off: the reason in its directory, each of its links Closed.

    :raise ExpectationFailed: it is not, or for another reason
    """
    deadline = ctx.limit(seconds, f"end of {name}'s connection")
    with ctx.on(name):
        _await_reason(ctx, f"soo/me/{ctx.places[name].domain}/error", reason, deadline)
    for kind in trees.common_types(ctx, name):
        links.await_states(ctx, (name, kind), {Side.BE: VbusState.CLOSED}, deadline.remaining())


def expect_total(ctx: Context, operations: int) -> None:
    """:raise ExpectationFailed: the attacks of this run so far were fewer operations"""
    kinds: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    told_of = ctx.run_dir / FIGURES
    lines = told_of.read_text().splitlines() if told_of.exists() else []
    for line in lines:
        for kind, tally in json.loads(line)["kinds"].items():
            kinds[kind] += sum(tally.values())
            outcomes += Counter(tally)
    told = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
    ctx.timeline.add("attack", f"in all {kinds.total()} operations in {len(lines)} attacks: "
                               + ", ".join(f"{count} {name}" for name, count in outcomes.items()))
    ctx.timeline.add("attack", f"by kind: {told}")
    if kinds.total() < operations:
        ctx.fail(Violation("expect.attacked", "this run", f"{operations} operations", str(kinds.total())))


def _backend(monitor: Monitor, key: LinkKey) -> int | None:
    states = monitor.states(key, Side.BE)
    return states[-1] if states else None


def _await_reason(ctx: Context, path: str, reason: re.Pattern[str], deadline: Deadline) -> None:
    def told(monitor: Monitor) -> bool:
        return reason.search(monitor.store.read(path) or "") is not None

    if not ctx.until(told, deadline):
        there = ctx.observer.look(lambda m: m.store.read(path))
        ctx.fail(Violation("expect.reason", path, f"a match of {reason.pattern!r}", repr(there)))


def _figures(ctx: Context, name: str, order: AttackOrder, answer: CommandResult) -> AttackResult:
    try:
        return parse_attack(answer.output)
    except ObserveError:
        ctx.fail(Violation("attack.figures", f"{name}: attack {order.kind}", "figures",
                           lifecycle.said(answer)))
        raise


def _record(ctx: Context, name: str, result: AttackResult) -> None:
    told: Sequence[str] = [f"{kind} {tally.operations}" for kind, tally in result.kinds.items()]
    ctx.timeline.add("attack", f"{name}: {', '.join(told) or 'nothing'} in {result.ms} ms, seed {result.seed}"
                               + (", cut off" if result.cut else ""))
    with (ctx.run_dir / FIGURES).open("a") as figures:
        figures.write(json.dumps({"me": name, **asdict(result)}) + "\n")
