# SPDX-License-Identifier: GPL-2.0-only
"""The runs of a hunt: a deterministic run for each seed, several at a time, each in a process of its own."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path

from harness.cache.store import Cache
from harness.errors import HostError, UsageError
from harness.images.manifest import find
from harness.images.store import ImageSet, ensure
from harness.outcome import Verdict
from harness.proc import die_with
from harness.scenario import deterministic, schema
from harness.scenario.model import Scenario
from harness.scenario.result import Options, Result
from harness.scenario.runner import run_scenario


@dataclass(frozen=True, slots=True)
class Shot:
    """What one seed led to.

    :ivar failure: the broken rule, or what ended the run; empty if it passed.
    :ivar logs: hash of all that the guests printed; the same for the same run.
    """

    seed: int
    verdict: Verdict
    failure: str
    reason: str
    logs: str
    run_dir: str
    reproduce: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Campaign:
    """One scenario under many seeds.

    :ivar jobs: runs at a time.
    """

    scenario: Path
    options: Options
    jobs: int = 1

    def check(self) -> None:
        """:raise UsageError: the scenario cannot run in lockstep"""
        scenario = schema.read(self.scenario)
        obstacle = deterministic.obstacle(scenario, _images(scenario, self.options))
        if obstacle:
            raise UsageError(obstacle, where=str(self.scenario))

    def shoot(self, seeds: Sequence[int], tell: Callable[[Shot], None]) -> list[Shot]:
        """Run once for each seed; in the order of `seeds`, whoever ends first.

        :param tell: is told of each run as it ends.
        """
        found = {}
        for shot in self._shots(seeds):
            found[shot.seed] = shot
            tell(shot)
        return [found[seed] for seed in seeds]

    def again(self, seed: int, times: int) -> list[Shot]:
        """Run a seed so many times more."""
        return list(self._shots([seed] * times))

    def _shots(self, seeds: Iterable[int]) -> Iterator[Shot]:
        method = multiprocessing.get_context("spawn")  # this process has threads
        with ProcessPoolExecutor(self.jobs, method, initializer=_begin, initargs=(os.getpid(),)) as pool:
            runs = [pool.submit(_shoot, self.scenario, replace(self.options, seed=seed)) for seed in seeds]
            try:
                for run in as_completed(runs):
                    yield run.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise


def _begin(parent: int) -> None:
    """Ctrl-C goes to the one who asked, and a run under way comes to its end; its death is ours."""
    die_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _shoot(path: Path, options: Options) -> Shot:
    scenario = schema.read(path)
    result = run_scenario(scenario, _images(scenario, options), options)
    if result.run_dir is None and result.exit_status == HostError.exit_status:
        raise HostError(result.reason)  # no seed has anything to do with it
    return shot_of(result)


def _images(scenario: Scenario, options: Options) -> ImageSet:
    manifest = find(options.set_for(scenario.images), options.images_dirs)
    return ensure(manifest, Cache(), lambda line: None)


def shot_of(result: Result) -> Shot:
    """The result of a run, as far as a hunt needs it."""
    failure = ""
    if result.verdict > Verdict.SKIP:
        failure = result.rules[0] if result.rules else f"{result.verdict.name}: {result.reason}"
    return Shot(result.seed, result.verdict, failure, result.reason, result.facts.get("logs", ""),
                str(result.run_dir or ""), result.reproduce, result.duration)
