# SPDX-License-Identifier: GPL-2.0-only
"""The model of explored systems: what is possible when, and what every example ends with."""

from pathlib import Path

import pytest

from harness.abi.soo import MeState
from harness.explore.ending import ending
from harness.explore.rules import CATALOGUES, RULES, Choice, follow, moves, script
from harness.explore.system import System
from harness.explore.text import Setup, scenario, spell
from harness.scenario.schema import read
from harness.scenario.step import Names, parse_steps
from harness.yamlnode import parse

ONE = ("here",)
TWO = ("here", "there")


def done(system: System, *kinds: str) -> System:
    """The system after the plainest move of each kind."""
    for kind in kinds:
        follow(system, moves(system, kind)[0])
    return system


def spelled(system: System, kind: str) -> list[str]:
    return [repr(move) for move in moves(system, kind)]


def possible(system: System) -> set[str]:
    return {kind for kind in CATALOGUES if moves(system, kind)}


def test_an_empty_system_can_only_get_an_me() -> None:
    assert possible(System.of(2, ONE)) == {"inject", "nobody_there"}


def test_a_resting_me_cannot_rest_again_nor_leave() -> None:
    system = done(System.of(1, ONE), "inject", "suspend")
    assert {"resume", "save", "kill"} <= possible(system)
    assert not {"suspend", "shutdown", "leave", "send", "refuse"} & possible(system)
    assert spelled(system, "out_of_order") == [
        "refused: {command: suspend, me: alpha, because: the ME in slot 2 cannot. it is suspended}",
        "refused: {command: shutdown, me: alpha, because: the ME in slot 2 cannot. it is suspended}",
    ]


def test_an_me_that_refuses_is_asked_in_vain_and_can_be_killed() -> None:
    system = done(System.of(1, ONE), "inject", "refuse")
    assert not {"suspend", "save", "shutdown", "suspend_all"} & possible(system)
    assert {"says_no", "kill", "leave"} <= possible(system)
    assert spelled(system, "says_no")[0] == "suspend: {me: alpha, refused: the ME in slot 2 refuses}"


def test_an_me_under_way_takes_no_commands_of_its_shell() -> None:
    system = done(System.of(1, ONE), "inject", "send_on")
    assert not {"send", "chat", "refuse", "leave"} & possible(system)
    assert {"sent", "suspend", "save", "kill", "shutdown"} <= possible(system)


def test_a_snapshot_whose_traffic_went_on_elsewhere_is_not_restored() -> None:
    system = done(System.of(1, ONE), "inject", "send_on", "save")
    assert "restore" in possible(system)
    assert "restore" not in possible(done(system, "resume"))


def test_traffic_goes_on_where_its_snapshot_is_restored() -> None:
    system = done(System.of(1, ONE), "inject", "send_on", "save", "kill")
    assert not {"inject", "sent"} & possible(system)
    assert "sent" in possible(done(system, "restore"))


def test_restore_is_into_the_same_slot_or_a_free_one() -> None:
    system = done(System.of(2, ONE), "inject", "inject", "save")
    assert spelled(system, "restore") == [
        "restore: {me: alpha, file: alpha}", "restore: {me: alpha, file: alpha, slot: 4}",
        "restore: {me: alpha, file: alpha, slot: 5}", "restore: {me: alpha, file: alpha, slot: 6}"]
    assert "restore, slot: 3, file: alpha" in spelled(system, "no_room")[1]


def test_an_injection_gets_the_first_free_slot() -> None:
    system = done(System.of(3, ONE), "inject", "inject", "kill", "inject")
    assert [me.slot for me in system.mes[:2]] == [2, 3]


def test_five_mes_leave_no_room() -> None:
    system = done(System.of(5, ONE), *["inject"] * 5)
    assert spelled(system, "no_room") == [
        "refused: {command: inject, me: alpha, because: No available ME slot further}"]


def test_two_machines_let_mes_migrate() -> None:
    system = done(System.of(1, TWO), "inject", "migrate")
    assert system.mes[0].machine == "there"
    assert "migrate" not in possible(done(System.of(1, ONE), "inject"))


def test_all_orders_are_about_the_first_machine() -> None:
    system = done(System.of(1, TWO), "inject", "migrate")
    assert "suspend_all" not in possible(system)


def test_a_probe_is_made_once_until_something_changes() -> None:
    system = done(System.of(1, ONE), "inject", "send")
    assert "send" not in possible(system)
    assert "send" in possible(done(system, "suspend", "resume"))


@pytest.mark.parametrize("kinds", [
    ("inject", "send_on", "save", "kill"), ("inject", "chat_on", "suspend"),
    ("inject", "inject", "suspend_all"), (),
])
def test_the_ending_accounts_all_and_leaves_nothing(kinds: tuple[str, ...]) -> None:
    system = done(System.of(2, ONE), *kinds)
    steps = [spell(step) for step in ending(system)]
    assert system.there() == []
    assert all(me.task is None for me in system.mes)
    assert steps[-2:] == ["expect.life: {}", "expect.no_leak: {kernel_kib: 1024}"]
    assert ("sent: alpha" in steps) == ("send_on" in kinds)
    assert ("chatted: alpha" in steps) == ("chat_on" in kinds)


def test_a_choice_means_what_comes_nearest_elsewhere() -> None:
    system = done(System.of(2, ONE), "inject", "save")
    last = moves(system, "restore")[-1]
    choice = Choice.of(last, system)
    assert choice.find(system) == last
    assert choice.find(System.of(2, ONE)) is None
    assert Choice("restore", "alpha", 99).find(system) == last


def test_a_script_leaves_out_what_is_not_possible() -> None:
    choices = (Choice("suspend", "alpha", 0), Choice("inject", "alpha", 0), Choice("kill", "alpha", 0))
    made = script(System.of(1, ONE), choices, ended=False)
    assert made.choices == choices[1:]
    assert [part.steps for part in made.parts] == [("baseline",), ("inject: alpha",), ("kill: alpha",)]
    assert made.parts[1].look == ("expect.life: {alpha: living}",)


def test_every_kind_belongs_to_one_rule() -> None:
    assert sorted(kind for kinds in RULES.values() for kind in kinds) == sorted(CATALOGUES)


def test_states_that_stay_are_those_of_the_model() -> None:
    system = done(System.of(1, ONE), "inject", "save")
    assert system.life() == {"alpha": "hibernate"}
    assert system.mes[0].state is MeState.HIBERNATE


@pytest.mark.parametrize("machines", [ONE, TWO])
def test_all_moves_are_steps_of_scenarios(machines: tuple[str, ...]) -> None:
    """Each catalogue's words are understood by the parser of scenarios."""
    system = System.of(5, machines)
    names = Names(mes=[me.name for me in system.mes], machines=machines)
    said = set()
    for kinds in (["inject"] * 4, ["send_on"], ["chat_on"], ["refuse"], ["save"], ["resume"]):
        done(system, *kinds)
        for kind in CATALOGUES:
            for move in CATALOGUES[kind](system):
                said.add(kind)
                assert parse_steps(parse(f"- {'; - '.join(map(spell, move.steps[:1]))}\n", Path("x")), names)
    assert {"restore", "out_of_order", "says_no", "no_room", "sent", "chatted", "resume_all"} <= said


def test_a_written_scenario_is_read_again(tmp_path: Path) -> None:
    setup = Setup("ref-virt64-faults", ("alpha", "beta"), TWO, "be-stuck", "fe-hang-probe")
    file = tmp_path / "it.yaml"
    file.write_text(scenario(setup, ["inject: alpha", ("expect.life", {"alpha": "living"})], about="x: y - z",
                             deadline=60))
    found = read(file)
    assert (found.images, found.machines, found.agency.fault) == ("ref-virt64-faults", TWO, "be-stuck")
    assert [me.fault for me in found.mes] == ["fe-hang-probe"] * 2
    assert [step.name for step in found.steps] == ["inject", "expect.life"]
