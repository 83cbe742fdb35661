# SPDX-License-Identifier: GPL-2.0-only
"""The same steps several times."""

from __future__ import annotations

from dataclasses import dataclass

from harness.scenario.context import Context
from harness.scenario.step import Names, Step, parse_steps
from harness.yamlnode import Node


@dataclass
class Repeat(Step, name="repeat"):
    """``- repeat: {times: 20, steps: [...]}``."""

    times: int
    steps: tuple[Step, ...]

    @classmethod
    def parse(cls, node: Node, names: Names) -> Repeat:
        entries = node.mapping(required=("times", "steps"))
        steps = parse_steps(entries["steps"], names)
        if not steps:
            raise entries["steps"].error("no steps: nothing would run")
        return cls(entries["times"].integer(1, 100_000), steps)

    def run(self, ctx: Context) -> None:
        for _ in range(self.times):
            for step in self.steps:
                ctx.step(step)

    def children(self) -> tuple[Step, ...]:
        return self.steps

    def describe(self) -> str:
        return f"repeat {self.times} times"
