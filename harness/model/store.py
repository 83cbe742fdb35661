# SPDX-License-Identifier: GPL-2.0-only
"""The store: a tree of directories and values, watches and transactions.

Transactions isolate nothing. They hold back watch events: a write inside one is remembered once per
(node, domain, transaction), and the end of the transaction tells the watchers of the node and of its
ancestors. A write outside (number 0) wakes nobody. Creating a key counts as a change of its parent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from harness.abi.soo import MAX_DOMAINS
from harness.errors import HarnessError

NOTES_PER_DOMAIN = 128
"""Changed nodes that the store remembers for the open transactions of one domain."""


class StoreRefused(HarnessError):
    """The store would not carry out this request."""


@dataclass(slots=True)
class _Node:
    value: str | None = None
    children: dict[str, _Node] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wakeup:
    """Domain `dom`, which watches `watched`, is told that `path` changed."""

    dom: int
    watched: str
    path: str


def split_path(path: str) -> tuple[str, ...]:
    """The names of `path`; a leading slash, doubled ones and a last one do not count."""
    return tuple(name for name in path.split("/") if name)


def join_path(names: Collection[str]) -> str:
    """The canonical form: no slash at either end; the root is empty."""
    return "/".join(names)


def predefined(backends: Collection[str]) -> tuple[str, ...]:
    """Directories that the agency makes at its start, in order, for these backend types."""
    domains = range(MAX_DOMAINS)
    return ("backend", "device", "domain", "domain/gnttab", *(f"domain/gnttab/{d}" for d in domains),
            "soo", "soo/directcomm", *(f"soo/directcomm/{d}" for d in domains), "soo/me",
            *(f"backend/{name}" for name in sorted(backends)))


class Store:
    """A store that starts with its root alone. Paths are taken in any spelling, given canonically."""

    def __init__(self) -> None:
        self._root = _Node()
        # Domains that watch a node, the older watch first.
        self._watches: dict[tuple[str, ...], list[int]] = {}
        self._noted: dict[int, int] = {}
        self._pending: dict[tuple[int, int], dict[tuple[str, ...], None]] = {}

    def exists(self, path: str) -> bool:
        """Whether there is a directory or a value."""
        return self._find(split_path(path)) is not None

    def read(self, path: str) -> str | None:
        """The value; None for a directory and where nothing is."""
        node = self._find(split_path(path))
        return node.value if node else None

    def children(self, path: str) -> tuple[str, ...]:
        """Names below, in order of creation; empty if there is no such node."""
        node = self._find(split_path(path))
        return tuple(node.children) if node else ()

    def missing_parent(self, path: str) -> str | None:
        """The nearest missing ancestor of `path`, from the root, or None if all are there."""
        names = split_path(path)
        for depth in range(1, len(names)):
            if self._find(names[:depth]) is None:
                return join_path(names[:depth])
        return None

    def mkdir(self, path: str, dom: int = 0, tx: int = 0) -> bool:
        """Make a directory; False if the node is there already.

        :raise StoreRefused: its parent is missing
        """
        names = self._with_parent(path)
        return self._make(names, dom, tx)

    def write(self, path: str, value: str, dom: int = 0, tx: int = 0) -> bool:
        """Set a value; True if the key was made by this.

        :raise StoreRefused: its parent is missing
        """
        names = self._with_parent(path)
        made = self._make(names, dom, tx)
        node = self._find(names)
        assert node is not None
        node.value = value
        if not made:
            self._note(names, dom, tx)
        return made

    def adopt(self, path: str, value: str | None = None) -> None:
        """Follow a store that has this node: make it with all its ancestors, and wake nobody."""
        node = self._root
        for name in split_path(path):
            node = node.children.setdefault(name, _Node())
        if value is not None:
            node.value = value

    def rm(self, path: str) -> tuple[str, ...]:
        """Remove a node with all below and their watches; gives the removed paths, parents first.

        Nothing is removed, and nothing given, where nothing is.
        """
        names = split_path(path)
        node = self._find(names)
        if node is None or not names:
            return ()
        gone = tuple(join_path(found) for found, _ in _walk(names, node))
        parent = self._find(names[:-1])
        assert parent is not None
        del parent.children[names[-1]]
        self._watches = {watched: doms for watched, doms in self._watches.items()
                         if watched[:len(names)] != names}
        return gone

    def watch(self, path: str, dom: int) -> None:
        """Let `dom` watch an existing node.

        :raise StoreRefused: there is none
        """
        names = split_path(path)
        if self._find(names) is None:
            raise StoreRefused("nothing to watch", where=join_path(names))
        self._watches.setdefault(names, []).append(dom)

    def unwatch(self, path: str, dom: int) -> bool:
        """End the oldest such watch; False if there was none."""
        doms = self._watches.get(split_path(path), [])
        present = dom in doms
        if present:
            doms.remove(dom)
        return present

    def watchers(self, path: str) -> tuple[int, ...]:
        """Domains that watch this very node, sorted."""
        return tuple(sorted(set(self._watches.get(split_path(path), ()))))

    def end_transaction(self, dom: int, tx: int) -> tuple[Wakeup, ...]:
        """Who is told what; the transaction is over."""
        told = self.wakeups(dom, tx)
        self._noted[dom] = self._noted.get(dom, 0) - len(self._pending.pop((dom, tx), ()))
        return told

    def wakeups(self, dom: int, tx: int) -> tuple[Wakeup, ...]:
        """Who would be told what if the transaction ended now.

        In order of the first change of each node; of one node its own watchers before its parent's, and
        so on, the older watch first. A node that is gone is not told.
        """
        changed = [names for names in self._pending.get((dom, tx), {}) if self._find(names) is not None]
        return tuple(Wakeup(watcher, join_path(names[:depth]), join_path(names))
                     for names in changed
                     for depth in range(len(names), -1, -1)
                     for watcher in self._watches.get(names[:depth], ()))

    def drop(self, dom: int) -> None:
        """Forget the transactions of a domain that is gone."""
        self._pending = {key: noted for key, noted in self._pending.items() if key[0] != dom}
        self._noted.pop(dom, None)

    def walk(self, path: str = "") -> Iterator[tuple[str, str | None]]:
        """Each node at and below `path` but the root: path and value (None: a directory)."""
        names = split_path(path)
        node = self._find(names)
        if node is not None:
            yield from ((join_path(found), inner.value) for found, inner in _walk(names, node) if found)

    def tree(self) -> dict[str, str | None]:
        """A snapshot: path to value, None for a directory."""
        return dict(self.walk())

    def _find(self, names: tuple[str, ...]) -> _Node | None:
        node = self._root
        for name in names:
            below = node.children.get(name)
            if below is None:
                return None
            node = below
        return node

    def _with_parent(self, path: str) -> tuple[str, ...]:
        names = split_path(path)
        missing = self.missing_parent(path)
        if missing is not None or not names:
            raise StoreRefused(f"parent {missing or '/'} is missing", where=join_path(names))
        return names

    def _make(self, names: tuple[str, ...], dom: int, tx: int) -> bool:
        parent = self._find(names[:-1])
        assert parent is not None
        if names[-1] in parent.children:
            return False
        parent.children[names[-1]] = _Node()
        self._note(names[:-1], dom, tx)
        return True

    def _note(self, names: tuple[str, ...], dom: int, tx: int) -> None:
        noted = self._noted.get(dom, 0)
        changed = self._pending.get((dom, tx), {})
        if tx and noted < NOTES_PER_DOMAIN and names not in changed:
            self._pending.setdefault((dom, tx), changed)[names] = None
            self._noted[dom] = noted + 1


def _walk(names: tuple[str, ...], node: _Node) -> Iterator[tuple[tuple[str, ...], _Node]]:
    waiting = [(names, node)]
    while waiting:
        here, current = waiting.pop()
        yield here, current
        waiting += [((*here, name), below) for name, below in reversed(current.children.items())]
