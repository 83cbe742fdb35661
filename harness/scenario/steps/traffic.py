# SPDX-License-Identifier: GPL-2.0-only
"""Messages through the rings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.guest.me import SendOrder
from harness.scenario import traffic
from harness.scenario.context import Context
from harness.scenario.step import Names, Step, within
from harness.yamlnode import Node

_WITHIN = 30.0
_ON_AND_ON_MS = 5
_MOST_MS = 1000
_PATTERNS = ("seq", "zero", "ones", "random")


def _mes(node: Node, names: Names) -> tuple[str, ...]:
    return tuple(names.me(item) for item in node.sequence()) if node.is_sequence else (names.me(node),)


@dataclass
class Send(Step, name="send"):
    """``- send: {me: alpha, count: 1000, window: 32}``: all come back, in order and unchanged.

    `me` may be a list: all of them send at the same time. `window` may be a list: one after the
    other. `full: true` demands that the ring was found full at least once, `full: false` that it
    never was. With `background: true` the step returns at once; `sent` collects the result. Without
    `count` messages go on in the background until `sent`. They go off in bursts, one in `every` at
    most (1ms to 1000ms): by default one in 5 ms without `count`, which leaves the CPU to others, else,
    as with 0, as many as go.
    """

    mes: tuple[str, ...]
    windows: tuple[int, ...]
    count: int | None
    size: int = 32
    pattern: str = "seq"
    full: bool | None = None
    background: bool = False
    within: float = _WITHIN
    every_ms: int = 0

    @classmethod
    def parse(cls, node: Node, names: Names) -> Send:
        entries = node.mapping(required=("me",), optional=(
            "count", "size", "window", "pattern", "full", "background", "within", "every"))
        step = cls(
            mes=_mes(entries["me"], names),
            windows=_windows(entries),
            count=entries["count"].integer(1, 10**9) if "count" in entries else None,
            size=entries["size"].integer(1, 32) if "size" in entries else 32,
            pattern=entries["pattern"].string(choices=_PATTERNS) if "pattern" in entries else "seq",
            full=entries["full"].boolean() if "full" in entries else None,
            background="background" in entries and entries["background"].boolean(),
            within=within(entries, _WITHIN),
            every_ms=_every_ms(entries),
        )
        if step.count is not None and "within" not in entries:
            # An event may be for one message only.
            step.within += step.count * step.every_ms / 1000
        if step.count is None and not step.background:
            raise node.error("traffic in the foreground needs a count")
        if step.background and len(step.windows) != 1:
            raise node.error("traffic in the background has one window")
        return step

    @property
    def is_expectation(self) -> bool:
        return not self.background

    def run(self, ctx: Context) -> None:
        for window in self.windows:
            for name in self.mes:
                traffic.begin(ctx, name, self._order(ctx, window), full=self.full)
            if not self.background:
                traffic.finish(ctx, self.mes, self.within)

    def _order(self, ctx: Context, window: int) -> SendOrder:
        return SendOrder(self.count, self.size, window, self.pattern, seed=ctx.rng.randrange(1, 2**31),
                         every_ms=self.every_ms)

    def describe(self) -> str:
        return f"send {'on and on' if self.count is None else self.count} from {', '.join(self.mes)}"


def _every_ms(entries: Mapping[str, Node]) -> int:
    if "every" not in entries:
        return 0 if "count" in entries else _ON_AND_ON_MS
    milliseconds = round(entries["every"].duration(zero=True) * 1000, 6)
    if milliseconds > _MOST_MS or milliseconds % 1:
        raise entries["every"].expected(f"whole milliseconds, at most {_MOST_MS}", "for instance 5ms, or 0")
    return int(milliseconds)


def _windows(entries: Mapping[str, Node]) -> tuple[int, ...]:
    if "window" not in entries:
        return (1,)
    node = entries["window"]
    items = node.sequence() if node.is_sequence else [node]
    if not items:
        raise node.expected("a window or a list of windows")
    return tuple(item.integer(1, 64) for item in items)


@dataclass
class Sent(Step, name="sent"):
    """``- sent: beta`` or ``- sent: [beta, gamma]``: traffic in the background ends well."""

    mes: tuple[str, ...]
    within: float = _WITHIN

    expects = True

    @classmethod
    def parse(cls, node: Node, names: Names) -> Sent:
        if not node.is_mapping:
            return cls(_mes(node, names))
        entries = node.mapping(required=("me",), optional=("within",))
        return cls(_mes(entries["me"], names),
                   within(entries, _WITHIN))

    def run(self, ctx: Context) -> None:
        traffic.finish(ctx, self.mes, self.within)

    def describe(self) -> str:
        return f"sent {', '.join(self.mes)}"
