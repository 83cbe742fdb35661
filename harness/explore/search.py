# SPDX-License-Identifier: GPL-2.0-only
"""An exploration from its start to its report: search, shrink, write a scenario, run that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from harness.deadline import Deadline, now
from harness.explore.examples import Finding, Player, Tally
from harness.explore.machine import plans
from harness.explore.novelty import Novelty
from harness.explore.rig import Broken, Failure, Rig
from harness.explore.rules import Choices
from harness.explore.shrink import Shrinker
from harness.explore.text import Setup
from harness.explore.write import needed, write, write_history
from harness.images.store import ImageSet
from harness.outcome import Verdict
from harness.scenario.result import Options, reproduction
from harness.scenario.runner import run_scenario
from harness.scenario.schema import read
from harness.wording import counted

Tell = Callable[[str], None]
# Plans that are made at once, to choose the most promising of; some seconds.
_BATCH = 200


@dataclass(frozen=True, slots=True)
class Plan:
    """What is explored, and how long.

    :ivar moves: most moves of an example.
    :ivar seconds: for the search; shrinking has `shrink_seconds` more.
    """

    setup: Setup
    seed: int
    examples: int
    moves: int = 20
    seconds: float = 86_400.0
    shrink_seconds: float = 240.0
    folder: Path = Path("build/explore")


@dataclass(frozen=True, slots=True)
class Shrunk:
    """A failure that was found.

    :ivar first: the example that failed first.
    :ivar repeated: it failed again, in the same way, on a new machine.
    :ivar best: the shortest example that failed.
    :ivar file: the scenario that was made of it.
    :ivar again: how that scenario failed when it was run from its file on a new machine; None: it did not.
    :ivar tries: examples that were run to shrink it.
    :ivar history: if it was not repeated: a scenario of all that the machine had run that failed.
    """

    first: Finding
    repeated: bool
    best: Finding
    file: Path
    again: Failure | None
    command: str
    tries: int
    seconds: float
    history: Path | None = None

    @property
    def reproduced(self) -> bool:
        """Whether the scenario fails as the example did: same rule, same place."""
        return (self.again is not None and self.again.same(self.best.failure)
                and self.again.place == self.best.failure.place)


@dataclass(frozen=True, slots=True)
class Report:
    """What came of an exploration.

    :ivar situations: different ones that the examples have brought about, see `novelty`.
    :ivar search_seconds: until the search ended, or something failed.
    """

    tally: Tally
    booted: int
    situations: int
    search_seconds: float
    seconds: float
    found: Shrunk | None = None

    @property
    def verdict(self) -> Verdict:
        """Of the guests; a failure that does not come again was one all the same."""
        return self.found.first.failure.verdict if self.found is not None else Verdict.PASS


class _Enough(Exception):
    """The time for shrinking is over."""


def explore(plan: Plan, images: ImageSet, options: Options, tell: Tell) -> Report:
    """Search for moves after which something is wrong, and make a scenario of the fewest."""
    return _Exploration(plan, images, options, tell).run()


class _Exploration:
    def __init__(self, plan: Plan, images: ImageSet, options: Options, tell: Tell) -> None:
        self.plan = plan
        self.images = images
        self.options = replace(options, seed=plan.seed)
        self.tell = tell
        self.tally = Tally()
        self.novelty = Novelty()
        self.rig = Rig(plan.setup, images, replace(self.options, run_root=plan.folder / "runs"))
        self.player = Player(self.rig, self.tally)

    def run(self) -> Report:
        began = now()
        try:
            found = self._search()
            searched = now() - began
            shrunk = self._shrunk(found) if found is not None else None
        finally:
            self.rig.abandon()
        booted = self.rig.booted * len(self.plan.setup.machines)
        return Report(self.tally, booted, len(self.novelty.seen), searched, now() - began, shrunk)

    def _search(self) -> Finding | None:
        deadline = Deadline.after_real(self.plan.seconds, "exploration")
        for choices in self._plans():
            if deadline.expired() or self.tally.examples == self.plan.examples:
                break
            began = now()
            self.player.count(choices)
            found = self.player.play(choices)
            if found is not None:
                steps = len(needed(found.steps))
                self.tell(f"example {self.tally.examples} fails at step {steps}: {found.failure}")
                return found
            self.tell(f"example {self.tally.examples}: {len(choices)} moves, {now() - began:.1f} s")
        return self._closed()

    def _plans(self) -> Iterator[Choices]:
        """The most promising ones of a batch, then of another batch, for ever."""
        number = self.plan.seed
        while True:
            batch = plans(len(self.plan.setup.mes), self.plan.setup.machines, count=_BATCH,
                          most_moves=self.plan.moves, number=number)
            yield from self.novelty.ordered(batch)
            number += 1_000_003  # far from the seeds that people choose

    def _closed(self) -> Finding | None:
        """What the end of the last machine shows."""
        try:
            self.rig.close()
        except Broken as broken:
            return Finding(tuple(self.rig.history), broken.failure, (), ended=True)
        return None

    def _shrunk(self, first: Finding) -> Shrunk:
        began = now()
        deadline = Deadline.after_real(self.plan.shrink_seconds, "shrinking")

        def attempt(choices: Choices) -> Finding | None:
            if deadline.expired():
                raise _Enough
            found = self._again(choices, first)
            if found is not None:
                self.tell(f"fails with {counted(len(needed(found.steps)), 'step')}")
            return found

        again = attempt(first.choices)
        shrinker = Shrinker(again or first, attempt)
        if again is not None:
            try:
                shrinker.run()
            except _Enough:
                self.tell("no more time to shrink")
        self.rig.abandon()
        return self._confirmed(first, again is not None, shrinker, now() - began)

    def _again(self, choices: Choices, first: Finding) -> Finding | None:
        """Run choices; a failure counts that comes on a machine that has served nothing else."""
        used = self.rig.used
        found = self.player.play(choices, ended=first.ended, brief=True)
        if found is not None and used:
            found = self.player.play(choices, ended=first.ended, brief=True)
            if found is None:
                self.tell("fails on a machine that has served before, and not on a new one")
        if found is not None and not found.failure.same(first.failure):
            self.tell(f"fails otherwise: {found.failure}")
            return None
        return found

    def _confirmed(self, first: Finding, repeated: bool, shrinker: Shrinker, seconds: float) -> Shrunk:
        best = shrinker.best
        file = write(self.plan.folder, self.plan.setup, best, self.plan.seed)
        self.tell(f"{file}: {counted(len(needed(best.steps)), 'step')}, runs on a new machine")
        result = run_scenario(read(file), self.images, self.options)
        again = Failure.of(result) if result.verdict is not Verdict.PASS else None
        history = None
        if not repeated:
            history = write_history(self.plan.folder, self.plan.setup, first, self.plan.seed)
        return Shrunk(first, repeated, best, file, again, reproduction(file, self.options), shrinker.tries,
                      seconds, history)
