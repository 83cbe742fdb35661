# SPDX-License-Identifier: GPL-2.0-only
"""How image sets are built. A recipe is a file in this folder and a line in `RECIPES`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from harness.cache.store import Cache, Progress
from harness.images.recipes.reference import Reference


class Recipe(Protocol):
    """What builds the artifacts of an image set that are marked `build`."""

    outputs: tuple[str, ...]
    options: tuple[str, ...]

    def inputs(self, options: Mapping[str, bool], cache: Cache, progress: Progress) -> dict[str, str]:
        """Everything that the result depends on, by name; goes into the key and the report."""
        ...

    def build(self, out: Path, options: Mapping[str, bool], cache: Cache, progress: Progress) -> None:
        """Write every output into the folder `out`."""
        ...

    def forget(self, cache: Cache) -> None:
        """Look at the archive again the next time: newer packages are wanted."""
        ...


RECIPES: Mapping[str, Recipe] = {"reference": Reference()}
