# SPDX-License-Identifier: GPL-2.0-only
"""`harness hunt`: one scenario under many interleavings; tells which seeds fail, and how often."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

from harness.commands.images import ensure_all
from harness.errors import UsageError
from harness.hunt.campaign import Campaign, Shot
from harness.hunt.findings import Bag, Finding, group
from harness.images.manifest import features, find
from harness.outcome import exit_code
from harness.scenario import schema
from harness.scenario.result import Options

# How often progress is told, in runs.
_EVERY = 20


def main(arguments: argparse.Namespace) -> int:
    """Hunt, and tell what was found.

    :return: what `harness.outcome.exit_code` says of the worst run.
    :raise UsageError: there is no such scenario, or it cannot run in lockstep
    """
    scenario = schema.read(_one_scenario(arguments.scenario), features=lambda: features(arguments.images))
    options = Options(0, Path("build/runs"), images_dirs=tuple(arguments.images), image_set=arguments.set,
                      deterministic=True, cold=arguments.cold)
    ensure_all([find(options.set_for(scenario.images), arguments.images)])
    campaign = Campaign(arguments.scenario, options, arguments.j)
    campaign.check()
    seeds = range(arguments.first, arguments.first + arguments.seeds)
    print(f"hunt: {scenario.name}, seeds {seeds[0]} to {seeds[-1]}", flush=True)
    progress = _Progress(len(seeds))
    shots = campaign.shoot(seeds, progress.tell)
    findings = [_confirmed(campaign, finding, arguments.again) for finding in group(shots)]
    bag = Bag(tuple(shots), tuple(findings))
    for line in bag.lines():
        print(line)
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(bag.as_json(), indent=2) + "\n")
    return exit_code(bag.verdict)


def _one_scenario(path: Path) -> Path:
    if path.is_dir():
        raise UsageError("this is a folder, and hunt takes one scenario", where=str(path),
                         hint="name one of its .yaml files")
    if path.suffix == ".py":
        raise UsageError("hunt takes scenarios in YAML only", where=str(path),
                         hint=f"run it with seeds of your choice: run {path} --deterministic --seed N")
    return path


def _confirmed(campaign: Campaign, finding: Finding, times: int) -> Finding:
    """The same finding with its first seed run again."""
    return replace(finding, again=tuple(campaign.again(finding.first.seed, times)))


class _Progress:
    """Tells failures at once, and now and then how far it is."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0

    def tell(self, shot: Shot) -> None:
        self._done += 1
        if shot.failure:
            print(f"hunt: seed {shot.seed}: {shot.failure}", file=sys.stderr, flush=True)
        elif self._done % _EVERY == 0:
            print(f"hunt: {self._done} of {self._total}", file=sys.stderr, flush=True)
