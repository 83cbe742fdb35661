# SPDX-License-Identifier: GPL-2.0-only
"""The state machine that Hypothesis drives: one rule for each kind of moves, on the model alone.

What comes out are plans. A plan runs on guests later, and only if it promises something new: a step
there costs a tenth of a second, a step here a tenth of a millisecond.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from harness.explore.provider import BACKEND
from harness.explore.rules import RULES, Choice, Choices, follow, moves
from harness.explore.system import Move, System


class LifeMachine(RuleBasedStateMachine):
    """One plan: each rule goes on with it."""

    def __init__(self, system: System, made: Callable[[Choices], object]) -> None:
        super().__init__()
        self._system = system
        self._made = made
        self._choices: Choices = ()

    def possible(self, name: str) -> list[Move]:
        """What a rule may do now."""
        return [move for kind in RULES[name] for move in moves(self._system, kind)]

    def do(self, move: Move) -> None:
        """Go on with a move."""
        self._choices = (*self._choices, Choice.of(move, self._system))
        follow(self._system, move)

    def teardown(self) -> None:
        if sys.exc_info()[0] is None:  # else Hypothesis has given the plan up
            self._made(self._choices)


def _rule_for(name: str) -> Callable[..., None]:
    def act(machine: LifeMachine, move: Move) -> None:
        machine.do(move)

    act.__name__ = name
    choice: Any = st.runner().flatmap(lambda machine: st.sampled_from(machine.possible(name)))
    return precondition(lambda machine: bool(machine.possible(name)))(rule(move=choice)(act))


for _name in RULES:
    setattr(LifeMachine, _name, _rule_for(_name))


def plans(mes: int, machines: tuple[str, ...], *, count: int, most_moves: int, number: int) -> list[Choices]:
    """Plans for systems with so many MEs, each once, in the order in which they were made.

    :param number: the seed; the same one gives the same plans.
    """
    found: dict[Choices, None] = {}
    chosen = settings(
        max_examples=count, stateful_step_count=most_moves, deadline=None, database=None,
        phases=(Phase.generate,), verbosity=Verbosity.quiet, print_blob=True,
        suppress_health_check=list(HealthCheck), backend=BACKEND,
    )

    def begin() -> LifeMachine:
        return LifeMachine(System.of(mes, machines), lambda made: found.setdefault(made))

    machine: Any = seed(number)(begin)
    run_state_machine_as_test(machine, settings=chosen)
    return list(found)
