# SPDX-License-Identifier: GPL-2.0-only
"""Expectations about consoles, and typing to them as they are."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.scenario.context import Context
from harness.scenario.step import Names, Step, within
from harness.yamlnode import Node

_WITHIN = 10.0


@dataclass
class ExpectConsole(Step, name="expect.console"):
    """A console has printed, or prints in time, a text; or it has not printed it so far.

    ::

        - expect.console: {console: alpha, contains: "Cannot find backend node"}
        - expect.console: {matches: "U-Boot 20[0-9][0-9]", within: 5s}
        - expect.console: {console: alpha, lacks: "Frontend probe"}

    Without `console` the one that the machine boots on is meant. Everything since the boot, or since
    the injection of the ME, counts.
    """

    console: str | None
    pattern: re.Pattern[bytes]
    lacks: bool = False
    within: float = _WITHIN

    expects = True

    @classmethod
    def parse(cls, node: Node, names: Names) -> ExpectConsole:
        entries = node.mapping(optional=("console", "contains", "matches", "lacks", "within"))
        given = [key for key in ("contains", "matches", "lacks") if key in entries]
        if len(given) != 1:
            raise node.error("give one of contains, matches, lacks")
        (key,) = given
        pattern = entries[key].bytes_regex() if key == "matches" else _literal(entries[key])
        return cls(
            entries["console"].string() if "console" in entries else None,
            pattern, lacks=key == "lacks", within=within(entries, _WITHIN),
        )

    def run(self, ctx: Context) -> None:
        if self.lacks:
            ctx.expect_lacking(self.console, self.pattern)
        else:
            ctx.await_text(self.console, self.pattern, self.within)

    def describe(self) -> str:
        return f"{self.name} {self.pattern.pattern.decode(errors='replace')}"


def _literal(node: Node) -> re.Pattern[bytes]:
    text = node.scalar()
    if not text:
        raise node.expected("some text", "each console holds the empty one")
    return re.compile(re.escape(text.encode()))


@dataclass
class Type(Step, name="type"):
    """``- type: "printenv\\n"`` or ``- type: {console: NAME, text: "..."}``: bytes as they are."""

    console: str | None
    text: str

    @classmethod
    def parse(cls, node: Node, names: Names) -> Type:
        if not node.is_mapping:
            return cls(None, node.scalar())
        entries = node.mapping(required=("text",), optional=("console",))
        return cls(entries["console"].string() if "console" in entries else None, entries["text"].scalar())

    def run(self, ctx: Context) -> None:
        ctx.console(self.console).send(self.text.encode())
