# SPDX-License-Identifier: GPL-2.0-only
"""Who the store tells, against the words of the protocol: lists searched from end to end."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from harness.model.store import NOTES_PER_DOMAIN, Store

PATHS = st.sampled_from(["a", "a/b", "a/b/c", "a/d"])
DOMS = st.integers(0, 1)
TXS = st.sampled_from([0, 1, 1, 1, 2])


class Told(RuleBasedStateMachine):
    """Watches, notes and nodes as plain lists beside the model."""

    def __init__(self) -> None:
        super().__init__()
        self.store = Store()
        self.nodes = {"a", "a/b"}
        for path in sorted(self.nodes):
            self.store.adopt(path, "0")
        self.watches: list[tuple[int, str]] = []
        self.notes: list[tuple[int, int, str]] = []

    def _parent(self, path: str) -> str:
        return path.rpartition("/")[0]

    @rule(path=PATHS, dom=DOMS, tx=TXS)
    def write(self, path: str, dom: int, tx: int) -> None:
        if self._parent(path) and self._parent(path) not in self.nodes:
            return
        changed = path if path in self.nodes else self._parent(path)
        self.nodes.add(path)
        self.store.write(path, "1", dom, tx)
        if tx and (dom, tx, changed) not in self.notes:
            self.notes.append((dom, tx, changed))

    @precondition(lambda self: len(self.nodes) > 2)
    @rule(path=PATHS)
    def remove(self, path: str) -> None:
        gone = {node for node in self.nodes if node == path or node.startswith(path + "/")}
        self.nodes -= gone
        self.watches = [(dom, watched) for dom, watched in self.watches if watched not in gone]
        assert set(self.store.rm(path)) == gone

    @precondition(lambda self: self.nodes)
    @rule(data=st.data(), dom=DOMS)
    def watch(self, data: st.DataObject, dom: int) -> None:
        path = data.draw(st.sampled_from(sorted(self.nodes)))
        self.watches.append((dom, path))
        self.store.watch(path, dom)

    @rule(path=PATHS, dom=DOMS)
    def unwatch(self, path: str, dom: int) -> None:
        there = (dom, path) in self.watches
        if there:
            self.watches.remove((dom, path))
        assert self.store.unwatch(path, dom) == there

    @rule(dom=DOMS, tx=TXS)
    def end(self, dom: int, tx: int) -> None:
        told = [(watcher, changed) for who, number, changed in self.notes
                if (who, number) == (dom, tx) and (changed in self.nodes or not changed)
                for above in [changed, *self._above(changed)]
                for watcher, watched in self.watches if watched == above]
        self.notes = [note for note in self.notes if note[:2] != (dom, tx)]
        assert [(wakeup.dom, wakeup.path) for wakeup in self.store.end_transaction(dom, tx)] == told

    def _above(self, path: str) -> list[str]:
        above = []
        while path:
            path = self._parent(path)
            above.append(path)
        return above

    @precondition(lambda self: len(self.notes) > 3)
    @rule(dom=DOMS)
    def drop(self, dom: int) -> None:
        self.notes = [note for note in self.notes if note[0] != dom]
        self.store.drop(dom)


TestTold = Told.TestCase
TestTold.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)


def test_notes_are_counted_over_all_transactions_and_given_back() -> None:
    store = Store()
    store.watch("", 1)
    for number in range(NOTES_PER_DOMAIN):
        store.write(f"n{number}", "0")
        store.write(f"n{number}", "1", 2, number + 1)
    store.write("n0", "2", 2, 1)
    store.write("n1", "2", 2, 1)
    assert [wakeup.path for wakeup in store.end_transaction(2, 1)] == ["n0"]
    store.write("n1", "3", 2, 1)
    assert [wakeup.path for wakeup in store.end_transaction(2, 1)] == ["n1"]


def test_a_node_that_changes_again_takes_one_note() -> None:
    store = Store()
    store.watch("", 1)
    for name in ("a", "b"):
        store.write(name, "0")
        for _ in range(2 * NOTES_PER_DOMAIN):
            store.write(name, "1", 2, 1)
    assert [wakeup.path for wakeup in store.end_transaction(2, 1)] == ["a", "b"]
