# SPDX-License-Identifier: GPL-2.0-only
"""What a hunt has found is grouped by what broke."""

from dataclasses import replace

from harness.hunt.campaign import Shot
from harness.hunt.findings import Bag, Finding, group
from harness.outcome import Verdict


def _shot(seed: int, failure: str = "", logs: str = "") -> Shot:
    verdict = Verdict.FAIL if failure else Verdict.PASS
    return Shot(seed, verdict, failure, f"{failure} broke", logs or f"logs {seed}", "runs/x", "the line", 2.0)


def test_failures_are_grouped_the_most_frequent_first() -> None:
    shots = [_shot(1), _shot(2, "store.owner"), _shot(5, "ring.payload"), _shot(3, "ring.payload")]
    found = group(shots)
    assert [(f.failure, [s.seed for s in f.shots]) for f in found] == [("ring.payload", [3, 5]),
                                                                       ("store.owner", [2])]


def test_without_failure_there_is_no_finding_and_the_bag_passes() -> None:
    shots = (_shot(1), _shot(2))
    bag = Bag(shots, group(shots))
    assert bag.verdict is Verdict.PASS
    assert list(bag.lines()) == ["2 seeds, 2 different runs, 2.0 s each: 0 failed (0.0 %)"]


def test_the_text_tells_rate_seeds_and_whether_it_comes_again() -> None:
    shots = (_shot(1), _shot(2, "ring.payload", "same"), _shot(3), _shot(4, "ring.payload"))
    finding = replace(group(shots)[0], again=(_shot(2, "ring.payload", "same"), _shot(2, "store.owner")))
    text = "\n".join(Bag(shots, (finding,)).lines())
    assert "2 failed (50.0 %)" in text
    assert "FOUND ring.payload: 2 of 4 seeds" in text
    assert "seed 2: failed 1 of 2 times, 1 with identical logs" in text
    assert "reproduce  the line" in text


def test_programs_get_the_same() -> None:
    shots = (_shot(1), _shot(2, "ring.payload"))
    json = Bag(shots, group(shots)).as_json()
    assert json["verdict"] == "FAIL"
    assert json["findings"] == [{"failure": "ring.payload", "rate": 0.5, "seeds": [2], "again": 0,
                                 "repeated": 0, "identical": 0, "reproduce": "the line"}]


def test_many_seeds_are_shortened() -> None:
    shots = tuple(_shot(seed, "ring.payload") for seed in range(1, 31))
    assert any(line.endswith("and 10 more") for line in Bag(shots, group(shots)).lines())
    assert isinstance(group(shots)[0], Finding)
