# SPDX-License-Identifier: GPL-2.0-only
"""`harness coverage`: what the stored runs have reached of states, arrows, messages and entry points."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from harness.cache.store import Cache
from harness.commands.progress import progress
from harness.coverage import lines, runs, table
from harness.coverage.expected import NOT_HERE, expected
from harness.errors import HostError
from harness.hosttest.coverage import FileCoverage, line_coverage
from harness.outcome import Verdict, exit_code

RUNS = Path("build") / "runs"


def main(arguments: argparse.Namespace) -> int:
    """Print the table over the last passed run of each scenario.

    :return: 0 if every row was reached, else 1.
    :raise UsageError: there is no run, or a log of one is no event stream.
    """
    found = runs.stored_runs(arguments.runs or [RUNS])
    counting = runs.that_count(found)
    made = table.make(expected(), [(run.name, runs.rows_of(run)) for run in counting])
    for line in made.lines():
        print(line)
    print(f"from {len(counting)} of {len(found)} runs: the last one of each scenario, if it passed, "
          "with the last build of its images")
    left = ", ".join(state.name.lower() for state in NOT_HERE)
    print(f"not expected, as states of other generations: ME {left}")
    values = made.as_values()
    if arguments.lines:
        files = _lines()
        print("\n".join(lines.report(files)))
        values["lines"] = lines.as_values(files)
    if arguments.json is not None:
        _write(arguments.json, values)
    return exit_code(Verdict.FAIL if made.missed else Verdict.PASS)


def _lines() -> list[FileCoverage]:
    with progress("coverage") as tell:
        return line_coverage(Cache(progress=tell), tell)


def _write(path: Path, values: dict[str, object]) -> None:
    try:
        path.write_text(json.dumps(values, indent=1) + "\n")
    except OSError as error:
        raise HostError(f"cannot be written: {error.strerror}", where=str(path)) from error
