# SPDX-License-Identifier: GPL-2.0-only
"""Save, restore, migrate."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.scenario import moves
from harness.scenario.context import Context
from harness.scenario.step import Names, Step, within
from harness.yamlnode import Node

_WITHIN = 20.0
_FILE = re.compile(r"[a-z][a-z0-9-]{0,30}\Z")
_DEFAULT_SLOT = 2


def _file(node: Node) -> str:
    name = node.string()
    if not _FILE.match(name):
        raise node.expected("a name of lower-case letters, digits and -", "the agency keeps the file")
    return name


@dataclass
class Save(Step, name="save"):
    """``- save: {me: alpha, file: first}``: suspends the ME and writes its snapshot; it stays at rest.

    `resume` wakes it again, `kill` ends it. With `refused` the ME must say no and live on.
    """

    me: str
    file: str
    refused: re.Pattern[str] | None = None
    within: float = _WITHIN

    expects = True

    @classmethod
    def parse(cls, node: Node, names: Names) -> Save:
        entries = node.mapping(required=("me", "file"), optional=("refused", "within"))
        return cls(names.me(entries["me"]), _file(entries["file"]),
                   entries["refused"].regex() if "refused" in entries else None, within(entries, _WITHIN))

    def run(self, ctx: Context) -> None:
        if self.refused is not None:
            moves.refuse_save(ctx, self.me, self.file, self.refused, self.within)
        else:
            moves.save(ctx, self.me, self.file, self.within)

    def describe(self) -> str:
        return f"save {self.me} as {self.file}"


@dataclass
class Restore(Step, name="restore"):
    """``- restore: {me: alpha, file: first, slot: 4}``: an ME of that snapshot lives, its links Connected.

    Without `slot` it comes where it was. What rests of the ME is ended: before, if it has that very
    slot, else after. With `refused` in place of `me` the snapshot must be refused in one line.
    """

    me: str | None
    file: str
    slot: int | None = None
    refused: re.Pattern[str] | None = None
    within: float = _WITHIN

    expects = True

    @classmethod
    def parse(cls, node: Node, names: Names) -> Restore:
        entries = node.mapping(required=("file",), optional=("me", "slot", "refused", "within"))
        if ("me" in entries) == ("refused" in entries):
            raise node.error("give either 'me' or 'refused'")
        return cls(
            names.me(entries["me"]) if "me" in entries else None,
            _file(entries["file"]),
            entries["slot"].integer(2, 6) if "slot" in entries else None,
            entries["refused"].regex() if "refused" in entries else None,
            within(entries, _WITHIN),
        )

    def run(self, ctx: Context) -> None:
        if self.refused is not None:
            moves.refuse_restore(ctx, self.file, self.slot or _DEFAULT_SLOT, self.refused, self.within)
        elif self.me is not None:
            moves.restore(ctx, self.me, self.file, self.slot, self.within)

    def describe(self) -> str:
        return f"restore {self.me or self.file}"


@dataclass
class Spoil(Step, name="spoil"):
    """``- spoil: {file: first, how: cut, into: broken}``: a damaged copy of a snapshot.

    `how` is one of empty, header (cut within it), cut (in half), last (without its last byte), longer,
    signature, revision, memory (one bit of each turned).
    """

    file: str
    how: str
    into: str
    within: float = _WITHIN

    @classmethod
    def parse(cls, node: Node, names: Names) -> Spoil:
        entries = node.mapping(required=("file", "how", "into"), optional=("within",))
        return cls(_file(entries["file"]), entries["how"].string(choices=tuple(moves.DAMAGES)),
                   _file(entries["into"]), within(entries, _WITHIN))

    def run(self, ctx: Context) -> None:
        moves.damage(ctx, self.file, self.how, self.into, self.within)

    def describe(self) -> str:
        return f"spoil {self.file}: {self.how}"


@dataclass
class Migrate(Step, name="migrate"):
    """``- migrate: {me: alpha, to: there, slot: 3}``: to another machine of the scenario, live and Connected.

    Without `slot` it gets the number that it has if that is free there, else the first free one.
    Traffic and vuart text in the background go on; their results are collected as always.
    """

    me: str
    to: str
    slot: int | None = None
    within: float = _WITHIN

    expects = True

    @classmethod
    def parse(cls, node: Node, names: Names) -> Migrate:
        entries = node.mapping(required=("me", "to"), optional=("slot", "within"))
        return cls(names.me(entries["me"]), names.machine(entries["to"]),
                   entries["slot"].integer(2, 6) if "slot" in entries else None, within(entries, _WITHIN))

    def run(self, ctx: Context) -> None:
        moves.migrate(ctx, self.me, self.to, self.slot, self.within)

    def describe(self) -> str:
        return f"migrate {self.me} to {self.to}"
