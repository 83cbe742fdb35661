# SPDX-License-Identifier: GPL-2.0-only
"""`harness bundle`: a run with its images and trees as one file."""

from __future__ import annotations

import argparse
from pathlib import Path

from harness.errors import UsageError
from harness.report.gather import last_bad_folder
from harness.repro.bundle import SUFFIX, pack
from harness.repro.recipe import read_recipe

_MB = 1_000_000
_MUCH = 20 * _MB


def main(arguments: argparse.Namespace) -> int:
    """Pack a run.

    :raise HarnessError: it is no run, its images are gone, or the file cannot be written
    """
    folder: Path = arguments.run or last_bad_folder()
    recipe = read_recipe(folder)
    target: Path = arguments.output or Path(f"{folder.resolve().name}{SUFFIX}")
    if target.is_dir():
        raise UsageError("is a folder", where=str(target), hint="-o takes the name of a file")
    sizes = pack(recipe, target)
    packed = target.stat().st_size
    print(f"{target}: {packed / _MB:.1f} MB; run {sizes['run'] / _MB:.1f} MB, "
          f"images {sizes['images'] / _MB:.1f} MB before packing")
    if packed > _MUCH:
        print(f"more than {_MUCH // _MB} MB: the largest file of the run is {_largest(recipe.folder)}")
    print(f"reproduce  python3 -m harness repro {target}")
    return 0


def _largest(folder: Path) -> Path:
    return max((path for path in folder.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)
