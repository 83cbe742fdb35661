# SPDX-License-Identifier: GPL-2.0-only
"""What is held against a run with a hostile ME, what is not, and what an attack is said to have done."""

from pathlib import Path

import pytest

from harness.check.hostile import EXCUSED
from harness.check.monitor import Monitor
from harness.check.rules import RULES
from harness.errors import SchemaError
from harness.guest.fields import ObserveError
from harness.guest.observe import parse_attack
from harness.model.views import AttackTally
from harness.scenario.attack import AttackOrder, rule_of
from harness.scenario.schema import read
from harness.scenario.steps.attack import Attack, ExpectFailed
from tests.unit.event_log import BE2, FE2, judged, kill, rules, up_to_connected

BROKEN = f"error report dev={BE2} code=-71 text=impossible%20request%20index"
REFUSED = f"store refuse dom=2 tx=9 path={FE2}/state val=9"


def with_hostile(*more: str) -> list[str]:
    return rules(judged([*up_to_connected(), *more], Monitor({"vdummy"}, hostile=["me2"])))


@pytest.mark.parametrize(("line", "rule"), [
    (BROKEN, "ring.no_overrun"),
    (REFUSED, "state.illegal_transition"),
    (f"store refuse dom=2 tx=9 path={FE2}/state val=4", "state.rewritten"),
    ("error report dev=soo/me/2 code=-103 text=refused%20too%20often", "domain.cut_off"),
])
def test_own_links_of_a_hostile_me_are_its_own_affair(line: str, rule: str) -> None:
    assert rules(judged([*up_to_connected(), line])) == [rule]
    assert with_hostile(line) == []


@pytest.mark.parametrize(("line", "rule"), [
    (f"store write dom=2 tx=9 path={FE2}/state val=9", "state.illegal_transition"),
    ("store write dom=2 tx=9 path=soo/directcomm/2/event-channel val=9", "store.foreign_write"),
    ("grant revoke dom=2 ref=1", "grant.illegal_step"),
    (BROKEN.replace("vdummy/2", "vdummy/3"), "ring.no_overrun"),
])
def test_what_the_agency_lets_it_do_is_not(line: str, rule: str) -> None:
    assert with_hostile(line) == [rule]


def test_a_refused_state_changes_nothing() -> None:
    monitor = Monitor({"vdummy"}, hostile=["me2"])
    judged([*up_to_connected(), REFUSED], monitor)
    assert monitor.store.read(f"{FE2}/state") == "4"


def test_the_next_one_in_its_slot_is_not_hostile() -> None:
    monitor = Monitor({"vdummy"}, hostile=["me2"])
    again = [line.replace("name=me2", "name=other") for line in up_to_connected() if "dom=3" not in line]
    first = next(number for number, line in enumerate(again) if line.startswith("domain create"))
    lines = [*up_to_connected(), *kill(), *again[first:], BROKEN]
    assert "ring.no_overrun" in rules(judged(lines, monitor))


def test_only_rules_that_there_are_can_be_excused() -> None:
    assert set(RULES) >= EXCUSED


def test_figures_of_an_attack() -> None:
    text = ("attack: name=dotdot done=0 allowed=0 refused=5 accepted=1 unanswered=2\r\n"
            "[vdummy] Frontend close\r\n"
            "attack: operations=8 done=0 allowed=0 refused=5 accepted=1 unanswered=2 cut=1 seed=7 ms=12\r\n")
    result = parse_attack(text)
    assert result.kinds == {"dotdot": AttackTally(0, 0, 5, 1, 2)}
    assert (result.cut, result.seed, result.ms, result.kinds["dotdot"].operations) == (True, 7, 12, 8)
    with pytest.raises(ObserveError, match="no result of attack"):
        parse_attack(text.rsplit("attack:", 1)[0])


def test_what_a_hostile_me_is_told() -> None:
    assert AttackOrder("all", 10, 3).command() == "attack all count=10 seed=3"
    assert AttackOrder("foreign", 1, 2, other=4).command() == "attack foreign count=1 seed=2 other=4"
    assert rule_of("foreign-frame") == "hostile.foreign_frame"


def scenario(folder: Path, *steps: str) -> Path:
    path = folder / "s.yaml"
    lines = "".join(f"  - {step}\n" for step in steps)
    path.write_text(f"about: x\nmes:\n  - {{name: mallory, hostile: true}}\n  - beta\nsteps:\n{lines}")
    return path


def test_steps(tmp_path: Path) -> None:
    parsed = read(scenario(tmp_path, "attack: {me: mallory, kind: [dotdot, no-nul], operations: 9,"
                           " other: beta}",
                           "expect.failed: {link: mallory/vdummy, because: index}"))
    attack, failed = parsed.steps
    assert [me.hostile for me in parsed.mes] == [True, False]
    assert isinstance(attack, Attack)
    assert (attack.kinds, attack.operations, attack.other) == (("dotdot", "no-nul"), 9, "beta")
    assert isinstance(failed, ExpectFailed)
    assert failed.link == ("mallory", "vdummy")


@pytest.mark.parametrize(("step", "said"), [
    ("attack: {me: mallory, kind: Dot}", "expected the name of an attack"),
    ("attack: {me: nobody, kind: all}", "no ME 'nobody'"),
    ("attack: {me: mallory, kind: [a, b], background: true}", "is of one kind"),
    ("attack: {me: mallory, kind: all, operations: 0}", "operations"),
    ("expect.cut_off: {me: mallory}", "because"),
])
def test_steps_that_make_no_sense(tmp_path: Path, step: str, said: str) -> None:
    with pytest.raises(SchemaError) as caught:
        read(scenario(tmp_path, step))
    assert said in str(caught.value) or said in str(caught.value.hint)
