# SPDX-License-Identifier: GPL-2.0-only
"""Files of a stored run laid out so that they can be run: the scenario with its trees, the image set."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from harness.errors import UsageError
from harness.repro.recipe import Recipe
from harness.repro.values import dumped, values_of
from harness.scenario.schema import FOLDER
from harness.yamlnode import Node, load

_MERGED = ("machine", "artifacts", "options")
_DROPPED = ("extends", "recipe", "options")


def scenario_of(recipe: Recipe, work: Path) -> Path:
    """The scenario of a run, in a place that gives it the same name, with the run's own trees.

    Each name of a tree in it is replaced by the path of the copy; lines stay what they are.

    :param work: an empty folder.
    :raise UsageError: scenario and trees do not fit together
    """
    name = recipe.name.partition("::")[0]
    below = work / FOLDER if "/" in name else work
    target = below / f"{name}{recipe.scenario.suffix}"
    if not target.resolve().is_relative_to(work.resolve()):
        raise UsageError(f"a scenario called {name!r} is refused", where=str(recipe.folder))
    target.parent.mkdir(parents=True, exist_ok=True)
    if recipe.test:
        shutil.copyfile(recipe.scenario, target)
        return target
    names = [os.path.relpath(path, target.parent) for path in recipe.trees]
    target.write_text(with_trees(recipe.scenario, names))
    return target


def with_trees(path: Path, names: Sequence[str]) -> str:
    """The text of a scenario with other names of trees, in the order of `origin.trees_of`.

    :raise UsageError: it names more trees, or fewer
    """
    text = path.read_text(encoding="utf-8")
    nodes = list(_trees(load(path)))
    if len(nodes) != len(names):
        raise UsageError(f"names {len(nodes)} device trees, and {len(names)} were kept", where=str(path))
    spans = {(node.raw.start_mark.index, node.raw.end_mark.index): name
             for node, name in zip(nodes, names, strict=True)}
    for (begin, end), name in sorted(spans.items(), reverse=True):
        quoted = name.replace("'", "''")
        text = f"{text[:begin]}'{quoted}'{text[end:]}"
    return text


def _trees(top: Node) -> Iterator[Node]:
    entries = top.entries()
    sides = [entries[key] for key in ("agency",) if key in entries]
    sides += entries["mes"].sequence() if "mes" in entries else []
    for side in sides:
        parts = side.entries() if side.is_mapping else {}
        if "base" in parts:
            yield parts["base"]
        if "overlays" in parts:
            yield from parts["overlays"].sequence()


def image_set_of(recipe: Recipe, work: Path, files: Mapping[str, Path]) -> Path:
    """A folder with one manifest: the image set of a run as it was, of files that are there.

    :param files: of each artifact.
    :raise SchemaError: the manifests that the run has kept make no set
    """
    layers = [values_of(path.read_text(encoding="utf-8"), path) for path in recipe.manifests]
    top: dict[str, object] = {}
    for layer in reversed(layers):
        parts = {key: {**_mapping(top.get(key)), **layer[key]} for key in _MERGED if key in layer}
        top |= {**layer, **parts}
    top = {key: value for key, value in top.items() if key not in _DROPPED}
    top["artifacts"] = {name: {"file": str(path.absolute())} for name, path in files.items()}
    if recipe.me_base is not None:
        top["me"] = {**_mapping(top["me"]), "base": str(recipe.me_base)}
    if "agency_tree" in top:
        base = str(recipe.agency_base) if recipe.agency_base is not None else "qemu"
        top["agency_tree"] = {"base": base, "overlays": [str(path) for path in recipe.agency_overlays]}
    folder = work / "images"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{recipe.set_name}.yaml").write_text(dumped(top))
    return folder


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}
