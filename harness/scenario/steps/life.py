# SPDX-License-Identifier: GPL-2.0-only
"""Life of an ME: inject, kill, shutdown."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.scenario import lifecycle
from harness.scenario.context import Context
from harness.scenario.step import Names, Step, within
from harness.yamlnode import Node

_WITHIN = 15.0


@dataclass
class Inject(Step, name="inject"):
    """``- inject: alpha``, ``- inject: [alpha, beta]``, ``- inject: {me: alpha, refused: REGEX}``.

    Waits until the ME lives and each of its frontends that has a backend is Connected, then proves
    the device tree that the ME sees. With `refused` the injection must fail and say so in one line.
    With `settle: false` it only waits until the ME was started; `to` names the machine, if there are several.
    """

    mes: tuple[str, ...]
    refused: re.Pattern[str] | None = None
    settle: bool = True
    to: str | None = None
    within: float = _WITHIN

    @classmethod
    def parse(cls, node: Node, names: Names) -> Inject:
        if node.is_sequence:
            return cls(tuple(names.me(item) for item in node.sequence()))
        if not node.is_mapping:
            return cls((names.me(node),))
        entries = node.mapping(required=("me",), optional=("refused", "settle", "to", "within"))
        return cls(
            (names.me(entries["me"]),),
            refused=entries["refused"].regex() if "refused" in entries else None,
            settle=entries["settle"].boolean() if "settle" in entries else True,
            to=names.machine(entries["to"]) if "to" in entries else None,
            within=within(entries, _WITHIN),
        )

    @property
    def is_expectation(self) -> bool:
        return self.refused is not None

    def run(self, ctx: Context) -> None:
        with ctx.on(self.to):
            for name in self.mes:
                if self.refused is not None:
                    lifecycle.refuse(ctx, name, self.refused, self.within)
                else:
                    lifecycle.inject(ctx, name, self.within, settle=self.settle)

    def describe(self) -> str:
        return f"inject {', '.join(self.mes)}"


@dataclass
class Kill(Step, name="kill"):
    """``- kill: alpha`` ends an ME whatever it does; ``- kill: {slot: 4, refused: REGEX}`` must fail.

    Waits until the agency has undone all that was the ME's.
    """

    me: str | None = None
    slot: int | None = None
    refused: re.Pattern[str] | None = None
    within: float = _WITHIN

    @classmethod
    def parse(cls, node: Node, names: Names) -> Kill:
        if not node.is_mapping:
            return cls(names.me(node))
        entries = node.mapping(optional=("me", "slot", "refused", "within"))
        if ("me" in entries) == ("slot" in entries):
            raise node.error("give either 'me' or 'slot'")
        if "slot" in entries and "refused" not in entries:
            raise node.error("a slot can only be given together with 'refused'", "name the ME with 'me'")
        return cls(
            me=names.me(entries["me"]) if "me" in entries else None,
            slot=entries["slot"].integer(2, 6) if "slot" in entries else None,
            refused=entries["refused"].regex() if "refused" in entries else None,
            within=within(entries, _WITHIN),
        )

    @property
    def is_expectation(self) -> bool:
        return self.refused is not None

    def run(self, ctx: Context) -> None:
        slot = self.slot if self.me is None else ctx.me(self.me).domain
        assert slot is not None
        if self.refused is not None:
            lifecycle.refuse_kill(ctx, slot, self.refused, self.within)
        elif self.me is not None:
            lifecycle.kill(ctx, self.me, self.within)

    def describe(self) -> str:
        return f"kill {self.me or self.slot}"


@dataclass
class Shutdown(Step, name="shutdown"):
    """``- shutdown: alpha`` asks an ME to leave and waits until it has.

    With ``{me: alpha, by: me}`` it leaves by the command of its own shell; with `refused` it must say
    no to the agency, which then says so in one line, and live on.
    """

    me: str
    by_me: bool = False
    refused: re.Pattern[str] | None = None
    within: float = _WITHIN

    @classmethod
    def parse(cls, node: Node, names: Names) -> Shutdown:
        if not node.is_mapping:
            return cls(names.me(node))
        entries = node.mapping(required=("me",), optional=("by", "refused", "within"))
        by_me = "by" in entries and entries["by"].string(choices=("agency", "me")) == "me"
        if by_me and "refused" in entries:
            raise node.error("only the agency's wish can be refused", "leave 'by' or 'refused' out")
        return cls(names.me(entries["me"]), by_me,
                   entries["refused"].regex() if "refused" in entries else None, within(entries, _WITHIN))

    @property
    def is_expectation(self) -> bool:
        return self.refused is not None

    def run(self, ctx: Context) -> None:
        if self.refused is not None:
            lifecycle.refuse_shutdown(ctx, self.me, self.refused, self.within)
        elif self.by_me:
            lifecycle.leave(ctx, self.me, self.within)
        else:
            lifecycle.shutdown(ctx, self.me, self.within)

    def describe(self) -> str:
        return f"shutdown {self.me}"
