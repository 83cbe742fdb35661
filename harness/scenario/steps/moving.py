# SPDX-License-Identifier: GPL-2.0-only
"""Traffic that is under way right now."""

from __future__ import annotations

from dataclasses import dataclass

from harness.scenario import traffic
from harness.scenario.context import Context
from harness.scenario.step import Names, Step, within
from harness.yamlnode import Node

_WITHIN = 10.0


@dataclass
class ExpectTraffic(Step, name="expect.traffic"):
    """``- expect.traffic: alpha/vdummy``: the ring of this link moves, as its samples show."""

    link: tuple[str, str]
    within: float = _WITHIN

    expects = True

    @classmethod
    def parse(cls, node: Node, names: Names) -> ExpectTraffic:
        if not node.is_mapping:
            return cls(names.link(node))
        entries = node.mapping(required=("link",), optional=("within",))
        return cls(names.link(entries["link"]), within(entries, _WITHIN))

    def run(self, ctx: Context) -> None:
        traffic.expect_moving(ctx, self.link, self.within)
