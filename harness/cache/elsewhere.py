# SPDX-License-Identifier: GPL-2.0-only
"""Another place that may have an entry, asked before the entry is built here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Fetch = Callable[[str, Path], bool]

_fetch: Fetch | None = None


def ask(fetch: Fetch) -> None:
    """Whom this process asks from now on: called with a key and an empty folder, gives whether it has it."""
    global _fetch
    _fetch = fetch


def fetched(key: str, folder: Path) -> bool:
    """Whether the entry has come from elsewhere and its files are in the folder now."""
    return _fetch is not None and _fetch(key, folder)
