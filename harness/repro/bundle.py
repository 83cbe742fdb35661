# SPDX-License-Identifier: GPL-2.0-only
"""A run as one file that stands alone: its folder and the files of its image set, `tar.xz`.

    bundle.json     revision, name of the run, digest of each artifact
    run/...         the folder of the run, but for what is made from the rest
    blobs/SHA256    each file of the image set under its digest

The same run gives the same bytes. What is unpacked was perhaps made by somebody else: only plain files
below the folder are written, no more than was promised, and each blob must have its digest.
"""

from __future__ import annotations

import io
import json
import lzma
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath

from harness.cache.digest import file_digest
from harness.errors import HostError, UsageError
from harness.output import beside, deliver
from harness.repro.recipe import Artifact, Recipe, read_recipe
from harness.scenario import dumped

SUFFIX = ".tar.xz"
REVISION = 1
_HEAD = "bundle.json"
_RUN, _BLOBS = "run", "blobs"
# Half a minute of compressing for the last tenth is not worth it: 11 MB in 6 s against 9 MB in 20 s.
_PRESET = 2
# Disks and the initramfs with the MEs are made again from the rest.
_MADE = (".tar", ".raw", ".cpio")
# A dump is for debuggers here: it names files of this host, and has the size of the guest's memory.
_DUMPED = (dumped.CORE, dumped.FACTS)
_LARGEST = 2 << 30


def pack(recipe: Recipe, target: Path) -> Mapping[str, int]:
    """Write the bundle of a run; it is there when it is complete.

    :return: bytes before packing, by part: ``run`` and ``images``.
    :raise HostError: a file of the image set is gone or changed, or the bundle cannot be written
    """
    for name, artifact in recipe.artifacts.items():
        if not artifact.file.is_file() or file_digest(artifact.file) != artifact.sha256:
            raise HostError(f"{name} is not there any more as it was in the run", where=str(artifact.file),
                            hint="check out the version that ran, and run 'images build'")
    partial = beside(target)
    sizes = {"run": 0, "images": 0}
    try:
        with lzma.open(partial, "wb", preset=_PRESET) as packed, \
                tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
            _add(archive, _HEAD, _head(recipe))
            for path in _files(recipe.folder):
                name = path.relative_to(recipe.folder).as_posix()
                sizes["run"] += _add_file(archive, f"{_RUN}/{name}", path)
            for sha256, path in _blobs(recipe):
                sizes["images"] += _add_file(archive, f"{_BLOBS}/{sha256}", path)
        deliver(partial, target)
    except OSError as error:
        raise HostError(f"cannot write the bundle: {error.strerror}", where=str(target)) from error
    finally:
        with suppress(OSError):  # where nothing can be written there is nothing to remove
            partial.unlink(missing_ok=True)
    return sizes


def unpack(file: Path, folder: Path) -> Recipe:
    """Unpack a bundle into an empty folder and read the run in it.

    :raise UsageError: it is none, is damaged, or holds what a bundle must not
    :raise HostError: it cannot be read or written
    """
    try:
        with tarfile.open(file, "r:xz") as archive:
            _extract(archive, folder, str(file))
    except (tarfile.TarError, lzma.LZMAError, EOFError, KeyError) as error:
        raise UsageError(f"is no bundle, or a damaged one: {error}", where=str(file),
                         hint="'harness bundle RUN' makes one") from error
    except OSError as error:
        raise HostError(f"cannot unpack: {error.strerror or error}", where=str(file)) from error
    recipe = read_recipe(folder / _RUN)
    return replace(recipe, artifacts=_artifacts(folder, recipe, str(file)))


def is_bundle(path: Path) -> bool:
    """Whether it is a file, and so a bundle if anything."""
    return path.is_file()


def _extract(archive: tarfile.TarFile, folder: Path, where: str) -> None:
    left = _LARGEST
    for member in archive:
        place = PurePosixPath(member.name)
        outside = place.is_absolute() or ".." in place.parts or "\0" in member.name
        if outside or not member.isreg() or place.parts[:1] not in (("run",), ("blobs",), (_HEAD,)):
            raise UsageError(f"holds {member.name!r}, which is refused", where=where,
                             hint="only plain files below run/ and blobs/ are taken")
        left -= member.size
        if left < 0:
            raise UsageError(f"holds more than {_LARGEST >> 30} GiB", where=where)
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        source = archive.extractfile(member)
        assert source is not None
        with target.open("xb") as out:
            shutil.copyfileobj(source, out)


def _artifacts(folder: Path, recipe: Recipe, where: str) -> Mapping[str, Artifact]:
    """The files of the image set, each looked at."""
    try:
        head = json.loads((folder / _HEAD).read_text())
        revision, listed = head["revision"], dict(head["artifacts"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError("is no bundle: its list cannot be read", where=where) from error
    if revision != REVISION:
        raise UsageError(f"is a bundle of revision {revision}; this is for {REVISION}", where=where,
                         hint="use the version of the harness that made it")
    found = {name: Artifact(folder / _BLOBS / str(sha256), str(sha256)) for name, sha256 in listed.items()}
    for name, artifact in found.items():
        plain = "/" not in artifact.sha256 and artifact.file.is_file()
        if not plain or file_digest(artifact.file) != artifact.sha256:
            raise UsageError(f"{name} is damaged or missing", where=where, hint="make the bundle again")
    return found


def _head(recipe: Recipe) -> bytes:
    artifacts = {name: artifact.sha256 for name, artifact in sorted(recipe.artifacts.items())}
    values = {"revision": REVISION, "run": recipe.folder.resolve().name, "artifacts": artifacts}
    return (json.dumps(values, indent=1) + "\n").encode()


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix()):
        wanted = path.suffix not in _MADE and path.name not in _DUMPED
        if wanted and path.is_file() and not path.is_symlink():
            yield path


def _blobs(recipe: Recipe) -> Iterator[tuple[str, Path]]:
    yield from sorted({artifact.sha256: artifact.file for artifact in recipe.artifacts.values()}.items())


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)  # no owner, no time: the same run gives the same bytes
    entry.size = len(data)
    archive.addfile(entry, io.BytesIO(data))


def _add_file(archive: tarfile.TarFile, name: str, path: Path) -> int:
    data = path.read_bytes()
    _add(archive, name, data)
    return len(data)

