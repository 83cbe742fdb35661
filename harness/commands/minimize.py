# SPDX-License-Identifier: GPL-2.0-only
"""`harness minimize`: takes away from a failing scenario as long as it fails the same way."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from harness.commands.images import ensure_all
from harness.commands.progress import progress
from harness.commands.repro import opened
from harness.errors import UsageError
from harness.images.manifest import find
from harness.report.gather import last_bad_folder
from harness.repro.images import Chosen, images_of
from harness.repro.minimize import Minimized, Minimizer
from harness.repro.outcome import Outcome
from harness.repro.recipe import Recipe
from harness.scenario.result import Options, reproduction
from harness.scenario.runner import run_scenario
from harness.scenario.schema import read
from harness.wording import counted

_RUNS = Path("build/runs")
_FOLDER = Path("build/minimize")
_SCENARIOS = (".yaml", ".py")


def main(arguments: argparse.Namespace) -> int:
    """Minimize, and tell how far it went.

    :return: 0 if what was written fails the same way; 1 if nothing failed, or not in the same way.
    :raise HarnessError: there is nothing to minimize, or it cannot be run
    """
    with _failed(arguments) as (recipe, work), progress("minimize") as tell:
        if not recipe.outcome.failed:
            raise UsageError(f"ends with {recipe.outcome}: there is no failure to keep",
                             where=str(arguments.run or recipe.folder))
        chosen = images_of(recipe, work, tell)
        minimizer = Minimizer(recipe, chosen.images, work / "candidates", times=arguments.times,
                              most=arguments.runs, tell=_tell)
        target = arguments.output or _FOLDER / f"{Path(recipe.name).name}.yaml"
        minimizer.demand(target)
        print(f"minimize: {recipe.name}: {recipe.outcome}", flush=True)
        if minimizer.fails() is None:
            print(f"minimize: does not fail so again, in {counted(minimizer.runs, 'run')}; "
                  "--times N runs it more often")
            return 1
        found = minimizer.run((f"Made smaller from {recipe.name}, which fails with {recipe.outcome}.",))
        minimizer.write(found, target)
        if found.interrupted:
            print(f"minimize: from {found.before} to {counted(found.after, 'step')} so far: {target}",
                  flush=True)
            raise KeyboardInterrupt
        return _confirm(recipe, chosen, target, found, arguments.times, work)


def _tell(line: str) -> None:
    print(f"minimize: {line}", file=sys.stderr, flush=True)


@contextmanager
def _failed(arguments: argparse.Namespace) -> Iterator[tuple[Recipe, Path]]:
    """The run that is meant; a scenario is run first."""
    path: Path = arguments.run or last_bad_folder()
    if path.suffix not in _SCENARIOS or not path.is_file():
        with opened(path) as (recipe, work):
            yield recipe, work
        return
    if path.suffix == ".py":
        raise UsageError("a scenario in Python cannot be made smaller by leaving steps out", where=str(path),
                         hint="write it as YAML")
    options = Options(arguments.seed, _RUNS, images_dirs=tuple(arguments.images), image_set=arguments.set,
                      cold=arguments.cold, deterministic=arguments.deterministic)
    scenario = read(path)
    (images,) = ensure_all([find(options.set_for(scenario.images), arguments.images)])
    result = run_scenario(scenario, images, options)
    if result.run_dir is None:
        raise UsageError(f"ends with {result.verdict.name}: {result.reason}", where=str(path))
    with opened(result.run_dir) as (recipe, work):
        yield recipe, work


def _confirm(recipe: Recipe, chosen: Chosen, target: Path, found: Minimized, times: int,
             work: Path) -> int:
    """Run what was written from its file, and tell."""
    options = Options(recipe.seed, _RUNS, images_dirs=chosen.folders, cold=recipe.cold,
                      deterministic=recipe.deterministic)
    for _ in range(times):
        outcome = Outcome.of(run_scenario(read(target), chosen.images, options))
        if same := recipe.outcome.alike(outcome):
            break
    rest = "" if found.ended else "; all runs were used up: more can perhaps be left out (--runs)"
    print(f"minimize: from {found.before} to {counted(found.after, 'step')} "
          f"in {counted(found.runs, 'run')}{rest}")
    print(f"minimize: {target}; run from its file it shows {'the same' if same else 'not that'}: {outcome}")
    lasting = tuple(folder for folder in chosen.folders if not folder.is_relative_to(work))
    print(f"reproduce  {reproduction(target, replace(options, images_dirs=lasting))}")
    return 0 if same else 1
