# SPDX-License-Identifier: GPL-2.0-only
"""A scenario run with one version of what it tests: of an image set, or of a git tree.

The scenario is as it is now in all versions. In a tree it lies at its own place among the files of the
version, so overlays beside it are the version's. A tree that is the harness itself runs its own code.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from harness.cache.store import Cache, Progress
from harness.deadline import Deadline
from harness.errors import HostError, UsageError
from harness.images.manifest import find
from harness.images.store import ensure
from harness.proc import run
from harness.repro.outcome import Outcome
from harness.repro.recipe import RESULT
from harness.repro.tree import Checkout
from harness.scenario.result import Options
from harness.scenario.runner import run_scenario
from harness.scenario.schema import read, scenario_name
from harness.wording import fault_of

# A version may have to be built: packages, compiler, template.
_RUN_S = 3600.0
_HARNESS = Path("harness", "__main__.py")


@dataclass(frozen=True, slots=True)
class Here:
    """Runs with the files that are here; `version` is a folder of image sets, the name of one, or empty."""

    scenario: Path
    options: Options
    progress: Progress

    def __call__(self, version: str) -> tuple[Outcome, str]:
        """See `harness.repro.judge.RunOnce`."""
        options = self.options
        if version and Path(version).is_dir():
            options = replace(options, images_dirs=(Path(version), *options.images_dirs))
        elif version:
            options = replace(options, image_set=version)
        return run_here(self.scenario, options, self.progress)


def run_here(path: Path, options: Options, progress: Progress, name: str = "") -> tuple[Outcome, str]:
    """Run a scenario once in this process.

    :raise HarnessError: it cannot be read, or there are no images for it
    """
    scenario = read(path)
    images = ensure(find(options.set_for(scenario.images), options.images_dirs),
                    Cache(progress=progress), progress)
    result = run_scenario(replace(scenario, name=name or scenario.name), images, options)
    return Outcome.of(result), str(result.run_dir or "")


class Tree:
    """Runs with the files of a commit.

    :param root: the repository's own working tree, from which the scenario comes.
    """

    def __init__(self, root: Path, checkout: Checkout, scenario: Path, options: Options,
                 progress: Progress) -> None:
        self._root = root
        self._checkout = checkout
        self._scenario = scenario.resolve()
        self._options = options
        self._progress = progress
        self._at = ""

    def __call__(self, commit: str) -> tuple[Outcome, str]:
        """See `harness.repro.judge.RunOnce`."""
        if commit != self._at:
            self._checkout.go_to(commit)
            self._at = commit
        scenario = self._scenario
        if scenario.is_relative_to(self._root):
            scenario = self._there(scenario)
            scenario.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self._scenario, scenario)
        folders = tuple(map(self._there, self._options.images_dirs))
        options = replace(self._options, images_dirs=tuple(path for path in folders if path.is_dir()))
        if (self._checkout.folder / _HARNESS).is_file():
            return self._by_its_own_harness(scenario, options)
        return run_here(scenario, options, self._progress, scenario_name(self._scenario))

    def _there(self, path: Path) -> Path:
        """The version of a file or folder of the tree; what is outside of it is the same for all."""
        full = path.resolve()
        inside = full.is_relative_to(self._root)
        return self._checkout.folder / full.relative_to(self._root) if inside else full

    def _by_its_own_harness(self, scenario: Path, options: Options) -> tuple[Outcome, str]:
        folder = self._checkout.folder
        runs = folder / "build" / "runs"
        shutil.rmtree(runs, ignore_errors=True)
        argv = [sys.executable, "-m", "harness", "run", "--no-install", str(scenario),
                "--seed", str(options.seed)]
        argv += [f"--{name}" for name in ("cold", "deterministic") if getattr(options, name)]
        argv += ["--set", options.image_set] if options.image_set is not None else []
        argv += [word for path in options.images_dirs for word in ("--images", str(path))]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        self._progress(f"commit {self._at[:12]} runs {scenario.name} by its own harness")
        done = run(argv, deadline=Deadline.after(_RUN_S, "the harness of this version"), cwd=folder,
                   env=environment, check=False)
        results = sorted(runs.glob(f"*/{RESULT}"))
        if not results:
            tail = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()[-1:]
            raise HostError(f"this version has run nothing: {' '.join(tail) or f'status {done.status}'}")
        return self._taken(results[-1])

    def _taken(self, result: Path) -> tuple[Outcome, str]:
        """The result of a run, whose folder is brought over to those of this tree."""
        try:
            outcome = Outcome.of_json(json.loads(result.read_text()))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UsageError(f"the result of this version cannot be read: {fault_of(error)}",
                             where=str(result)) from error
        place = self._options.run_root / result.parent.name
        self._options.run_root.mkdir(parents=True, exist_ok=True)
        shutil.move(result.parent, place)
        return outcome, str(place)


