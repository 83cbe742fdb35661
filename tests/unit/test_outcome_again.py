# SPDX-License-Identifier: GPL-2.0-only
"""When two runs ended the same way, and what differs if not."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.check.violation import Violation
from harness.commands.repro import told, verdict
from harness.outcome import Verdict
from harness.repro.again import Ended
from harness.repro.outcome import Outcome, plain
from harness.repro.recipe import read_recipe
from harness.scenario.result import Result
from tests.unit.stored_runs import stored_run

STALLED = Outcome(Verdict.FAIL, "link.stalled", "vdummy/2/0", "progress", "BE InitWait(2) for 4.2 s", "", "8")
STORE = Outcome(Verdict.FAIL, "expect.store", "device/2/vdummy/0/state", "4", "3")
LOST = Outcome(Verdict.CRASH, kind="console agency: no answer to 'melist' within # s")
PASSED = Outcome(Verdict.PASS)


@pytest.mark.parametrize(("was", "now", "says"), [
    (STALLED, STALLED, []),
    (STALLED, replace(STALLED, observed="other", line="9", kind="x"), []),
    (STALLED, replace(STALLED, place="vdummy/3/0"), ["place was 'vdummy/2/0', now 'vdummy/3/0'"]),
    (STALLED, STORE, ["rule was 'link.stalled', now 'expect.store'",
                      "place was 'vdummy/2/0', now 'device/2/vdummy/0/state'"]),
    (STALLED, PASSED, ["verdict was FAIL, now PASS", "rule was 'link.stalled', now none"]),
    (LOST, LOST, []),
    (LOST, replace(LOST, kind="panic"), [f"kind was '{LOST.kind}', now 'panic'"]),
    (PASSED, PASSED, []),
])
def test_differences(was: Outcome, now: Outcome, says: list[str]) -> None:
    assert list(was.differences(now)) == says


def test_where_a_scenario_lies_makes_no_difference() -> None:
    one, two = (Outcome.of(Result("x", Verdict.ERROR, f"{folder}bad.dtso: 3: syntax error; where all stand"))
                for folder in ("my scenarios/\u00fc/", "/tmp/soo-1/"))
    assert list(one.differences(two)) == []
    assert list(one.differences(replace(two, kind="other.dtso: #: syntax error"))) != []


def test_alike_in_a_smaller_scenario() -> None:
    assert STALLED.alike(replace(STALLED, place="vdummy/3/0"))
    assert not STALLED.alike(STORE)
    assert not STALLED.alike(replace(STALLED, verdict=Verdict.CRASH))
    assert STORE.alike(replace(STORE, place="device/3/vdummy/0/state"))
    assert not STORE.alike(replace(STORE, observed="nothing"))
    assert not LOST.alike(replace(LOST, kind="panic"))


@pytest.mark.parametrize(("text", "without"), [
    ("/tmp/a/x.yaml:7: 'send' of 12.5 s", "x.yaml:#: 'send' of # s"),
    ("/tmp/a/x.yaml:7: at 0xffff800008", "x.yaml:#: at #"),
    ("build/runs/20260101-1-x/qmp.jsonl", "qmp.jsonl"),
])
def test_a_text_without_what_differs_from_run_to_run(text: str, without: str) -> None:
    assert plain(text) == without


def test_a_result_and_its_file_are_the_same_outcome() -> None:
    result = Result("x", Verdict.FAIL, "it broke; cpu0: idle", "/tmp/x.yaml:8",
                    violations=(Violation("a.b", "place", "1", "2"),))
    for one in (result, replace(result, violations=(), verdict=Verdict.CRASH)):
        assert Outcome.of_json(json.loads(one.as_json())) == Outcome.of(one)
    assert Outcome.of(result).line == "8"


def test_what_the_command_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipe = read_recipe(stored_run(tmp_path))
    again = Ended(recipe.outcome, "there", "", "7.2.0", "")
    other = replace(again, outcome=PASSED)
    assert told(recipe, again) == "the same failure, FAIL: link.stalled at vdummy/2/0, step at line 9; there"
    assert told(recipe, other).startswith("another outcome: verdict was FAIL, now PASS; ")
    assert [verdict(recipe, ends) for ends in ([again], [other], [other, again])] == [0, 1, 0]
    assert capsys.readouterr().out == "repro: 1 of 2 runs ended as the first one did\n"


def test_a_run_that_passed_has_to_pass_each_time(tmp_path: Path) -> None:
    recipe = read_recipe(stored_run(tmp_path, verdict=Verdict.PASS, violations=(), reason="", where=""))
    again = Ended(recipe.outcome, "there", "", "7.2.0", "")
    other = replace(again, outcome=STALLED)
    assert [verdict(recipe, ends) for ends in ([again, again], [other, again])] == [0, 1]


def test_bytes_of_a_deterministic_run(tmp_path: Path) -> None:
    recipe = replace(read_recipe(stored_run(tmp_path)), logs="sha256 1")
    same = Ended(recipe.outcome, "there", "sha256 1", "7.2.0", "")
    assert "byte for byte" in told(recipe, same)
    assert "but the guests printed other bytes" in told(recipe, replace(same, logs="sha256 2"))
