# SPDX-License-Identifier: GPL-2.0-only
"""The image set of a stored run: the one that is here if it is the same, else the very files of the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.cache.digest import known_digest
from harness.cache.store import Cache, Progress
from harness.dt.build import load
from harness.errors import HarnessError
from harness.images.manifest import OWN_FOLDER, find
from harness.images.store import ImageSet, ensure, recipe_key
from harness.images.types import Manifest
from harness.repro.rebuild import image_set_of
from harness.repro.recipe import Recipe

_COMPILED = (".dtb", ".dtbo")


@dataclass(frozen=True, slots=True)
class Chosen:
    """An image set to run with.

    :ivar folders: where its manifest is, if not among our own.
    :ivar differs: what of it is not as it was in the run; empty if all is.
    """

    images: ImageSet
    folders: tuple[Path, ...]
    differs: tuple[str, ...] = ()


def images_of(recipe: Recipe, work: Path, progress: Progress) -> Chosen:
    """The image set of a run.

    What is in the cache under the same key serves, and so do the files of the run, wherever they are. If
    neither is there, the set of that name is built, and `differs` tells what is not the same.

    :raise HarnessError: there is no such set, or it cannot be built
    """
    present = _present(recipe, progress)
    if present is not None:
        return present
    gone = [name for name, artifact in recipe.artifacts.items()
            if not artifact.file.is_file() or known_digest(artifact.file) != artifact.sha256]
    if not gone:
        files = {name: artifact.file for name, artifact in recipe.artifacts.items()}
        folder = image_set_of(recipe, work, files)
        return Chosen(ensure(find(recipe.set_name, [folder]), Cache(progress=progress), progress), (folder,))
    folders = _folders(recipe)
    images = ensure(find(recipe.set_name, folders), Cache(progress=progress), progress)
    return Chosen(images, tuple(folders), tuple(_differences(recipe, images)))


def _present(recipe: Recipe, progress: Progress) -> Chosen | None:
    """The set of that name if it is exactly the same and need not be built."""
    folders = _folders(recipe)
    cache = Cache(progress=progress)
    try:
        manifest = find(recipe.set_name, folders)
        if manifest.recipe is not None and cache.lookup(recipe_key(manifest, cache)) is None:
            return None
        images = ensure(manifest, cache, progress)
    except HarnessError:  # another host may have no such set
        return None
    return None if _differences(recipe, images) else Chosen(images, tuple(folders))


def _folders(recipe: Recipe) -> list[Path]:
    """The folder of the user's that the set came from, if it is here."""
    theirs = recipe.set_folder
    return [theirs] if theirs != OWN_FOLDER and (theirs / f"{recipe.set_name}.yaml").is_file() else []


def _differences(recipe: Recipe, images: ImageSet) -> list[str]:
    """What of a set is not as it was in the run."""
    found = [name for name, artifact in recipe.artifacts.items()
             if name not in images.files or known_digest(images.files[name]) != artifact.sha256]
    kept = [path.read_bytes() for path in recipe.manifests]
    found += ["manifest"] if [path.read_bytes() for path in images.manifest.sources] != kept else []
    ours, theirs = _trees(images.manifest), (recipe.me_base, recipe.agency_base, *recipe.agency_overlays)
    same = len(ours) == len(theirs) and all(map(_same_tree, ours, theirs))
    return found if same else [*found, "base trees"]


def _trees(manifest: Manifest) -> Sequence[Path | None]:
    tree = manifest.agency_tree
    base = tree.base if tree is not None and isinstance(tree.base, Path) else None
    return (manifest.me.base if manifest.me is not None else None, base,
            *(tree.overlays if tree is not None else ()))


def _same_tree(ours: Path | None, kept: Path | None) -> bool:
    if ours is None or kept is None:
        return ours is kept
    return (load(ours) if kept.suffix in _COMPILED else ours.read_bytes()) == kept.read_bytes()
