# SPDX-License-Identifier: GPL-2.0-only
"""A scenario that fails the same way with the least in it.

Each candidate is a file that is run as any scenario is. What the schema refuses costs no run.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.errors import HostError, SchemaError, UsageError
from harness.images.store import ImageSet
from harness.repro.outcome import Outcome
from harness.repro.rebuild import with_trees
from harness.repro.recipe import Recipe
from harness.repro.reduce import Enough, Reducer, count_steps
from harness.repro.values import scenario_text, values_of
from harness.scenario.model import DEFAULT_IMAGES
from harness.scenario.origin import trees_of
from harness.scenario.result import Options
from harness.scenario.runner import Run, run_steps
from harness.scenario.schema import OVERLAYS, read
from harness.wording import counted
from harness.yamlnode import load

Tell = Callable[[str], None]
# A step that expects something and that a sound system passes, where nothing else expects anything.
_EXPECTATION: dict[str, list[str]] = {"expect.links": []}


@dataclass(frozen=True, slots=True)
class Minimized:
    """What came of it.

    :ivar before, after: steps, those inside of `repeat` counted each.
    :ivar runs: how many runs it took; `tries`: how many candidates there were.
    :ivar ended: nothing more could be left out; else the runs were used up, or somebody `interrupted`.
    """

    text: str
    before: int
    after: int
    runs: int
    tries: int
    ended: bool
    interrupted: bool = False


class Minimizer:
    """Makes the scenario of a failed run smaller.

    :param folder: an empty folder; the trees that are not ours are in it, beside the candidates.
    :param times: a candidate is run so often until it fails, if a failure does not come each time.
    :param most: runs at most.
    """

    def __init__(self, recipe: Recipe, images: ImageSet, folder: Path, *, times: int, most: int,
                 tell: Tell) -> None:
        if recipe.test:
            raise UsageError("a scenario in Python cannot be made smaller by leaving steps out",
                             where=recipe.where, hint="write it as YAML")
        if not recipe.outcome.failed:
            raise UsageError("this run did not fail: there is no failure to keep", where=str(recipe.folder))
        self.recipe = recipe
        self.runs = 0
        self._images = images
        self._folder = folder
        self._times = times
        self._most = most
        self._tell = tell
        self._failure = recipe.outcome
        self._options = Options(recipe.seed, folder / "runs", cold=recipe.cold,
                                deterministic=recipe.deterministic)
        self._values = self._read()

    def fails(self) -> Outcome | None:
        """Run it as it is; None if it fails no more, or in another way."""
        found = self._same(self._values)
        if found is not None:
            self._failure = found
        return found

    def run(self, notes: tuple[str, ...] = ()) -> Minimized:
        """Leave out what can be left out. Call `fails` first."""
        reducer = Reducer(self._values, self._test)
        ended, interrupted = True, False
        try:
            reducer.run(self._failing_step())
        except Enough:
            ended = False
        except KeyboardInterrupt:  # what was reached is worth having
            ended, interrupted = False, True
        return Minimized(scenario_text(reducer.best, notes), count_steps(self._values["steps"]),
                         count_steps(reducer.best["steps"]), self.runs, reducer.tries, ended, interrupted)

    def _read(self) -> dict[str, Any]:
        """The scenario with names of trees that go here, and with the image set that it ran on."""
        self._folder.mkdir(parents=True, exist_ok=True)
        text = with_trees(self.recipe.scenario, [self._tree(path) for path in self.recipe.trees])
        values = values_of(text, self.recipe.scenario)
        if self.recipe.set_name != values.get("images", DEFAULT_IMAGES):
            values = {"about": values["about"], "images": self.recipe.set_name, **values}
            values["images"] = self.recipe.set_name
        return values

    def _tree(self, path: Path) -> str:
        """The name of a tree: of one of ours, or of a copy beside the scenario."""
        own = OVERLAYS / path.name
        if own.is_file() and own.read_bytes() == path.read_bytes():
            return own.stem
        shutil.copyfile(path, self._folder / path.name)
        return path.name

    def demand(self, target: Path) -> None:
        """That the scenario can be written there, before all is run for nothing.

        :raise HostError: it cannot
        """
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=target.parent):
                pass
        except OSError as error:
            raise HostError(f"cannot be written: {error.strerror}", where=str(target)) from error

    def write(self, minimized: Minimized, target: Path) -> None:
        """Write the scenario, with the trees beside it that are not ours.

        :raise UsageError: another tree of that name is there
        :raise HostError: it cannot be written
        """
        file = self._folder / "candidate.yaml"
        file.write_text(minimized.text)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            for tree in sorted(set(trees_of(read(file)))):
                place = target.parent / tree.name
                if tree.parent != self._folder.resolve():
                    continue
                if place.exists() and place.read_bytes() != tree.read_bytes():
                    raise UsageError("another tree of this name is there", where=str(place),
                                     hint="-o names a file in another folder")
                shutil.copyfile(tree, place)
            target.write_text(minimized.text)
        except OSError as error:
            raise HostError(f"cannot be written: {error.strerror}", where=str(target)) from error

    def _failing_step(self) -> int | None:
        """Number of the step at the line where it failed, in the file as the recipe has it."""
        if not self._failure.line:
            return None
        steps = load(self._folder / "candidate.yaml").entries()["steps"].sequence()
        before = [at for at, step in enumerate(steps) if step.line <= int(self._failure.line)]
        return before[-1] if before else None

    def _test(self, values: dict[str, Any]) -> bool:
        found = self._same(values)
        if found is not None:
            self._tell(f"run {self.runs}: fails with {counted(count_steps(values['steps']), 'step')}")
        return found is not None

    def _same(self, values: dict[str, Any]) -> Outcome | None:
        """The outcome of a candidate if it is the same failure; some are run several times.

        :raise Enough: there were enough runs
        """
        file = self._folder / "candidate.yaml"
        if not _readable(file, values):
            return None
        for _ in range(self._times):
            if self.runs >= self._most:
                raise Enough
            self.runs += 1
            outcome = self._run(file)
            if self._failure.alike(outcome):
                return outcome
        return None

    def _run(self, file: Path) -> Outcome:
        scenario = replace(read(file), name=self.recipe.name)
        run = Run(scenario, self._images, self._options)
        failure: Exception | None = None
        try:
            run_steps(run.start())
        except Exception as error:  # noqa: BLE001 - the run turns it into a verdict
            failure = error
        except BaseException:
            run.abandon()
            raise
        outcome = Outcome.of(run.conclude(failure, brief=True))
        shutil.rmtree(self._options.run_root, ignore_errors=True)
        return outcome


def _readable(file: Path, values: dict[str, Any]) -> bool:
    """Write a candidate; one that expects nothing gets something to expect."""
    file.write_text(scenario_text(values))
    try:
        read(file)
    except SchemaError as error:
        if "missing expectations" not in str(error):
            return False
        values["steps"] = [*values["steps"], _EXPECTATION]
        return _readable(file, values)
    return True
