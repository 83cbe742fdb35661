# SPDX-License-Identifier: GPL-2.0-only
"""A copy of this repository to change things in: its files as they are now, without what runs have left."""

import shutil
from pathlib import Path

from harness.scenario.schema import REPOSITORY

_PARTS = ("harness", "images", "dts", "scenarios", "tests", "pyproject.toml", "conftest.py")


def copy_of_repository(folder: Path) -> None:
    """Fill a folder with it."""
    for name in _PARTS:
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
