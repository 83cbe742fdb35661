# SPDX-License-Identifier: GPL-2.0-only
"""`harness explore`: random legal and illegal orders on real guests; what fails becomes a scenario."""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path

from harness.commands.images import ensure_all
from harness.errors import UsageError
from harness.explore.search import Plan, Report, Shrunk, explore
from harness.explore.system import NAMES
from harness.explore.text import Setup
from harness.explore.write import needed
from harness.images.manifest import find
from harness.outcome import exit_code
from harness.scenario.faults import AGENCY_FAULTS, ME_FAULTS
from harness.scenario.model import DEFAULT_IMAGES
from harness.scenario.result import Options
from harness.wording import counted
from harness.yamlnode import nearest

_MINUTES = 2.0
_SEEDS = 1_000_000
_MANY = 1_000_000
_UNLIMITED = 86_400.0
_FAULTY_IMAGES = "ref-virt64-faults"
_MACHINES = ("here", "there")


def main(arguments: argparse.Namespace) -> int:
    """Explore, and tell what was found.

    :return: 0 if all examples passed, 1 if one failed, whether it comes again or not.
    :raise UsageError: there is no such image set or fault
    """
    setup = _setup(arguments)
    (images,) = ensure_all([find(setup.images, arguments.images)])
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(_SEEDS)
    plan = Plan(setup, seed, examples=arguments.examples or _MANY, moves=arguments.moves,
                seconds=_seconds(arguments))
    print(f"explore: seed {seed}, {setup.images}, at most {len(setup.mes)} MEs", flush=True)
    options = Options(seed, Path("build/runs"), images_dirs=tuple(arguments.images))
    report = explore(plan, images, options, _tell)
    for line in summary(report):
        print(line)
    if arguments.json is not None:
        told = as_json(report, plan, images.key)
        arguments.json.write_text(json.dumps(told, indent=1) + "\n")
    return exit_code(report.verdict)


def as_json(report: Report, plan: Plan, images_key: str) -> dict[str, object]:
    """What came of it, for programs; `harness.nights.gather` reads it."""
    found, mes = report.found, len(plan.setup.mes)
    failure = found.first.failure if found is not None else None
    return {
        "verdict": report.verdict.name, "seconds": round(report.seconds, 1), "seed": plan.seed, "mes": mes,
        "images": plan.setup.images, "images_key": images_key, "examples": report.tally.examples,
        "steps": report.tally.steps, "title": failure.rule if failure is not None else "",
        "reason": f"{failure}; scenario {found.file}" if found is not None else "",
        "folder": str(failure.run_dir or "") if failure is not None else "",
        "reproduce": found.command if found is not None
        else f"python3 -m harness explore --seed {plan.seed} --mes {mes}",
    }


def _tell(line: str) -> None:
    print(f"explore: {line}", file=sys.stderr, flush=True)


def _seconds(arguments: argparse.Namespace) -> float:
    if arguments.minutes is not None:
        return float(arguments.minutes) * 60
    return _MINUTES * 60 if arguments.examples is None else _UNLIMITED


def _setup(arguments: argparse.Namespace) -> Setup:
    fault = arguments.fault
    if fault is not None and fault not in AGENCY_FAULTS | ME_FAULTS:
        raise UsageError(f"unknown fault '{fault}'", where="explore",
                         hint=nearest(fault, AGENCY_FAULTS | ME_FAULTS))
    return Setup(
        images=arguments.set or (_FAULTY_IMAGES if fault is not None else DEFAULT_IMAGES),
        mes=NAMES[: arguments.mes],
        machines=_MACHINES[: arguments.machines],
        agency_fault=fault if fault in AGENCY_FAULTS else None,
        me_fault=fault if fault in ME_FAULTS else None,
    )


def summary(report: Report) -> Iterator[str]:
    """What was done and found, in lines."""
    tally = report.tally
    moves = ", ".join(f"{kind} {count}" for kind, count in sorted(tally.moves.items()))
    yield f"moves: {moves}"
    yield (f"{tally.examples} examples, {report.situations} situations, {tally.steps} steps "
           f"({tally.refused} refused as they must be), {report.booted} machines booted, "
           f"{report.seconds:.0f} s")
    if report.found is None:
        yield "nothing was found"
    else:
        yield from found_lines(report.found, report.search_seconds)


def found_lines(found: Shrunk, search_seconds: float) -> Iterator[str]:
    """A finding, and how far it can be relied on."""
    yield f"FOUND {found.best.failure}, after {search_seconds:.0f} s"
    if not found.repeated:
        yield "  it did not come again on a new machine"
        yield f"  the run that failed is in {found.first.failure.run_dir}"
        yield f"  all that its machine had run is in {found.history}"
    before, after = (len(needed(finding.steps)) for finding in (found.first, found.best))
    yield (f"  shrunk from {before} to {counted(after, 'step')} by {found.tries} tries "
           f"in {found.seconds:.0f} s")
    again = "the same" if found.reproduced else f"not the same but {found.again or 'no failure'}"
    yield f"  scenario {found.file}; run from its file it shows {again}"
    yield f"  reproduce  {found.command}"
