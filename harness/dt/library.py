# SPDX-License-Identifier: GPL-2.0-only
"""Overlays by the names that scenarios use."""

import difflib
from collections.abc import Sequence
from pathlib import Path

from harness.errors import DtError

_SUFFIXES = (".dtso", ".dtbo")


def available(folders: Sequence[Path]) -> dict[str, Path]:
    """Every overlay in `folders` by its name, the file's without suffix; the first folder wins."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.glob("*")):
            if path.suffix in _SUFFIXES:
                found.setdefault(path.stem, path)
    return found


def find(name: str, folders: Sequence[Path], *, where: str | None = None) -> Path:
    """The overlay `name`: a name known in `folders`, or the path of a file (it has a suffix).

    :param where: place in the scenario that asks for it, for the error text
    :raise DtError: there is none; names the nearest and the folders
    """
    path = Path(name)
    if path.suffix in _SUFFIXES:
        if path.is_file():
            return path
        raise DtError(f"overlay {name}: no such file", where=where)
    known = available(folders)
    if name in known:
        return known[name]
    close = difflib.get_close_matches(name, known, n=1)
    looked = ", ".join(map(str, folders)) or "no folder"
    hint = f"nearest: {close[0]}" if close else f"known: {', '.join(sorted(known)) or 'none'}"
    raise DtError(f"no overlay {name!r} in {looked}", where=where, hint=hint)
