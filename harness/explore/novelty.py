# SPDX-License-Identifier: GPL-2.0-only
"""Which plan promises most that is new: situations that no plan before it has brought about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from harness.explore.rules import ALL, Choices

Situation = tuple[str, ...]
_LONGEST = 4
# Moves in whose wake nothing is different: they make no situation of their own.
_SILENT = frozenset({"send", "chat", "nobody_there", "no_room"})


def situations(choices: Choices) -> set[Situation]:
    """One to four moves of one ME in a row, whichever ME it is; and pairs of moves of different MEs."""
    found: set[Situation] = set()
    for me in {choice.me for choice in choices if choice.me is not None}:
        kinds = [choice.kind for choice in choices
                 if choice.kind not in _SILENT and (choice.me == me or choice.kind in ALL)]
        for size in range(1, _LONGEST + 1):
            found |= {tuple(kinds[at:at + size]) for at in range(len(kinds) - size + 1)}
    pairs = pairwise(choices)
    return found | {("then", one.kind, two.kind) for one, two in pairs if one.me != two.me}


class Novelty:
    """Remembers the situations of the plans that were run."""

    def __init__(self) -> None:
        self.seen: set[Situation] = set()

    def ordered(self, plans: Iterable[Choices]) -> Iterator[Choices]:
        """The plans, the one with most new situations for its length first; what has none is left out."""
        left = [(plan, situations(plan)) for plan in plans]
        while left:
            at = max(range(len(left)), key=lambda i: self._worth(*left[i]))
            plan, found = left.pop(at)
            if not found - self.seen:
                return
            self.seen |= found
            yield plan

    def _worth(self, plan: Choices, found: set[Situation]) -> float:
        # An example costs its moves, and about as much as five of them to begin and to end.
        return len(found - self.seen) / (len(plan) + 5)
