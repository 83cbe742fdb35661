# SPDX-License-Identifier: GPL-2.0-only
"""`harness fuzz`: the guests' C code on this host, with sanitizers; or which of its lines are run."""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import asdict
from pathlib import Path

from harness.cache.store import Cache
from harness.commands.progress import progress
from harness.errors import UsageError
from harness.hosttest import build, corpus, fuzz
from harness.hosttest.coverage import FileCoverage, line_coverage
from harness.hosttest.targets import Target, chosen

_RESULTS = Path("build", "fuzz")
_SHOWN = 8


def main(arguments: argparse.Namespace) -> int:
    """Run the targets named, or all.

    :return: 0, or 1 if an input ended a target.
    :raise UsageError: there is no such target, or the options do not go together.
    """
    targets = chosen(arguments.targets)
    if arguments.coverage:
        return _coverage(arguments.json)
    if arguments.input and len(arguments.targets) != 1:
        raise UsageError("--input goes with one target", hint=f"one of {', '.join(t.name for t in targets)}")
    if arguments.grow and arguments.fault:
        raise UsageError("--grow goes without --fault: a defect's inputs are no corpus")
    with progress("fuzz") as tell:
        cache = Cache(progress=tell)
        programs = build.programs(cache, "fuzz", tell, faults=arguments.fault is not None)
    if arguments.input:
        return _once(programs, targets[0], arguments.input, arguments.fault)
    order = fuzz.Order(arguments.runs, arguments.seed, arguments.seconds, arguments.fault)
    outcomes = [_fuzz(programs, target, order, grow=arguments.grow) for target in targets]
    if arguments.json:
        arguments.json.write_text(json.dumps([_figures(outcome) for outcome in outcomes], indent=2) + "\n")
    return 1 if any(outcome.finding for outcome in outcomes) else 0


def _fuzz(programs: Path, target: Target, order: fuzz.Order, *, grow: bool) -> fuzz.Outcome:
    program = programs / target.name
    with tempfile.TemporaryDirectory(prefix="soo-fuzz-") as folder:
        grown = Path(folder, "grown")
        outcome = fuzz.fuzz(program, target, order, _RESULTS, grown)
        if grow and not outcome.finding:
            few = Path(folder, "few")
            fuzz.minimise(program, target, grown, few)
            print(f"{target.name}: {corpus.pack(target.name, few)} inputs kept")
    print(line_of(outcome, order.fault), flush=True)
    return outcome


def line_of(outcome: fuzz.Outcome, fault: str | None = None) -> str:
    """One line: figures, or the finding and the command that shows it again."""
    name = outcome.target.name
    if outcome.finding is None:
        return (f"{name}: {outcome.executed} inputs, {outcome.per_second} a second, "
                f"{outcome.edges} places reached, nothing found")
    again = f"python3 -m harness fuzz {name} --input {outcome.reproducer}"
    again += f" --fault {fault}" if fault else ""
    return f"{name}: {outcome.finding}; again: {again}"


def _once(programs: Path, target: Target, file: Path, fault: str | None) -> int:
    outcome = fuzz.once(programs / target.name, target, file, fault)
    print(outcome.output, end="")
    print(line_of(outcome, fault) if outcome.finding else f"{target.name}: {file} ends well")
    return 1 if outcome.finding else 0


def _figures(outcome: fuzz.Outcome) -> dict[str, object]:
    found = str(outcome.finding) if outcome.finding else None
    return {"target": outcome.target.name, "executed": outcome.executed, "per_second": outcome.per_second,
            "places": outcome.edges, "finding": found}


def _coverage(file: Path | None) -> int:
    with progress("coverage") as tell:
        lines = line_coverage(Cache(progress=tell), tell)
    for one in lines:
        print(f"{one.percent:6.1f} % of {one.lines:4} lines  {one.path}{_missed(one)}")
    covered, total = sum(one.covered for one in lines), sum(one.lines for one in lines)
    print(f"{100.0 * covered / total:6.1f} % of {total:4} lines  all of {len(lines)} files")
    if file:
        file.write_text(json.dumps([asdict(one) for one in lines], indent=2) + "\n")
    return 0


def _missed(one: FileCoverage) -> str:
    ranges: list[list[int]] = []
    for number in one.missed:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    texts = [f"{first}" if first == last else f"{first}-{last}" for first, last in ranges]
    more = ["..."] if len(texts) > _SHOWN else []
    return f"  not {', '.join(texts[:_SHOWN] + more)}" if texts else ""
