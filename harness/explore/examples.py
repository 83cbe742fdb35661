# SPDX-License-Identifier: GPL-2.0-only
"""Examples: choices that are run on the rig, counted, and judged at each step."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from harness.explore.rig import Broken, Failure, Rig
from harness.explore.rules import Choices, script
from harness.explore.system import System

Steps = tuple[str, ...]


@dataclass
class Tally:
    """What an exploration has done on guests.

    :ivar examples: sequences that were tried to find something.
    :ivar steps: steps that were run, whatever for.
    :ivar refused: those of them that had to be refused, and were.
    :ivar moves: moves by the name of their rule.
    """

    examples: int = 0
    steps: int = 0
    refused: int = 0
    moves: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Finding:
    """A failure, the steps to it, and the choices that gave them.

    :ivar steps: the one that failed last.
    :ivar ended: the failure came after the last choice, in what every example ends with.
    :ivar history: all steps of that machine, earlier examples included.
    """

    steps: Steps
    failure: Failure
    choices: Choices
    ended: bool
    history: Steps = ()


class Player:
    """Runs examples on a rig."""

    def __init__(self, rig: Rig, tally: Tally) -> None:
        self.rig = rig
        self.tally = tally

    def play(self, choices: Choices, *, ended: bool = True, brief: bool = False) -> Finding | None:
        """Run choices from an empty system to an empty system.

        :param ended: with all that every example ends with; else the machine is just emptied.
        :param brief: of a failure only the verdict is wanted.
        :return: the failure, or None if all was as it had to be.
        """
        system = System.of(len(self.rig.setup.mes), self.rig.setup.machines)
        parts = script(system, choices, ended=ended)
        steps: Steps = ()
        for number, part in enumerate(parts.parts):
            for text in (*part.steps, *part.look):
                if not self._passes(text, brief):
                    return self._finding((*steps, text), parts.choices[:number], number > len(parts.choices))
                # A look at the system is no step of the example, unless it is the one that fails.
                steps = (*steps, text) if text in part.steps else steps
        if not ended:
            self._empty(brief)
        return None

    def count(self, choices: Choices) -> None:
        """One more example."""
        self.tally.examples += 1
        self.tally.moves.update(choice.kind for choice in choices)

    def _passes(self, text: str, brief: bool) -> bool:
        self.tally.steps += 1
        try:
            self.rig.play(text, brief=brief)
        except Broken as broken:
            self._failure = broken.failure
            return False
        self.tally.refused += "refused" in text
        return True

    def _finding(self, steps: Steps, choices: Choices, ended: bool) -> Finding:
        return Finding(steps, self._failure, choices, ended, tuple(self.rig.history))

    def _empty(self, brief: bool) -> None:
        try:
            self.rig.clear()
        except Broken:
            self.rig.abandon()
