# SPDX-License-Identifier: GPL-2.0-only
"""Order and shards from durations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.pytest_plugin.order import STORED
from harness.schedule.durations import read_file
from harness.schedule.order import Shard, fingerprint, longest_first, shard_of

KEYS = st.lists(st.text("abcdef/-", min_size=1, max_size=6), unique=True, max_size=40)
SECONDS = st.dictionaries(st.text("abcdef/-", min_size=1, max_size=6), st.floats(0, 100), max_size=40)


def test_unknown_first_then_the_longest() -> None:
    keys = ["short", "new", "long", "also new", "same"]
    seconds = {"short": 0.5, "long": 9.0, "same": 0.5}
    assert [keys[at] for at in longest_first(keys, seconds)] == ["also new", "new", "long", "same", "short"]


@given(KEYS, SECONDS)
def test_order_loses_nothing_and_does_not_depend_on_that_of_collection(
    keys: list[str], seconds: dict[str, float]
) -> None:
    order = [keys[at] for at in longest_first(keys, seconds)]
    assert sorted(order) == sorted(keys)
    turned = keys[::-1]
    assert [turned[at] for at in longest_first(turned, seconds)] == order
    known = [seconds[key] for key in order if key in seconds]
    assert known == sorted(known, reverse=True)


@given(KEYS, SECONDS, st.integers(1, 7))
def test_each_item_is_in_one_shard_and_shards_agree(
    keys: list[str], seconds: dict[str, float], count: int
) -> None:
    shards = shard_of(keys, seconds, count)
    assert set(shards) <= set(range(1, count + 1))
    again = shard_of(keys[::-1], seconds, count)
    assert dict(zip(keys, shards, strict=True)) == dict(zip(keys[::-1], again, strict=True))


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=60), st.integers(1, 6))
def test_shards_of_known_items_are_balanced(durations: list[float], count: int) -> None:
    """The fullest has at most one item more than it need have, and that is none of the long ones."""
    seconds = {f"s{number}": duration for number, duration in enumerate(durations)}
    shards = shard_of(list(seconds), seconds, count)
    load = [sum(duration for shard, duration in zip(shards, durations, strict=True) if shard == index)
            for index in range(1, count + 1)]
    bound = max(max(durations), sum(durations) / count)
    assert max(load) <= bound * (4 / 3) + 1e-6 or max(load) - min(load) <= max(durations) + 1e-6
    assert max(load) <= 2 * bound + 1e-6


def test_an_unknown_item_stays_in_its_shard_whatever_else_there_is() -> None:
    alone = shard_of(["new"], {}, 5)
    beside = shard_of(["known", "new", "other"], {"known": 3.0}, 5)
    assert beside[1] == alone[0]
    assert len({shard_of([f"new{number}"], {}, 5)[0] for number in range(50)}) == 5


def test_fingerprints_differ_when_a_split_may() -> None:
    keys = ["a", "b"]
    assert fingerprint(keys, {"a": 1.0, "c": 5.0}) == fingerprint(keys[::-1], {"a": 1.0})
    assert fingerprint(keys, {"a": 1.0}) != fingerprint(keys, {"a": 1.01})
    assert fingerprint(keys, {"a": 1.0}) != fingerprint(["a"], {"a": 1.0})


def test_what_is_no_shard() -> None:
    assert str(Shard.parse("2/3")) == "2/3"
    for text in ("0/3", "4/3", "3", "1/0", "a/b", "-1/3", ""):
        with pytest.raises(UsageError, match=f"--shard: '{text}' is no shard; 1/3 is the first of three"):
            Shard.parse(text)


def test_the_stored_durations_are_of_scenarios_that_there_are() -> None:
    names = {key.rpartition(" ")[2].partition("::")[0] for key in read_file(STORED)}
    gone = [name for name in names
            if not any((STORED.parent / f"{name}{suffix}").exists() for suffix in (".yaml", ".py"))]
    assert names
    assert gone == [], "write them anew: harness run, then harness durations --json scenarios/durations.json"
