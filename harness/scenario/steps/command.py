# SPDX-License-Identifier: GPL-2.0-only
"""A command in a guest's shell."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.check.violation import Violation
from harness.guest.frame import CommandResult
from harness.scenario.context import Context
from harness.scenario.step import Names, Step, within
from harness.yamlnode import Node

_WITHIN = 10.0


@dataclass
class Run(Step, name="run"):
    """``- run: {on: alpha, command: help, contains: send}``; without `on`, on the boot console.

    With ``on: [alpha, beta]`` it runs on all of them at once. The status must be 0, or `status` (`any`
    for any); the output must hold `contains`, `matches`.
    """

    on: tuple[str, ...]
    command: str
    status: int | None = 0
    contains: str | None = None
    matches: re.Pattern[str] | None = None
    within: float = _WITHIN

    expects = True

    @classmethod
    def parse(cls, node: Node, names: Names) -> Run:
        if not node.is_mapping:
            return cls((), node.string())
        entries = node.mapping(
            required=("command",), optional=("on", "status", "contains", "matches", "within")
        )
        return cls(
            on=_places(entries["on"]) if "on" in entries else (),
            command=entries["command"].string(),
            status=_status(entries["status"]) if "status" in entries else 0,
            contains=entries["contains"].scalar() if "contains" in entries else None,
            matches=entries["matches"].regex() if "matches" in entries else None,
            within=within(entries, _WITHIN),
        )

    def run(self, ctx: Context) -> None:
        deadline = ctx.limit(self.within, f"answer to '{self.command}'")
        running = [(on, ctx.shell(on).begin(self.command)) for on in self.on or (None,)]
        for on, command in running:
            self._judge(ctx, on, command.wait(deadline))

    def _judge(self, ctx: Context, on: str | None, result: CommandResult) -> None:
        place = f"{ctx.console(on).name}: {self.command}"
        shown = " ".join(result.output.split())[:200] or "nothing"
        if self.status is not None and result.status != self.status:
            observed = f"status {result.status}, saying: {shown}"
            ctx.fail(Violation("run.status", place, f"status {self.status}", observed))
        if self.contains is not None and self.contains not in result.output:
            ctx.fail(Violation("run.output", place, f"text {self.contains!r}", shown))
        if self.matches is not None and not self.matches.search(result.output):
            ctx.fail(Violation("run.output", place, f"a match of {self.matches.pattern!r}", shown))

    def describe(self) -> str:
        return f"run '{self.command}'"


def _places(node: Node) -> tuple[str, ...]:
    items = node.sequence() if node.is_sequence else [node]
    if not items:
        raise node.expected("a console or an ME, or a list of them")
    return tuple(item.string() for item in items)


def _status(node: Node) -> int | None:
    return None if node.scalar() == "any" else node.integer(0, 255)
