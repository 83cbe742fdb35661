# SPDX-License-Identifier: GPL-2.0-only
"""The cache's bounds: what goes, what stays, and what is counted."""

import os
from pathlib import Path

import pytest

from harness.cache import bounds, stamp
from harness.cache.bounds import Bounds, enforce, on_disk, survey
from harness.cache.digest import LIST_NAME
from harness.cache.store import Cache
from harness.deadline import wall_clock
from harness.errors import UsageError

MIB, DAY = 1 << 20, 86400.0
ENDLESS = Bounds(1e15, 1e9)


def key(number: int) -> str:
    return f"thing-{number:032x}"


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    """Four entries of a MiB; number n was used n days ago."""
    cache = Cache(tmp_path)
    for number in range(4):
        cache.get(key(number), one_mib)
        aged(cache, number, days=number)
    return cache


def aged(cache: Cache, number: int, *, days: float) -> None:
    used = wall_clock().timestamp() - days * DAY
    os.utime(cache.path(key(number)) / LIST_NAME, (used, used))


def one_mib(out: Path) -> None:
    (out / "file").write_bytes(b"x" * MIB)


def numbers(names: list[str]) -> list[int]:
    return [int(name.rpartition("-")[2], 16) for name in names]


def test_what_is_listed(cache: Cache) -> None:
    (cache.root / "debs").mkdir()
    items = survey(cache.root)
    assert [item.name for item in items if item.entry] == [key(number) for number in range(4)]
    assert {item.kind for item in items} == {"thing", "debs"}
    assert all(MIB <= item.size < 2 * MIB for item in items if item.entry)


def test_a_hole_takes_no_room(tmp_path: Path) -> None:
    with (tmp_path / "ram").open("wb") as file:
        file.truncate(512 * MIB)
        file.write(b"x")
    assert on_disk(tmp_path) < MIB


def test_within_its_bounds_all_stays(cache: Cache) -> None:
    assert enforce(cache, ENDLESS) == []


def test_what_is_too_old_goes(cache: Cache) -> None:
    assert numbers([item.name for item in enforce(cache, Bounds(1e15, 1.5 * DAY))]) == [3, 2]
    assert numbers(cache.keys()) == [0, 1]


def test_what_is_too_much_goes_by_use(cache: Cache) -> None:
    aged(cache, 0, days=9)
    assert numbers([item.name for item in enforce(cache, Bounds(2.5 * MIB, 1e9))]) == [0, 3]


def test_what_is_used_stays(cache: Cache) -> None:
    with cache.using(key(3)), cache.using(key(3)):
        assert [item.busy for item in survey(cache.root)] == [False, False, False, True]
        assert numbers([item.name for item in enforce(cache, Bounds(1, 1))]) == [2, 1, 0]
        assert not cache.remove(key(3))
    assert cache.remove(key(3))
    assert cache.keys() == []


def test_a_build_brings_the_cache_within_its_bounds(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(bounds.SIZE_VARIABLE, str(2.5 / 1024))
    cache.get(key(9), one_mib)
    assert numbers(cache.keys()) == [0, 9]


@pytest.mark.parametrize("text", ["", "x", "0", "-3", "inf"])
def test_bounds_that_are_none(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(bounds.AGE_VARIABLE, text)
    with pytest.raises(UsageError, match="is not a positive number"):
        Bounds.chosen()


def test_what_killed_processes_left_goes(cache: Cache) -> None:
    left = cache.root / "tmp" / f"{key(7)}-0a1b2c3d"
    left.mkdir()
    with cache.locked(key(8)):
        building = cache.root / "tmp" / f"{key(8)}-0a1b2c3d"
        building.mkdir()
        enforce(cache, ENDLESS)
        assert (left.exists(), building.exists()) == (False, True)


@pytest.fixture
def settled(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An entry that was verified and has a stamp; its files count as old enough."""
    monkeypatch.setattr(stamp, "_GRANULARITY_NS", 0)
    assert cache.lookup(key(0)) is not None
    assert (cache.root / stamp.FOLDER / f"{key(0)}.json").is_file()
    return cache.path(key(0))


def test_a_verified_entry_is_not_read_again(cache: Cache, settled: Path,
                                            monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.cache.store.problems_of", lambda entry: ["it was read"])
    assert cache.lookup(key(0)) == settled


@pytest.mark.parametrize("keep_times", [False, True])
def test_a_stamp_is_void_when_a_file_was_written(cache: Cache, settled: Path, keep_times: bool) -> None:
    file = settled / "file"
    before = file.stat()
    file.write_bytes(b"y" * MIB)
    if keep_times:
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert cache.lookup(key(0)) is None


def test_a_stamp_is_void_when_a_file_was_replaced(cache: Cache, settled: Path) -> None:
    other = settled.parent / "other"
    other.write_bytes(b"y" * MIB)
    other.replace(settled / "file")
    assert cache.lookup(key(0)) is None


def test_a_stamp_is_void_after_a_boot_of_the_host(cache: Cache, settled: Path, tmp_path: Path,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "boot").write_text("another")
    monkeypatch.setattr(stamp, "_BOOT_ID", tmp_path / "boot")
    monkeypatch.setattr("harness.cache.store.problems_of", lambda entry: ["it was read"])
    assert cache.lookup(key(0)) is None


def test_what_has_just_been_written_gets_no_stamp(cache: Cache) -> None:
    entry = cache.get(key(5), one_mib)
    assert stamp.stamp_of(entry) is not None
    (entry / "file").write_bytes(b"y" * MIB)
    assert stamp.stamp_of(entry) is None


def test_what_was_built_here_is_not_read_again(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = cache.get(key(5), one_mib)
    with monkeypatch.context() as patch:
        patch.setattr("harness.cache.store.problems_of", lambda entry: ["it was read"])
        assert cache.lookup(key(5)) == entry
    (entry / "file").write_bytes(b"y" * MIB)
    assert cache.lookup(key(5)) is None
