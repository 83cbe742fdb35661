# SPDX-License-Identifier: GPL-2.0-only
"""Finding image sets by name: those of this repository and those of folders that the user names."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from harness.errors import ManifestError, UsageError
from harness.images.schema import read_manifest
from harness.images.types import (
    ArtifactDesc,
    BootDesc,
    ConsoleDesc,
    DriveDesc,
    LoadDesc,
    MachineDesc,
    Manifest,
    MeDesc,
    TreeDesc,
)
from harness.yamlnode import nearest

OWN_FOLDER = Path(__file__).resolve().parents[2] / "images"


def search_folders(dirs: Sequence[Path] = ()) -> list[Path]:
    """The user's folders, then our own. A set in an earlier folder hides its namesake in a later one.

    :raise ManifestError: one is no folder.
    """
    for folder in dirs:
        if not folder.is_dir():
            raise ManifestError("no such folder of image sets", where=str(folder))
    return [*(folder.absolute() for folder in dirs), OWN_FOLDER]


def manifest_files(dirs: Sequence[Path] = ()) -> dict[str, Path]:
    """Manifest file of every image set by name, sorted."""
    found: dict[str, Path] = {}
    for folder in search_folders(dirs):
        for path in folder.glob("*.yaml"):
            found.setdefault(path.stem, path)
    return dict(sorted(found.items()))


def find(name: str, dirs: Sequence[Path] = ()) -> Manifest:
    """The image set `name`.

    :param dirs: folders to look into before our own.
    :raise ManifestError: no set has that name; the nearest one and the folders are named.
    :raise SchemaError: its manifest is wrong.
    """
    def file_of(wanted: str, where: str | None) -> Path:
        files = manifest_files(dirs)
        if wanted not in files:
            looked = ", ".join(str(folder) for folder in search_folders(dirs))
            hint = f"looked in {looked}; {nearest(wanted, files)}"
            raise ManifestError(f"unknown image set '{wanted}'", where=where, hint=hint)
        return files[wanted]

    return read_manifest(file_of(name, None), file_of)


def available(dirs: Sequence[Path] = ()) -> list[Manifest]:
    """All image sets, sorted by name.

    :raise SchemaError: one of the manifests is wrong.
    """
    return [find(name, dirs) for name in manifest_files(dirs)]


def features(dirs: Sequence[Path] = ()) -> set[str]:
    """All that any image set has and a scenario can require; a wrong manifest is told where it is used."""
    found: set[str] = set()
    for name in manifest_files(dirs):
        with suppress(UsageError):
            found.update(find(name, dirs).features)
    return found


__all__ = [
    "ArtifactDesc",
    "BootDesc",
    "ConsoleDesc",
    "DriveDesc",
    "LoadDesc",
    "MachineDesc",
    "Manifest",
    "MeDesc",
    "TreeDesc",
    "available",
    "features",
    "find",
    "manifest_files",
    "search_folders",
]
