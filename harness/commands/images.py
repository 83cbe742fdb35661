# SPDX-License-Identifier: GPL-2.0-only
"""`harness images build|list|verify|path`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from harness.cache.store import Cache
from harness.commands.progress import progress
from harness.errors import UsageError
from harness.images import store
from harness.images.manifest import Manifest, available, find


def main(arguments: argparse.Namespace) -> int:
    """Do one action for the sets named, or for all."""
    if arguments.action == "list":
        return _list(arguments.images)
    if arguments.action == "path" and not arguments.sets:
        raise UsageError("images path needs the name of an image set", hint="see 'images list'")
    if arguments.artifact is not None and arguments.action != "path":
        raise UsageError("--artifact goes with 'images path' only")
    sets = _chosen(arguments.sets, arguments.images)
    if arguments.action == "build":
        return _build(sets, refresh=arguments.refresh)
    return _verify(sets) if arguments.action == "verify" else _path(sets, arguments.artifact)


def ensure_all(sets: Sequence[Manifest]) -> list[store.ImageSet]:
    """Build what is missing, with progress."""
    with progress("images") as tell:
        cache = Cache(progress=tell)
        return [store.ensure(manifest, cache, tell) for manifest in sets]


def _chosen(names: Sequence[str], dirs: Sequence[Path]) -> list[Manifest]:
    return [find(name, dirs) for name in names] if names else available(dirs)


def _list(dirs: Sequence[Path]) -> int:
    sets = available(dirs)
    width = max(len(manifest.name) for manifest in sets)
    for manifest in sets:
        print(f"{manifest.name:<{width}}  {manifest.about}")
    return 0


def _build(sets: Sequence[Manifest], *, refresh: bool) -> int:
    if refresh:
        for manifest in sets:
            store.refresh(manifest, Cache())
    for image_set in ensure_all(sets):
        print(f"{image_set.manifest.name}: {image_set.key}")
    return 0


def _verify(sets: Sequence[Manifest]) -> int:
    """Status 3 if anything is damaged: the host must act, by building again."""
    bad = 0
    for manifest in sets:
        problems = store.verify(manifest)
        bad += bool(problems)
        for problem in problems:
            print(f"{manifest.name}: {problem}")
        if not problems:
            print(f"{manifest.name}: ok")
    return 3 if bad else 0


def _path(sets: Sequence[Manifest], artifact: str | None) -> int:
    for image_set in ensure_all(sets):
        if artifact is not None:
            print(image_set.path(artifact))
            continue
        for name, path in sorted(image_set.files.items()):
            print(f"{name} {path}")
    return 0
