# SPDX-License-Identifier: GPL-2.0-only
"""The boot, for scenarios that are about it; every scenario boots, with or without this step."""

from __future__ import annotations

from dataclasses import dataclass

from harness.scenario import bootstrap
from harness.scenario.context import Context
from harness.scenario.step import Names, Step, is_bare
from harness.yamlnode import Node


@dataclass
class Boot(Step, name="boot"):
    """``- boot`` or ``- boot: {milestones: true}``: all of them seen, in order, before the prompt."""

    milestones: bool = False

    expects = True

    @classmethod
    def parse(cls, node: Node, names: Names) -> Boot:
        if is_bare(node, cls.name):
            return cls()
        entries = node.mapping(optional=("milestones",))
        return cls("milestones" in entries and entries["milestones"].boolean())

    def run(self, ctx: Context) -> None:
        bootstrap.boot_all(ctx, milestones=self.milestones)
