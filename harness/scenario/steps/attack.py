# SPDX-License-Identifier: GPL-2.0-only
"""Hostile MEs: what they do, and what the agency does about it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.scenario import attack
from harness.scenario.context import Context
from harness.scenario.step import Names, Step, within
from harness.yamlnode import Node

_WITHIN = 30.0
_KIND = re.compile(r"[a-z][a-z0-9-]{0,30}\Z")


def _kind(node: Node) -> str:
    if not _KIND.match(node.string()):
        raise node.expected("the name of an attack", "'attack list' in an ME's shell tells them")
    return node.string()


@dataclass
class Attack(Step, name="attack"):
    """``- attack: {me: mallory, kind: dotdot, operations: 1000, other: beta}``.

    `kind` may be a list: one after the other. `other` is the victim of those that need one. The seed
    follows from the run's, unless it is given. Nothing may be accepted that should be refused.
    With `background: true` the step returns at once; `attacked` judges it. With `leaves: true` the
    attack is the ME's end.
    """

    me: str
    kinds: tuple[str, ...]
    operations: int = 1
    other: str | None = None
    seed: int | None = None
    background: bool = False
    leaves: bool = False
    within: float = _WITHIN

    expects = True

    @classmethod
    def parse(cls, node: Node, names: Names) -> Attack:
        entries = node.mapping(required=("me", "kind"), optional=(
            "operations", "other", "seed", "background", "leaves", "within"))
        kind = entries["kind"]
        step = cls(
            me=names.me(entries["me"]),
            kinds=tuple(_kind(item) for item in kind.sequence()) if kind.is_sequence else (_kind(kind),),
            operations=entries["operations"].integer(1, 10**7) if "operations" in entries else 1,
            other=names.me(entries["other"]) if "other" in entries else None,
            seed=entries["seed"].integer(0, 2**32 - 1) if "seed" in entries else None,
            background="background" in entries and entries["background"].boolean(),
            leaves="leaves" in entries and entries["leaves"].boolean(),
            within=within(entries, _WITHIN),
        )
        if (step.background or step.leaves) and len(step.kinds) != 1:
            raise node.error("an attack in the background, or that is the ME's end, is of one kind")
        return step

    def run(self, ctx: Context) -> None:
        for kind in self.kinds:
            order = self._order(ctx, kind)
            if self.leaves:
                attack.leave(ctx, self.me, order, self.within)
            elif self.background:
                ctx.assaults[self.me] = attack.begin(ctx, self.me, order)
            else:
                attack.finish(ctx, self.me, attack.begin(ctx, self.me, order), self.within)

    def _order(self, ctx: Context, kind: str) -> attack.AttackOrder:
        seed = ctx.rng.randrange(1, 2**31) if self.seed is None else self.seed
        other = ctx.places[self.other].domain if self.other in ctx.places else None
        return attack.AttackOrder(kind, self.operations, seed, other)

    def describe(self) -> str:
        return f"attack {', '.join(self.kinds)} by {self.me}"


@dataclass
class Attacked(Step, name="attacked"):
    """``- attacked: mallory``: the attack in the background is over, and nothing was accepted."""

    me: str
    within: float = _WITHIN

    expects = True

    @classmethod
    def parse(cls, node: Node, names: Names) -> Attacked:
        if not node.is_mapping:
            return cls(names.me(node))
        entries = node.mapping(required=("me",), optional=("within",))
        return cls(names.me(entries["me"]), within(entries, _WITHIN))

    def run(self, ctx: Context) -> None:
        if self.me not in ctx.assaults:
            raise ctx.lacks(f"no attack of '{self.me}' under way")
        attack.finish(ctx, self.me, ctx.assaults.pop(self.me), self.within)


@dataclass
class ExpectFailed(Step, name="expect.failed"):
    """``- expect.failed: {link: mallory/vdummy, because: REGEX}``: its backend has given it up.

    The backend is Closing or Closed, and the reason stands beside its state.
    """

    link: tuple[str, str]
    because: re.Pattern[str]
    within: float = _WITHIN

    expects = True

    @classmethod
    def parse(cls, node: Node, names: Names) -> ExpectFailed:
        entries = node.mapping(required=("link", "because"), optional=("within",))
        return cls(names.link(entries["link"]), entries["because"].regex(), within(entries, _WITHIN))

    def run(self, ctx: Context) -> None:
        attack.await_failed(ctx, self.link, self.because, self.within)


@dataclass
class ExpectCutOff(Step, name="expect.cut_off"):
    """``- expect.cut_off: {me: mallory, because: REGEX}``: the agency serves it no more.

    The reason stands in its directory of the store, and the backends of its links are Closed.
    """

    me: str
    because: re.Pattern[str]
    within: float = _WITHIN

    expects = True

    @classmethod
    def parse(cls, node: Node, names: Names) -> ExpectCutOff:
        entries = node.mapping(required=("me", "because"), optional=("within",))
        return cls(names.me(entries["me"]), entries["because"].regex(), within(entries, _WITHIN))

    def run(self, ctx: Context) -> None:
        attack.await_cut_off(ctx, self.me, self.because, self.within)


@dataclass
class ExpectAttacked(Step, name="expect.attacked"):
    """``- expect.attacked: 1000000``: the attacks of this run were that many operations, or more."""

    operations: int

    expects = True

    @classmethod
    def parse(cls, node: Node, names: Names) -> ExpectAttacked:
        return cls(node.integer(1))

    def run(self, ctx: Context) -> None:
        attack.expect_total(ctx, self.operations)
