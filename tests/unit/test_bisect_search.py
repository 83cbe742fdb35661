# SPDX-License-Identifier: GPL-2.0-only
"""The first bad version: found in few looks, whatever cannot be judged on the way."""

import math
from collections.abc import Callable

import pytest

from harness.errors import HostError, UsageError
from harness.outcome import Verdict
from harness.repro.judge import Judge
from harness.repro.outcome import Outcome
from harness.repro.search import Line, Search, State

STALLED = Outcome(Verdict.FAIL, "link.stalled", "vdummy/2/0")
PASSED = Outcome(Verdict.PASS)


def versions(count: int) -> list[str]:
    """A good one and `count` suspects."""
    return [f"v{number}" for number in range(count + 1)]


def searched(count: int, first_bad: int, unknown: tuple[int, ...] = ()) -> tuple[tuple[str, ...], int]:
    def look(version: str) -> State:
        number = int(version[1:])
        if number in unknown:
            return State.UNKNOWN
        return State.BAD if number >= first_bad else State.GOOD

    found = Search(Line(versions(count)), look).run("v0", f"v{count}")
    return found.suspects, found.looks


@pytest.mark.parametrize("count", [1, 2, 3, 15, 16, 17, 100])
def test_each_first_bad_one_is_found_in_few_looks(count: int) -> None:
    for first_bad in range(1, count + 1):
        suspects, looks = searched(count, first_bad)
        assert suspects == (f"v{first_bad}",)
        assert looks <= math.ceil(math.log2(count)) + 2


def test_versions_that_cannot_be_judged_are_walked_around() -> None:
    assert searched(16, 11, unknown=(8, 7))[0] == ("v11",)
    suspects, _ = searched(16, 9, unknown=(8, 7))
    assert set(suspects) == {"v7", "v8", "v9"}
    suspects, looks = searched(4, 2, unknown=(1, 2, 3))
    assert (set(suspects), looks) == ({"v1", "v2", "v3", "v4"}, 5)


@pytest.mark.parametrize(("good", "bad", "message"), [
    ("v0", "v2", "v2 is good, and was named as the bad one"),
    ("v5", "v9", "v5 is bad, and was named as the good one"),
    ("v0", "v7", "v7 cannot be judged, and was named as the bad one"),
])
def test_ends_that_are_not_what_they_are_said_to_be(good: str, bad: str, message: str) -> None:
    def look(version: str) -> State:
        return {"v7": State.UNKNOWN}.get(version, State.BAD if version >= "v3" else State.GOOD)

    with pytest.raises(UsageError, match=f"{message}; name another"):
        Search(Line(versions(9)), look).run(good, bad)


def runs(*outcomes: Outcome) -> Callable[[str], tuple[Outcome, str]]:
    left = list(outcomes)
    return lambda version: (left.pop(0), "folder")


def test_a_failure_that_comes_now_and_then() -> None:
    judge = Judge(runs(PASSED, PASSED, STALLED), times=4)
    assert (judge.look("x"), judge.runs) == (State.BAD, 3)
    judge = Judge(runs(PASSED, PASSED, PASSED), times=3)
    assert (judge.look("x"), judge.runs) == (State.GOOD, 3)


@pytest.mark.parametrize("other", [
    Outcome(Verdict.FAIL, "store.owner", "x"), Outcome(Verdict.ERROR, kind="x"), Outcome(Verdict.SKIP),
    Outcome(Verdict.CRASH, kind="no answer"),
])
def test_what_fails_in_another_way_is_not_judged(other: Outcome) -> None:
    judge = Judge(runs(STALLED, other))
    assert [judge.look("bad"), judge.look("other")] == [State.BAD, State.UNKNOWN]
    judge = Judge(runs(other, PASSED), times=2)
    judge.rule = "link.stalled"
    assert judge.look("x") is State.UNKNOWN


def test_a_version_that_cannot_be_run() -> None:
    def fails(version: str) -> tuple[Outcome, str]:
        raise HostError("the compiler failed", where=version)

    judge = Judge(fails, times=3)
    assert (judge.look("v1"), judge.said["v1"].why) == (State.UNKNOWN, "v1: the compiler failed")


def test_only_the_rule_that_is_asked_for() -> None:
    judge = Judge(runs(STALLED, Outcome(Verdict.FAIL, "store.owner", "x")), rule="store.owner")
    assert [judge.look("a"), judge.look("b")] == [State.UNKNOWN, State.BAD]
