# SPDX-License-Identifier: GPL-2.0-only
"""Whether two hosts have the same repository."""

from __future__ import annotations

from pathlib import Path

from harness.cache.digest import sources_of

_FOLDERS = ("harness", "scenarios", "images", "dts")


def digests(root: Path) -> dict[str, str]:
    """Digest of each file that takes part in a run, by name."""
    return dict(sources_of([root / folder for folder in _FOLDERS], root))


def first_difference(here: dict[str, str], there: dict[str, str]) -> str | None:
    """A file that is not the same in both; None if all are."""
    names = here.keys() | there.keys()
    return min((name for name in names if here.get(name) != there.get(name)), default=None)
