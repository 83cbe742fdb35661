# SPDX-License-Identifier: GPL-2.0-only
"""The first bad one of versions: both ends are looked at, then what halves what is left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from harness.errors import UsageError


class State(Enum):
    """What a look at a version says; the value is what `git bisect run` takes for it."""

    GOOD = 0
    BAD = 1
    UNKNOWN = 125


class History(Protocol):
    """Versions, and the order between them."""

    def suspects(self, good: Sequence[str], bad: str) -> list[str]:
        """Versions of which one is the first bad one, `bad` among them; those that tell most first."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """What a search has come to.

    :ivar suspects: the first bad version, alone unless some could not be judged.
    :ivar looks: how many versions were looked at.
    """

    suspects: tuple[str, ...]
    looks: int


@dataclass
class Search:
    """Finds the first bad version.

    :param look: judges a version.
    :ivar states: what was said of each.
    """

    history: History
    look: Callable[[str], State]
    states: dict[str, State] = field(default_factory=dict)

    def run(self, good: str, bad: str) -> Found:
        """Search between a good and a bad version.

        :raise UsageError: the good one is not good, or the bad one not bad
        """
        self._demand(bad, State.BAD)
        self._demand(good, State.GOOD)
        while True:
            suspects = self.history.suspects(self._all(State.GOOD), bad)
            if not suspects:
                raise UsageError(f"no version lies between {good} and {bad}",
                                 hint="the good one must be an ancestor of the bad one")
            untold = [version for version in suspects if version not in self.states]
            if not untold:
                return Found(tuple(suspects), len(self.states))
            if self._ask(untold[0]) is State.BAD:
                bad = untold[0]

    def _all(self, state: State) -> list[str]:
        return [version for version, said in self.states.items() if said is state]

    def _ask(self, version: str) -> State:
        self.states[version] = self.look(version)
        return self.states[version]

    def _demand(self, version: str, state: State) -> None:
        said = self._ask(version)
        if said is not state:
            words = {State.GOOD: "is good", State.BAD: "is bad", State.UNKNOWN: "cannot be judged"}
            raise UsageError(f"{version} {words[said]}, and was named as the {state.name.lower()} one",
                             hint="name another; a failure that comes now and then needs --times")


class Line:
    """Versions in a row, the oldest first."""

    def __init__(self, versions: Sequence[str]) -> None:
        self._versions = list(versions)

    def suspects(self, good: Sequence[str], bad: str) -> list[str]:
        """See `History`."""
        newest = max(self._versions.index(version) for version in good if version in self._versions)
        left = self._versions[newest + 1: self._versions.index(bad) + 1]
        middle = (len(left) - 1) // 2
        return sorted(left, key=lambda version: abs(left.index(version) - middle))
