# SPDX-License-Identifier: GPL-2.0-only
"""Expectations that compare independent views: device trees, memory, what was there before."""

from __future__ import annotations

from dataclasses import dataclass

from harness.check.rules import RULES
from harness.scenario import leak, memory, trees
from harness.scenario.context import Context
from harness.scenario.step import Names, Step, is_bare, within
from harness.yamlnode import Node, nearest

_WITHIN = 10.0


@dataclass
class ExpectTree(Step, name="expect.tree"):
    """``- expect.tree: agency`` or an ME: the tree that it sees is the one that was asked for.

    Boot and injection prove this as well; the step is for scenarios that are about it.
    """

    who: str

    expects = True

    @classmethod
    def parse(cls, node: Node, names: Names) -> ExpectTree:
        return cls(node.string() if node.string() == "agency" else names.me(node))

    def run(self, ctx: Context) -> None:
        if self.who == "agency":
            trees.prove_agency(ctx)
        else:
            trees.prove_me(ctx, self.who)


@dataclass
class MemoryAgrees(Step, name="memory.agrees"):
    """``- memory.agrees: alpha/vdummy``: ring page and store page, read by QMP, are as the guests say.

    Only at rest: no traffic may be under way on the link.
    """

    link: tuple[str, str]

    expects = True

    @classmethod
    def parse(cls, node: Node, names: Names) -> MemoryAgrees:
        return cls(names.link(node))

    def run(self, ctx: Context) -> None:
        memory.prove(ctx, self.link)


@dataclass
class Baseline(Step, name="baseline"):
    """``- baseline``: what `expect.no_leak` compares with: store, grants, channels, agency memory."""

    @classmethod
    def parse(cls, node: Node, names: Names) -> Baseline:
        if not is_bare(node, cls.name):
            raise node.expected("nothing after 'baseline'")
        return cls()

    def run(self, ctx: Context) -> None:
        leak.take_baseline(ctx)


@dataclass
class ExpectNoLeak(Step, name="expect.no_leak"):
    """``- expect.no_leak`` or ``- expect.no_leak: {kernel_kib: 512}``: all is as at the `baseline`."""

    kernel_kib: int = leak.KERNEL_KIB

    expects = True

    @classmethod
    def parse(cls, node: Node, names: Names) -> ExpectNoLeak:
        if is_bare(node, cls.name):
            return cls()
        entries = node.mapping(optional=("kernel_kib",))
        return cls(entries["kernel_kib"].integer(0) if "kernel_kib" in entries else leak.KERNEL_KIB)

    def run(self, ctx: Context) -> None:
        leak.compare(ctx, self.kernel_kib)


@dataclass
class ExpectViolation(Step, name="expect.violation"):
    """``- expect.violation: {rule: ring.response_lost, within: 10s}``: the run must break this rule.

    The violation is then no failure; any other still is. It must be the last step.
    """

    rule: str
    within: float = _WITHIN

    expects = True

    @classmethod
    def parse(cls, node: Node, names: Names) -> ExpectViolation:
        if not node.is_mapping:
            return cls(_rule(node))
        entries = node.mapping(required=("rule",), optional=("within",))
        return cls(_rule(entries["rule"]), within(entries, _WITHIN))

    def run(self, ctx: Context) -> None:
        ctx.await_violation(self.rule, self.within)


def _rule(node: Node) -> str:
    rule = node.string()
    if rule not in RULES:
        raise node.error(f"no rule '{rule}'", nearest(rule, RULES))
    return rule
