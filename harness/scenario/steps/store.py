# SPDX-License-Identifier: GPL-2.0-only
"""Expectations about vbstore."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.scenario import store
from harness.scenario.context import Context
from harness.scenario.step import Names, Step, within
from harness.scenario.store import Wanted
from harness.yamlnode import Node

_WITHIN = 5.0
_ME = re.compile(r"\{([^{}]*)\}")


@dataclass
class ExpectStore(Step, name="expect.store"):
    """One or more entries, each in one of these forms; ``{alpha}`` stands for the domain of ME alpha.

    ::

        - expect.store: {path: backend/vdummy/{alpha}/0/state, equals: 4}
        - expect.store: {path: soo/me/{alpha}/spid, matches: "[0-9a-f]+"}
        - expect.store: {path: backend/vdummy, absent: true}
        - expect.store: {path: backend/vdummy, children: []}
        - expect.store: [{...}, {...}]
    """

    wanted: tuple[Wanted, ...]
    within: float = _WITHIN

    expects = True

    @classmethod
    def parse(cls, node: Node, names: Names) -> ExpectStore:
        items = node.sequence() if node.is_sequence else [node]
        if not items:
            raise node.expected("at least one entry")
        return cls(tuple(_wanted(item, names) for item in items),
                   max(_within(item) for item in items))

    def run(self, ctx: Context) -> None:
        for wanted in self.wanted:
            store.expect(ctx, wanted, self.within)


def _within(node: Node) -> float:
    return within(node.entries(), _WITHIN)


def _wanted(node: Node, names: Names) -> Wanted:
    entries = node.mapping(required=("path",), optional=("equals", "matches", "absent", "children", "within"))
    checks = [key for key in ("equals", "matches", "absent", "children") if key in entries]
    if len(checks) != 1:
        raise node.error("give one of equals, matches, absent, children")
    path = entries["path"].scalar().strip("/")
    _check_names(path, entries["path"], names)
    return Wanted(
        path,
        equals=entries["equals"].scalar() if "equals" in entries else None,
        matches=entries["matches"].regex() if "matches" in entries else None,
        absent=entries["absent"].boolean() if "absent" in entries else None,
        children=_children(entries["children"]) if "children" in entries else None,
    )


def _children(node: Node) -> tuple[str, ...]:
    return tuple(item.scalar() for item in node.sequence())


def _check_names(path: str, node: Node, names: Names) -> None:
    for name in _ME.findall(path):
        names.check(name, node)


@dataclass
class ExpectEntries(Step, name="expect.entries"):
    """``- expect.entries: alpha/vdummy``: all entries of this link, with the values that belong there."""

    link: tuple[str, str]
    within: float = _WITHIN

    expects = True

    @classmethod
    def parse(cls, node: Node, names: Names) -> ExpectEntries:
        return cls(names.link(node))

    def run(self, ctx: Context) -> None:
        store.expect_entries(ctx, self.link, self.within)


@dataclass
class ExpectNoEntries(Step, name="expect.no_entries"):
    """``- expect.no_entries: alpha/vdummy``: neither side of this link has left anything in the store."""

    link: tuple[str, str]
    within: float = _WITHIN

    expects = True

    @classmethod
    def parse(cls, node: Node, names: Names) -> ExpectNoEntries:
        return cls(names.link(node))

    def run(self, ctx: Context) -> None:
        store.expect_no_entries(ctx, self.link, self.within)
