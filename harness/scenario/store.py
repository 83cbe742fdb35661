# SPDX-License-Identifier: GPL-2.0-only
"""What is expected of vbstore, judged on the agency's own view of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.check.views import compare_store
from harness.check.violation import Violation
from harness.deadline import Deadline
from harness.guest.observe import parse_store_dump
from harness.scenario import links
from harness.scenario.context import Context
from harness.scenario.watch import failure

Tree = Mapping[str, str | None]

_READ = 10.0  # seconds for one look at the store, however short the wait for a change is
_NUMBER = re.compile(r"0|[1-9][0-9]*")
_HEX = re.compile(r"[0-9a-f]+")
_FLAG = re.compile(r"[01]")
_ANY = re.compile(r".*")
_NAME = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is expected of one path; exactly one of the checks is set.

    :ivar path: without leading slash; ``{NAME}`` stands for the domain of an ME.
    :ivar children: names below, in any order.
    """

    path: str
    equals: str | None = None
    matches: re.Pattern[str] | None = None
    absent: bool | None = None
    children: tuple[str, ...] | None = None

    def judge(self, tree: Tree) -> tuple[str, str] | None:
        """What was expected and what is there, in words; None if it is as it should be."""
        there = self.path in tree
        value = tree.get(self.path)
        shown = "absent" if not there else "a directory" if value is None else repr(value)
        if self.absent is not None:
            return None if there != self.absent else ("absent" if self.absent else "present", shown)
        if self.children is not None:
            below = children(tree, self.path)
            fine = there and sorted(below) == sorted(self.children)
            wanted = f"children {', '.join(sorted(self.children)) or 'none'}"
            return None if fine else (wanted, f"children {', '.join(below) or 'none'}" if there else shown)
        if self.equals is not None:
            return None if value == self.equals else (repr(self.equals), shown)
        assert self.matches is not None
        fits = value is not None and self.matches.fullmatch(value)
        return None if fits else (f"a match of {self.matches.pattern!r}", shown)


def children(tree: Tree, path: str) -> list[str]:
    """Names directly below a path."""
    prefix = f"{path}/" if path else ""
    return [name[len(prefix):] for name in tree
            if name.startswith(prefix) and name != path and "/" not in name[len(prefix):]]


def dump(ctx: Context, deadline: Deadline) -> Tree:
    """The store as the agency's view shows it."""
    return parse_store_dump(ctx.agency.view("store", deadline))


def expect(ctx: Context, wanted: Wanted, seconds: float) -> None:
    """Wait until the path is as wanted.

    :raise ExpectationFailed: it is not, in time
    """
    path = _resolve(ctx, wanted.path)
    real = Wanted(path, wanted.equals, wanted.matches, wanted.absent, wanted.children)
    names = _NAME.findall(wanted.path)
    with ctx.on(names[0] if names else None):
        _await(ctx, [real], ctx.limit(seconds, f"store entry {path}"))


def expect_entries(ctx: Context, link: tuple[str, str], seconds: float) -> None:
    """All entries of a link and of its ME are there with fitting values, and no others.

    :raise ExpectationFailed: one is missing, superfluous, or has another value
    """
    with ctx.on(link[0]):
        _await(ctx, entries_of(ctx, link), ctx.limit(seconds, f"entries of {link[0]}/{link[1]}"))
        prove_model(ctx)


def expect_no_entries(ctx: Context, link: tuple[str, str], seconds: float) -> None:
    """:raise ExpectationFailed: a side of the link has entries"""
    key = links.key_of(ctx, link)
    wanted = [Wanted(f"device/{key.dom}/{key.type}", absent=True),
              Wanted(f"backend/{key.type}/{key.dom}", absent=True)]
    with ctx.on(link[0]):
        _await(ctx, wanted, ctx.limit(seconds, f"no entries of {link[0]}/{link[1]}"))


def entries_of(ctx: Context, link: tuple[str, str]) -> list[Wanted]:
    """The entries of a connected link and of its ME, as images/include/abi/vbus.h lists them."""
    key = links.key_of(ctx, link)
    front, back, me = key.fe_path, key.be_path, f"soo/me/{key.dom}"
    return [
        Wanted(front, children=("state", "realtime", "backend-id", "backend", "ring-ref", "ring-evtchn")),
        Wanted(f"{front}/state", matches=_NUMBER),
        Wanted(f"{front}/realtime", matches=_FLAG),
        Wanted(f"{front}/backend-id", equals="0"),
        Wanted(f"{front}/backend", equals=back),
        Wanted(f"{front}/ring-ref", matches=re.compile(r"[1-9][0-9]*")),
        Wanted(f"{front}/ring-evtchn", matches=re.compile(r"[1-9][0-9]*")),
        Wanted(back, children=("state", "realtime", "frontend", "frontend-id")),
        Wanted(f"{back}/state", matches=_NUMBER),
        Wanted(f"{back}/realtime", matches=_FLAG),
        Wanted(f"{back}/frontend", equals=front),
        Wanted(f"{back}/frontend-id", equals=str(key.dom)),
        Wanted(f"{me}/spid", matches=_HEX),
        Wanted(f"{me}/name", equals=link[0]),
        Wanted(f"{me}/shortdesc", matches=_ANY),
        Wanted(f"soo/directcomm/{key.dom}/event-channel", matches=_NUMBER),
    ]


def prove_model(ctx: Context) -> None:
    """The store's view and the store that the event stream tells of are the same.

    :raise ExpectationFailed: they differ and go on to differ when all events have come
    """
    deadline = ctx.limit(5.0, "agreement of store view and events")

    def disagreements(tree: Tree) -> list[Violation]:
        return ctx.observer.look(lambda m: list(compare_store(m.store.tree(), tree)))

    _retry(ctx, disagreements, deadline)


def _await(ctx: Context, wanted: list[Wanted], deadline: Deadline) -> None:
    def wrong(tree: Tree) -> list[Violation]:
        judged = ((item, item.judge(tree)) for item in wanted)
        return [Violation("expect.store", item.path, *found) for item, found in judged if found is not None]

    _retry(ctx, wrong, deadline)


def _retry(ctx: Context, judge: Callable[[Tree], list[Violation]], deadline: Deadline) -> None:
    """Read the store until `judge` finds nothing; look again when an event has come."""
    while True:
        before = ctx.observer.look(lambda m: m.now_ns)
        found = judge(dump(ctx, ctx.limit(_READ, "the store's view")))
        if not found:
            return
        if not ctx.until(lambda m, seen=before: m.now_ns != seen, deadline):  # type: ignore[misc]
            raise failure(found)


def _resolve(ctx: Context, path: str) -> str:
    def domain(match: re.Match[str]) -> str:
        if match[1] not in ctx.places:
            raise ctx.absent(match[1])
        return str(ctx.places[match[1]].domain)

    return _NAME.sub(domain, path)
