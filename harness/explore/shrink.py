# SPDX-License-Identifier: GPL-2.0-only
"""From a failing example to a short one that fails in the same way.

Each try runs on guests and costs seconds, so what is left out are moves, and the model says what the
others are without them; Hypothesis' own shrinker knows only the numbers behind and needs ten times as
many tries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from harness.explore.examples import Finding
from harness.explore.rules import BACKGROUND, PROBES, Choice, Choices
from harness.explore.system import NAMES

# Runs choices; gives the finding if they fail in the same way.
Attempt = Callable[[Choices], Finding | None]


@dataclass
class Shrinker:
    """Tries candidates, each once.

    :ivar best: the shortest example so far that fails.
    :ivar tries: how many were run.
    """

    best: Finding
    attempt: Attempt
    tries: int = 0

    def __post_init__(self) -> None:
        self._tried: set[Choices] = {self.best.choices}

    def run(self) -> Finding:
        """Shrink until no candidate fails: then no move can be left out.

        :raise BaseException: what `attempt` raises to end it early; `best` has what was reached
        """
        while any(map(self._better, candidates(self.best.choices))):
            pass
        return self.best

    def _better(self, choices: Choices) -> bool:
        if not choices or choices in self._tried:
            return False
        self._tried.add(choices)
        self.tries += 1
        found = self.attempt(choices)
        if found is None or weight(found) >= weight(self.best):
            return False
        self.best = found
        return True


def weight(finding: Finding) -> tuple[int, ...]:
    """What makes an example smaller: fewer moves, fewer steps, fewer and earlier MEs, plainer choices."""
    choices = finding.choices
    return (len(choices), len(finding.steps), len({choice.me for choice in choices}),
            sum(NAMES.index(choice.me) for choice in choices if choice.me is not None),
            sum(choice.at for choice in choices))


def candidates(choices: Choices) -> Iterator[Choices]:
    """Smaller ones, the boldest first: without what changes no state, without an ME, without half of it,
    a quarter, ... one; then plainer ones. Injections stay until it is about single moves."""
    mes = sorted({choice.me for choice in choices if choice.me is not None})
    yield _without(choices, lambda choice: choice.kind in PROBES)
    yield _without(choices, lambda choice: choice.kind in BACKGROUND)
    for me in reversed(mes):
        yield _without(choices, lambda choice, me=me: choice.me == me)  # type: ignore[misc]
    rest = [choice for choice in choices if choice.kind != "inject"]
    size = len(rest) // 2
    while size > 1:
        for at in range(0, len(rest), size):
            gone = set(map(id, rest[at:at + size]))
            yield _without(choices, lambda choice, gone=gone: id(choice) in gone)  # type: ignore[misc]
        size //= 2
    for at in range(len(choices)):
        yield choices[:at] + choices[at + 1:]
    yield tuple(choice.renamed(dict(zip(mes, NAMES, strict=False))) for choice in choices)
    for at, choice in enumerate(choices):
        if choice.at:
            yield (*choices[:at], Choice(choice.kind, choice.me, 0), *choices[at + 1:])


def _without(choices: Choices, goes: Callable[[Choice], bool]) -> Choices:
    return tuple(choice for choice in choices if not goes(choice))
