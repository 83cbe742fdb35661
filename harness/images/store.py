# SPDX-License-Identifier: GPL-2.0-only
"""Image sets ready to boot: built if need be, verified, each artifact a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.cache.digest import file_digest, key_of
from harness.cache.store import Cache, Progress
from harness.cache.use import Hold
from harness.errors import HostError, ToolMissing, UsageError
from harness.images.recipes import RECIPES
from harness.images.types import ArtifactDesc, Manifest
from harness.yamlnode import nearest

_VERSIONS = "versions.json"
# Results of one recipe that stay in the cache: some for each of a few branches.
_KEPT = 12
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class ImageSet:
    """An image set whose files are all there.

    :ivar key: names the content: changes when any input of the build or any file does.
    :ivar files: path of each artifact.
    :ivar hold: keeps the files in the cache as long as this object lives.
    """

    manifest: Manifest
    key: str
    files: Mapping[str, Path]
    built: Path | None
    hold: Hold | None = field(default=None, repr=False, compare=False)

    def path(self, artifact: str) -> Path:
        """The file of an artifact.

        :raise UsageError: the set has none of that name.
        """
        if artifact not in self.files:
            what = f"image set '{self.manifest.name}' has no artifact '{artifact}'"
            raise UsageError(what, hint=nearest(artifact, self.files))
        return self.files[artifact]

    @property
    def versions(self) -> dict[str, str]:
        """Versions of what it was made from, for the report; empty for files that we did not build."""
        if self.built is None or not (self.built / _VERSIONS).is_file():
            return {}
        loaded: dict[str, str] = json.loads((self.built / _VERSIONS).read_text())
        return loaded

    def digests(self) -> dict[str, str]:
        """SHA-256 of each artifact."""
        return {name: file_digest(path) for name, path in self.files.items()}


def silent(text: str) -> None:
    """A `progress` that nobody sees."""


def ensure(manifest: Manifest, cache: Cache | None = None, progress: Progress = silent) -> ImageSet:
    """The image set, built if it is not in the cache; every built byte is verified.

    :raise HostError: a package, a tool, the network or the disk is missing.
    """
    cache = cache or Cache(progress=progress)
    plain = {
        name: _existing(artifact) for name, artifact in manifest.artifacts.items() if artifact.build is None
    }
    inputs = {f"file {name}": file_digest(path) for name, path in plain.items()}
    inputs |= {f"manifest {path.name}": file_digest(path) for path in manifest.sources}
    if manifest.recipe is None:
        return ImageSet(manifest, _key(manifest, inputs), plain, None)
    built, hold = _built(manifest, cache, progress)
    files = {name: built / a.build for name, a in manifest.artifacts.items() if a.build is not None}
    key = _key(manifest, {**inputs, "built": built.name})
    return ImageSet(manifest, key, {**files, **plain}, built, hold)


def verify(manifest: Manifest, cache: Cache | None = None, progress: Progress = silent) -> list[str]:
    """What is wrong with the set as it lies there, one line each; nothing is built or repaired."""
    cache = cache or Cache(progress=progress)
    problems = []
    for artifact in manifest.artifacts.values():
        try:
            if artifact.build is None:
                _existing(artifact)
        except HostError as error:
            problems.append(str(error))
    if manifest.recipe is not None:
        key = recipe_key(manifest, cache, progress)
        problems += [f"{cache.path(key)}: {what}" for what in cache.verify(key)]
    return problems


_known: dict[str, str] = {}


def know(keys: Mapping[str, str]) -> None:
    """Keys of built sets, from a host that has the same sources: they need not be found out here again.

    So this host needs neither a compiler nor Debian packages, if the entries come from there too.
    """
    _known.update(keys)


def recipe_key(manifest: Manifest, cache: Cache, progress: Progress = silent) -> str:
    """Key of the cache entry that the manifest's recipe fills; the manifest must have one."""
    if manifest.name in _known:
        return _known[manifest.name]
    assert manifest.recipe is not None
    inputs = RECIPES[manifest.recipe].inputs(manifest.options, cache, progress)
    return f"{manifest.recipe}-{key_of(inputs.items())}"


def refresh(manifest: Manifest, cache: Cache) -> None:
    """Let the next `ensure` look for newer packages."""
    if manifest.recipe is not None:
        RECIPES[manifest.recipe].forget(cache)


class _Changed(Exception):
    """A source was edited while it was compiled: the result belongs to no key."""


def _built(manifest: Manifest, cache: Cache, progress: Progress) -> tuple[Path, Hold]:
    assert manifest.recipe is not None
    for _ in range(_ATTEMPTS):
        try:
            key = recipe_key(manifest, cache, progress)
            hold = cache.hold(key)
            built = cache.get(key, _Builder(manifest, key, cache, progress))
        except _Changed:
            progress(f"sources of {manifest.name} changed while they were built: once more")
            continue
        cache.prune(f"{manifest.recipe}-", _KEPT)
        return built, hold
    raise HostError(f"sources of {manifest.name} change all the time", hint="stop editing, then run it again")


@dataclass(frozen=True, slots=True)
class _Builder:
    """Fills the folder of the cache entry `key`."""

    manifest: Manifest
    key: str
    cache: Cache
    progress: Progress

    def __call__(self, out: Path) -> None:
        assert self.manifest.recipe is not None
        recipe = RECIPES[self.manifest.recipe]
        self.progress(f"building image set {self.manifest.name}")
        recipe.build(out, self.manifest.options, self.cache, self.progress)
        missing = [name for name in recipe.outputs if not (out / name).is_file()]
        if missing:
            raise HostError(f"recipe '{self.manifest.recipe}' has not made {', '.join(missing)}")
        if recipe_key(self.manifest, self.cache) != self.key:
            raise _Changed


def _existing(artifact: ArtifactDesc) -> Path:
    assert artifact.file is not None
    if artifact.file.is_file():
        return artifact.file
    what = f"{artifact.name}: no file {artifact.file}"
    if artifact.package is None:
        raise HostError(what, where=artifact.where)
    raise ToolMissing(what, where=artifact.where, hint=f"install the Debian package {artifact.package}")


def _key(manifest: Manifest, inputs: Mapping[str, str]) -> str:
    return f"{manifest.name}-{key_of(inputs.items())}"
