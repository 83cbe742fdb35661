# SPDX-License-Identifier: GPL-2.0-only
"""What a run was made from, kept in its folder as it was then: sources may change, or be on another host.

    scenario.yaml, .py   the file as it was read
    origin/              each device tree source that was named, and the manifests of the image set
    origin.json          which of them is what, and the mode of the run

The images are in the cache; `manifest.json` has their digests. `harness.repro` makes a run of it again.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from harness.dt.build import load
from harness.errors import DtError, HostError
from harness.images.store import ImageSet
from harness.scenario.model import AgencySpec, MeSpec, Scenario
from harness.scenario.result import Options

FILE = "origin.json"
FOLDER = "origin"
_INCLUDING = (b"/include/", b"/incbin/")
_COMPILED = {".dts": ".dtb", ".dtso": ".dtbo"}


def keep(scenario: Scenario, images: ImageSet, options: Options, run_dir: Path) -> None:
    """Copy what the run is made from into its folder.

    :raise HostError: a file cannot be read or written
    """
    manifest = images.manifest
    copies = _Copies(run_dir)
    tree = manifest.agency_tree
    base = tree.base if tree is not None and isinstance(tree.base, Path) else None
    try:
        shutil.copyfile(scenario.path, run_dir / f"scenario{scenario.path.suffix}")
        origin = {
            "scenario": scenario.name,
            "test": scenario.test,
            "where": str(scenario.path),
            "seed": options.seed,
            "deterministic": options.deterministic,
            "cold": options.cold,
            "set": manifest.name,
            "set_chosen": options.image_set is not None,
            "set_folder": str(manifest.path.parent),
            "trees": [copies.tree(path) for path in trees_of(scenario)],
            "manifests": [copies.plain(path) for path in manifest.sources],
            "agency_base": copies.tree(base) if base is not None else "",
            "agency_overlays": [copies.tree(path) for path in tree.overlays] if tree is not None else [],
            "me_base": copies.tree(manifest.me.base) if manifest.me is not None else "",
        }
        (run_dir / FILE).write_text(json.dumps(origin, indent=1) + "\n")
    except OSError as error:
        raise HostError(f"cannot keep what the run is made from: {error.strerror}",
                        where=str(error.filename or run_dir)) from error


def trees_of(scenario: Scenario) -> Iterator[Path]:
    """The device tree sources that a scenario names, in the order of `agency`, then `mes`."""
    sides: tuple[AgencySpec | MeSpec, ...] = (scenario.agency, *scenario.mes)
    for side in sides:
        if side.base is not None:
            yield side.base
        yield from side.overlays


class _Copies:
    """Files copied into `origin/`, each once, under names that differ."""

    def __init__(self, run_dir: Path) -> None:
        self._run_dir = run_dir
        self._folder = run_dir / FOLDER
        self._folder.mkdir()
        self._known: dict[Path, str] = {}

    def plain(self, path: Path) -> str:
        """Copy a file; its new name, relative to the run's folder."""
        if path not in self._known:
            self._put(path, path.read_bytes(), path.suffix)
        return self._known[path]

    def tree(self, path: Path) -> str:
        """The same for a device tree source; one that includes others is compiled, which leaves one file."""
        if path in self._known:
            return self._known[path]
        data, suffix = path.read_bytes(), path.suffix
        if suffix in _COMPILED and any(word in data for word in _INCLUDING):
            with suppress(DtError):  # the run says what is wrong with it
                data, suffix = load(path), _COMPILED[suffix]
        self._put(path, data, suffix)
        return self._known[path]

    def _put(self, path: Path, data: bytes, suffix: str) -> None:
        file, number = self._folder / f"{path.stem}{suffix}", 1
        while file.exists():
            number += 1
            file = self._folder / f"{path.stem}-{number}{suffix}"
        file.write_bytes(data)
        self._known[path] = file.relative_to(self._run_dir).as_posix()
