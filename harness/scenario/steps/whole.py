# SPDX-License-Identifier: GPL-2.0-only
"""Expectations about the system as a whole, and about commands that must be refused."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.abi.soo import MeState
from harness.scenario import whole
from harness.scenario.context import Context
from harness.scenario.step import Names, Step, within
from harness.yamlnode import Node

_WITHIN = 10.0
_STATES = tuple(state.name.lower() for state in whole.LINK_STATES)


@dataclass
class ExpectLife(Step, name="expect.life"):
    """``- expect.life: {alpha: living, beta: suspended}``: these MEs are there so, and no other.

    All links of one that lives are Connected, of one that is suspended or hibernates Suspended, and
    there is no other link. ``{}``: there is no ME at all.
    """

    wanted: dict[str, MeState]

    expects = True

    @classmethod
    def parse(cls, node: Node, names: Names) -> ExpectLife:
        wanted = {}
        for name, state in node.entries().items():
            names.check(name, state)
            wanted[name] = MeState[state.string(choices=_STATES).upper()]
        return cls(wanted)

    def run(self, ctx: Context) -> None:
        whole.expect_life(ctx, self.wanted, _WITHIN)


@dataclass
class Refused(Step, name="refused"):
    """``- refused: {command: suspend, me: alpha, because: it is suspended}``: so, and nothing changes.

    ::

        - refused: {command: kill, slot: 4, because: slot 4 is empty}
        - refused: {command: restore, slot: 3, file: first, because: slot 3 is not empty}
        - refused: {command: inject, me: zeta, because: No available ME slot}

    Of an ME that is gone its last slot is meant. Slots, store, grants and channels are the same after it.
    """

    order: whole.Order
    because: re.Pattern[str]
    within: float = _WITHIN

    expects = True

    @classmethod
    def parse(cls, node: Node, names: Names) -> Refused:
        entries = node.mapping(required=("command", "because"), optional=("me", "slot", "file", "within"))
        command = entries["command"].string(choices=whole.COMMANDS)
        if "me" not in entries and ("slot" not in entries or command == "inject"):
            raise node.error("key 'me' is missing")
        if ("file" in entries) != (command in whole.WITH_FILE):
            raise node.error(f"key 'file' belongs to {' and '.join(whole.WITH_FILE)}, and only to them")
        order = whole.Order(
            command,
            me=names.me(entries["me"]) if "me" in entries else None,
            slot=entries["slot"].integer(2, 6) if "slot" in entries else None,
            file=entries["file"].string() if "file" in entries else None,
        )
        return cls(order, entries["because"].regex(), within(entries, _WITHIN))

    def run(self, ctx: Context) -> None:
        whole.expect_refused(ctx, self.order, self.because, self.within)

    def describe(self) -> str:
        return f"refused {self.order.command} {self.order.me or self.order.slot}"
