# SPDX-License-Identifier: GPL-2.0-only
"""The store's model: against a plain dictionary, and the rules of watches and transactions."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from harness.model.store import Store, StoreRefused, Wakeup, predefined, split_path

PATHS = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=4).map("/".join)


class StoreAgainstDict(RuleBasedStateMachine):
    """`plain` maps each path to its value; a parent is looked up by its text."""

    def __init__(self) -> None:
        super().__init__()
        self.store = Store()
        self.plain: dict[str, str | None] = {}

    def _has_parent(self, path: str) -> bool:
        parent = path.rpartition("/")[0]
        return not parent or parent in self.plain

    @rule(path=PATHS)
    def mkdir(self, path: str) -> None:
        if not self._has_parent(path):
            with pytest.raises(StoreRefused):
                self.store.mkdir(path)
            return
        assert self.store.mkdir(path) == (path not in self.plain)
        self.plain.setdefault(path, None)

    @rule(path=PATHS, value=st.text(max_size=2))
    def write(self, path: str, value: str) -> None:
        assert (self.store.missing_parent(path) is None) == self._has_parent(path)
        if not self._has_parent(path):
            with pytest.raises(StoreRefused):
                self.store.write(path, value)
            return
        assert self.store.write("/" + path, value) == (path not in self.plain)
        self.plain[path] = value

    @rule(path=PATHS)
    def remove(self, path: str) -> None:
        gone = {key for key in self.plain if key == path or key.startswith(path + "/")}
        removed = self.store.rm(path)
        assert set(removed) == gone
        assert not gone or removed[0] == path
        self.plain = {key: value for key, value in self.plain.items() if key not in gone}

    @rule(path=PATHS, value=st.none() | st.text(max_size=2))
    def adopt(self, path: str, value: str | None) -> None:
        self.store.adopt(path, value)
        names = path.split("/")
        for depth in range(1, len(names) + 1):
            self.plain.setdefault("/".join(names[:depth]), None)
        if value is not None:
            self.plain[path] = value

    @invariant()
    def same(self) -> None:
        assert self.store.tree() == self.plain
        for path, value in self.plain.items():
            assert self.store.exists(path)
            assert self.store.read(path) == value
            depth = path.count("/") + 1
            below = {key.rpartition("/")[2] for key in self.plain
                     if key.startswith(path + "/") and key.count("/") == depth}
            assert set(self.store.children(path)) == below


TestStoreAgainstDict = StoreAgainstDict.TestCase


@pytest.fixture
def store() -> Store:
    store = Store()
    for path in (*predefined(["vdummy"]), "device/2", "device/2/vdummy"):
        store.mkdir(path)
    store.write("device/2/vdummy/state", "1")
    return store


def test_predefined_entries() -> None:
    paths = predefined(["vuart", "vdummy"])
    assert {"backend", "device", "domain/gnttab/6", "soo/directcomm/0", "soo/me"} <= set(paths)
    assert paths[-2:] == ("backend/vdummy", "backend/vuart")
    assert len(paths) == len(set(paths)) == 23


def test_a_write_outside_a_transaction_wakes_nobody(store: Store) -> None:
    store.watch("device/2/vdummy/state", 0)
    store.write("device/2/vdummy/state", "3", dom=2, tx=0)
    assert store.end_transaction(2, 0) == ()
    assert store.end_transaction(2, 1) == ()


def test_watchers_of_node_and_ancestors_wake_at_the_end(store: Store) -> None:
    state = "device/2/vdummy/state"
    store.watch(state, 0)
    store.watch("device", 3)
    store.watch("backend", 4)
    store.write(state, "3", dom=2, tx=1)
    store.write(state, "4", dom=2, tx=1)
    store.write(state, "5", dom=3, tx=1)
    assert store.end_transaction(2, 1) == (Wakeup(0, state, state), Wakeup(3, "device", state))
    assert store.end_transaction(2, 1) == ()
    assert len(store.end_transaction(3, 1)) == 2


def test_making_a_key_wakes_the_watchers_of_its_parent(store: Store) -> None:
    store.watch("device/2/vdummy", 0)
    store.write("device/2/vdummy/ring-ref", "1", dom=2, tx=1)
    store.mkdir("device/2/vdummy/more", dom=2, tx=1)
    assert store.end_transaction(2, 1) == (Wakeup(0, "device/2/vdummy", "device/2/vdummy"),)


def test_removal_ends_watches_without_an_event(store: Store) -> None:
    state = "device/2/vdummy/state"
    store.watch(state, 0)
    store.write(state, "3", dom=2, tx=1)
    assert store.watchers(state) == (0,)
    store.rm("device/2")
    assert store.end_transaction(2, 1) == ()
    store.adopt(state, "1")
    assert store.watchers(state) == ()
    assert not store.unwatch(state, 0)


def test_only_what_exists_can_be_watched(store: Store) -> None:
    with pytest.raises(StoreRefused, match="nothing to watch"):
        store.watch("device/9", 0)
    store.watch("device/2", 0)
    assert store.unwatch("/device/2/", 0)
    assert not store.unwatch("device/2", 0)


def test_the_root_is_nothing_to_write_or_remove(store: Store) -> None:
    for path in ("", "/"):
        with pytest.raises(StoreRefused):
            store.write(path, "1")
        assert store.rm(path) == ()
    assert split_path("//a/b/") == ("a", "b")


def test_missing_parent_is_the_nearest_to_the_root(store: Store) -> None:
    assert store.missing_parent("device/3/vdummy/0/state") == "device/3"
    assert store.missing_parent("device/3") is None
    assert dict(store.walk("device/2")) == {
        "device/2": None, "device/2/vdummy": None, "device/2/vdummy/state": "1"}
    assert list(store.walk("nowhere")) == []
