# SPDX-License-Identifier: GPL-2.0-only
"""A stored run made again."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from harness.cache.store import Progress
from harness.deadline import Deadline
from harness.errors import CommandFailed, HostError
from harness.proc import run
from harness.qemu import version
from harness.report.results import read as read_results
from harness.repro import rebuild
from harness.repro.images import Chosen, images_of
from harness.repro.outcome import Outcome
from harness.repro.recipe import MANIFEST, RESULT, Recipe
from harness.scenario.result import PLUGIN_COMMAND, Options, Result
from harness.scenario.runner import run_scenario
from harness.scenario.schema import REPOSITORY, read
from harness.wording import fault_of

# A scenario has a deadline of its own.
_PYTEST_S = 3600.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run made again has ended."""

    outcome: Outcome
    run_dir: str
    logs: str
    qemu: str
    reason: str

    @classmethod
    def of(cls, result: Result) -> Ended:
        """The result of a run."""
        return cls(Outcome.of(result), str(result.run_dir or ""), result.facts.get("logs", ""),
                   result.facts.get("qemu", ""), result.reason)


class Again:
    """Runs a stored run again.

    :param work: an empty folder that stays as long as this object is used.
    :ivar chosen: the image set that it is run with.
    """

    def __init__(self, recipe: Recipe, work: Path, run_root: Path, progress: Progress) -> None:
        self.recipe = recipe
        self._work = work
        self._run_root = run_root
        self._path = rebuild.scenario_of(recipe, work)
        self.chosen: Chosen = images_of(recipe, work, progress)

    def warnings(self) -> Iterator[str]:
        """What is not as it was, in lines."""
        if self.chosen.differs:
            what = ", ".join(self.chosen.differs)
            yield f"image set {self.recipe.set_name} is not that of the run: {what} differ"
        now = ".".join(map(str, version.find(self.chosen.images.manifest.machine.binary).version))
        if self.recipe.qemu and now != self.recipe.qemu:
            yield f"QEMU was {self.recipe.qemu}, here it is {now}"

    def run(self) -> Ended:
        """Run it once more.

        :raise HarnessError: the scenario cannot be read, or this host cannot run it
        """
        recipe = self.recipe
        options = Options(recipe.seed, self._run_root, images_dirs=self.chosen.folders,
                          image_set=recipe.set_name if recipe.set_chosen else None,
                          cold=recipe.cold, deterministic=recipe.deterministic)
        if recipe.test:
            return self._in_python(options)
        scenario = replace(read(self._path), name=recipe.name)
        result = run_scenario(scenario, self.chosen.images, options)
        return self._end(Ended.of(result), result.exit_status)

    def _end(self, end: Ended, status: int) -> Ended:
        """:raise HostError: this host is why it has ended otherwise"""
        if status == HostError.exit_status and any(self.recipe.outcome.differences(end.outcome)):
            raise HostError(end.reason)
        _tell_how(Path(end.run_dir))
        return end

    def _in_python(self, options: Options) -> Ended:
        """A function is run by pytest, in a process of its own."""
        results = self._work / "results.json"
        results.unlink(missing_ok=True)
        argv = [sys.executable, "-m", "pytest", "-q", "-p", "harness.pytest_plugin", "-p", "no:cacheprovider",
                "--rootdir", str(REPOSITORY), "-c", str(REPOSITORY / "pyproject.toml"),
                f"{self._path.absolute()}::{self.recipe.test}", "--seed", str(options.seed),
                "--run-root", str(options.run_root.absolute()), "--results", str(results)]
        argv += ["--set", options.image_set] if options.image_set is not None else []
        argv += [f"--{name}" for name in ("cold", "deterministic") if getattr(options, name)]
        argv += [word for folder in options.images_dirs for word in ("--images", str(folder))]
        done = run(argv, deadline=Deadline.after(_PYTEST_S, "pytest"), cwd=REPOSITORY, check=False)
        rows = read_results(results).rows if results.is_file() else ()
        if len(rows) != 1:
            raise CommandFailed("pytest has not run the scenario", argv=argv, status=done.status,
                                output=done.stdout[-2000:], where=str(self._path))
        if not rows[0].folder:
            raise HostError(rows[0].reason)
        return self._end(_ended(Path(rows[0].folder) / RESULT), rows[0].exit_status)


def _tell_how(run_dir: Path) -> None:
    """The line that makes the run again: the file that it has run from will not stay."""
    line = shlex.join([*PLUGIN_COMMAND.split()[:-1], "repro", str(run_dir)])
    for name in (RESULT, MANIFEST):
        file = run_dir / name
        if file.is_file():
            values = {**json.loads(file.read_text()), "reproduce": line}
            file.write_text(json.dumps(values, indent=2) + "\n")


def _ended(file: Path) -> Ended:
    try:
        values = json.loads(file.read_text())
        facts = values["facts"]
        return Ended(Outcome.of_json(values), str(file.parent), facts.get("logs", ""), facts.get("qemu", ""),
                     values["reason"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HostError(f"cannot be read: {fault_of(error)}", where=str(file)) from error
