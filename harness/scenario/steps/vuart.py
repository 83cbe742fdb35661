# SPDX-License-Identifier: GPL-2.0-only
"""Text through the vuarts of MEs."""

from __future__ import annotations

from dataclasses import dataclass

from harness.scenario import vuart
from harness.scenario.context import Context
from harness.scenario.step import Names, Step, within
from harness.yamlnode import Node

_WITHIN = 30.0
_LINES, _WIDTH = 50, 40


def _mes(node: Node, names: Names) -> tuple[str, ...]:
    return tuple(names.me(item) for item in node.sequence()) if node.is_sequence else (names.me(node),)


@dataclass
class Chat(Step, name="chat"):
    """``- chat: {me: [alpha, beta], lines: 60, width: 50}``: text to and from MEs through their vuarts.

    The commands are typed at once to all of them, far more than a ring holds. Each line must come
    back from its own ME, complete, once, in order. With `background: true` the step returns when they
    are typed; `chatted` waits for the text and judges it.
    """

    mes: tuple[str, ...]
    lines: int = _LINES
    width: int = _WIDTH
    background: bool = False
    within: float = _WITHIN

    @classmethod
    def parse(cls, node: Node, names: Names) -> Chat:
        if not node.is_mapping:
            return cls(_mes(node, names))
        entries = node.mapping(required=("me",), optional=("lines", "width", "background", "within"))
        return cls(
            _mes(entries["me"], names),
            entries["lines"].integer(1, 9999) if "lines" in entries else _LINES,
            entries["width"].integer(1, 60) if "width" in entries else _WIDTH,
            "background" in entries and entries["background"].boolean(),
            within(entries, _WITHIN),
        )

    @property
    def is_expectation(self) -> bool:
        return not self.background

    def run(self, ctx: Context) -> None:
        vuart.begin(ctx, self.mes, self.lines, self.width)
        if not self.background:
            vuart.finish(ctx, self.mes, self.within)

    def describe(self) -> str:
        return f"chat with {', '.join(self.mes)}"


@dataclass
class Chatted(Step, name="chatted"):
    """``- chatted: [alpha, beta]``: text in the background ends well, see `chat`."""

    mes: tuple[str, ...]
    within: float = _WITHIN

    expects = True

    @classmethod
    def parse(cls, node: Node, names: Names) -> Chatted:
        if not node.is_mapping:
            return cls(_mes(node, names))
        entries = node.mapping(required=("me",), optional=("within",))
        return cls(_mes(entries["me"], names), within(entries, _WITHIN))

    def run(self, ctx: Context) -> None:
        vuart.finish(ctx, self.mes, self.within)

    def describe(self) -> str:
        return f"chatted {', '.join(self.mes)}"
