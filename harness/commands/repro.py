# SPDX-License-Identifier: GPL-2.0-only
"""`harness repro`: the same run again, and whether it ends the same way."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from harness.commands.progress import progress
from harness.report.gather import last_bad_folder
from harness.repro.again import Again, Ended
from harness.repro.bundle import is_bundle, unpack
from harness.repro.recipe import Recipe, read_recipe

_RUNS = Path("build/runs")


def main(arguments: argparse.Namespace) -> int:
    """Run it again, as often as asked for.

    :return: 0 if it ended the same way (a failure at least once, a PASS each time), else 1.
    :raise HarnessError: it is neither run nor bundle, or it cannot be run here
    """
    with opened(arguments.run or last_bad_folder()) as (recipe, work), progress("repro") as tell:
        again = Again(recipe, work, _RUNS, tell)
        for warning in again.warnings():
            tell(f"warning: {warning}")
        mode = " --deterministic" if recipe.deterministic else ""
        print(f"repro: {recipe.name}, seed {recipe.seed}{mode}: was {recipe.outcome}", flush=True)
        ends = []
        for number in range(1, arguments.times + 1):
            ends.append(again.run())
            print(f"repro: run {number}: {told(recipe, ends[-1])}", flush=True)
    return verdict(recipe, ends)


@contextmanager
def opened(path: Path) -> Iterator[tuple[Recipe, Path]]:
    """A stored run, unpacked if it is a bundle, and a folder to work in, which is removed afterwards.

    :raise HarnessError: it is neither run nor bundle
    """
    with tempfile.TemporaryDirectory(prefix="soo-") as folder:
        work = Path(folder)
        recipe = unpack(path, work / "bundle") if is_bundle(path) else read_recipe(path)
        yield recipe, work


def told(recipe: Recipe, end: Ended) -> str:
    """One run in a line."""
    differences = list(recipe.outcome.differences(end.outcome))
    if differences:
        return f"another outcome: {'; '.join(differences)}; look into {end.run_dir}"
    step = f", step at line {end.outcome.line}" if end.outcome.line else ""
    what = f"the same failure, {end.outcome}{step}" if recipe.outcome.failed else f"{end.outcome}, as it was"
    if end.outcome.line != recipe.outcome.line:
        what += f" (was line {recipe.outcome.line or 'none'})"
    if recipe.logs and end.logs:
        what += ", byte for byte" if recipe.logs == end.logs else ", but the guests printed other bytes"
    return f"{what}; {end.run_dir}"


def verdict(recipe: Recipe, ends: Sequence[Ended]) -> int:
    """The exit status, with a summary of several runs."""
    same = [not any(recipe.outcome.differences(end.outcome)) for end in ends]
    if len(ends) > 1:
        print(f"repro: {sum(same)} of {len(ends)} runs ended as the first one did")
    return 0 if (any(same) if recipe.outcome.failed else all(same)) else 1
