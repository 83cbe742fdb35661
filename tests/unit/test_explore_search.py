# SPDX-License-Identifier: GPL-2.0-only
"""Plans, their choice, and how a failing one is shrunk: on the model, without guests."""

from pathlib import Path

from harness.explore.examples import Finding
from harness.explore.machine import plans
from harness.explore.novelty import Novelty, situations
from harness.explore.rig import Failure
from harness.explore.rules import Choice, Choices, script
from harness.explore.shrink import Shrinker, candidates, weight
from harness.explore.system import System
from harness.explore.text import Setup
from harness.explore.write import text_of, write, write_history
from harness.outcome import Verdict
from harness.scenario.schema import read

ONE = ("here",)
FAILURE = Failure(Verdict.FAIL, "state.rewritten", "alpha", "it was")
# What a history-dependent defect needs: these moves of one ME, in this order, whatever is between them.
NEEDED = ("save", "restore", "save", "restore", "shutdown")


def fails_after_two_moves(choices: Choices) -> Finding | None:
    """A guest with such a defect, as far as a shrinker sees it."""
    made = script(System.of(2, ONE), choices, ended=False)
    for me in ("alpha", "beta"):
        need = list(NEEDED)
        for at, choice in enumerate(made.choices):
            if choice.me == me and need and choice.kind == need[0]:
                need.pop(0)
            elif choice.me == me and choice.kind in ("inject", "kill", "leave"):
                need = list(NEEDED)
            if not need:
                kept = made.choices[: at + 1]
                steps = tuple(step for part in made.parts[: at + 2] for step in part.steps)
                return Finding(steps, FAILURE, kept, ended=False)
    return None


def failing_plan() -> Finding:
    """What is needed, of beta and with plain moves of both MEs between."""
    words = ("nobody_there inject/beta send/beta inject/alpha suspend/alpha suspend/beta resume_all "
             "save/beta out_of_order/beta restore/beta/2 send_on/beta kill/alpha save/beta restore/beta/1 "
             "sent/beta chat/beta inject/alpha suspend/beta resume/beta shutdown/beta send/alpha")
    choices = []
    for word in words.split():
        kind, me, at = (*word.split("/"), "", "")[:3]
        choices.append(Choice(kind, me or None, int(at or 0)))
    found = fails_after_two_moves(tuple(choices))
    assert found is not None
    return found


def test_the_same_seed_gives_the_same_plans() -> None:
    first = plans(2, ONE, count=15, most_moves=8, number=5)
    assert first == plans(2, ONE, count=15, most_moves=8, number=5)
    assert first != plans(2, ONE, count=15, most_moves=8, number=6)
    assert all(len(plan) <= 8 for plan in first)


def test_plans_are_possible_as_they_are() -> None:
    for plan in plans(3, ("here", "there"), count=15, most_moves=10, number=1):
        assert script(System.of(3, ("here", "there")), plan, ended=True).choices == plan


def test_situations_are_the_same_whichever_me_it_is() -> None:
    alpha = tuple(Choice(kind, "alpha", 0) for kind in ("inject", "suspend", "kill"))
    beta = tuple(choice.renamed({"alpha": "beta"}) for choice in alpha)
    assert situations(alpha) == situations(beta)
    assert ("inject", "suspend", "kill") in situations(alpha)


def test_plans_with_nothing_new_are_left_out_and_the_richest_comes_first() -> None:
    short = (Choice("inject", "alpha", 0),)
    long = (*short, Choice("suspend", "alpha", 0), Choice("kill", "alpha", 0))
    novelty = Novelty()
    assert list(novelty.ordered([short, long, long])) == [long]
    assert list(novelty.ordered([short])) == []


def test_a_failing_plan_is_shrunk_to_the_moves_that_it_needs() -> None:
    first = failing_plan()
    shrinker = Shrinker(first, fails_after_two_moves)
    best = shrinker.run()
    assert [choice.kind for choice in best.choices] == ["inject", *NEEDED]
    assert {choice.me for choice in best.choices} == {"alpha"}
    assert [choice.at for choice in best.choices] == [0] * 6
    assert shrinker.tries < 80


def test_no_candidate_is_tried_twice_and_each_is_smaller_or_plainer() -> None:
    tried: list[Choices] = []

    def attempt(choices: Choices) -> Finding | None:
        tried.append(choices)
        return None

    first = failing_plan()
    Shrinker(first, attempt).run()
    assert len(tried) == len(set(tried))
    assert all(len(choices) <= len(first.choices) for choices in candidates(first.choices))


def test_weight_prefers_fewer_moves_then_earlier_mes() -> None:
    alpha = Finding(("a",), FAILURE, (Choice("inject", "alpha", 0),), ended=False)
    beta = Finding(("a",), FAILURE, (Choice("inject", "beta", 0),), ended=False)
    assert weight(alpha) < weight(beta) < weight(Finding(("a",), FAILURE, beta.choices * 2, ended=False))


def test_a_finding_is_written_with_the_mes_that_it_names(tmp_path: Path) -> None:
    setup = Setup("ref-virt64", ("alpha", "beta"), ONE)
    file = write(tmp_path, setup, Finding(("baseline", "inject: beta", "kill: beta"), FAILURE, (), False), 7)
    scenario = read(file)
    assert file.name == "state-rewritten-seed7.yaml"
    assert [me.name for me in scenario.mes] == ["beta"]
    assert [step.name for step in scenario.steps] == ["inject", "kill", "expect.links"]


def test_a_failure_that_does_not_come_again_is_told_with_all_that_was_before(tmp_path: Path) -> None:
    finding = Finding(("inject: alpha",), FAILURE, (), False, history=("inject: beta", "inject: alpha"))
    file = write_history(tmp_path, Setup("ref-virt64", ("alpha", "beta"), ONE), finding, 7)
    assert file.name == "state-rewritten-seed7-history.yaml"
    assert [step.name for step in read(file).steps] == ["inject", "inject", "expect.links"]


def test_the_baseline_stays_where_something_is_compared_with_it() -> None:
    steps = ("baseline", "inject: alpha", "kill: alpha", "expect.no_leak: {kernel_kib: 1024}")
    text = text_of(Setup("ref-virt64", ("alpha",), ONE), Finding(steps, FAILURE, (), True), 1)
    assert [line.strip("- ") for line in text.splitlines()[-4:]] == list(steps)
