# SPDX-License-Identifier: GPL-2.0-only
"""Reading an image set's manifest; the sets in `images/` show the format.

A set may extend another one: what it states replaces the parent's part of that name, and for the
mappings `machine`, `artifacts` and `options` entry by entry.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from string import Formatter

from harness.images.recipes import RECIPES
from harness.images.schema_console import read_consoles
from harness.images.schema_machine import MACHINE_KEYS, read_machine
from harness.images.types import ArtifactDesc, BootDesc, ConsoleDesc, Manifest, MeDesc, TreeDesc
from harness.yamlnode import Node, load, nearest

FileOf = Callable[[str, str], Path]

_REQUIRED = ("about", "machine", "consoles", "boot")
_TOP = (*_REQUIRED, "extends", "features", "recipe", "options", "artifacts", "agency_tree", "me", "events")
_BOOT_S = 60.0


def read_manifest(path: Path, file_of: FileOf) -> Manifest:
    """Read and check one manifest.

    :param file_of: gives the manifest file of an extended set, from its name and the place that asks.
    :raise SchemaError: anything unknown, missing, of a wrong type, or naming what is not there.
    """
    layers = _layers(path, file_of)
    top = _merged([layer.mapping(optional=_TOP) for layer in layers])
    for key in _REQUIRED:
        if key not in top:
            raise layers[0].error(f"key '{key}' is missing")
    recipe = top["recipe"].string(RECIPES) if "recipe" in top else None
    artifacts = _artifacts(_part(layers, "artifacts"), recipe)
    consoles = read_consoles(top["consoles"])
    names = [console.name for console in consoles]
    return Manifest(
        name=path.stem,
        about=top["about"].string(),
        path=path,
        sources=tuple(layer.path for layer in layers),
        machine=read_machine(_part(layers, "machine", MACHINE_KEYS), top["machine"], artifacts),
        artifacts=artifacts,
        consoles=consoles,
        boot=_boot(top["boot"], consoles),
        features=_features(top.get("features")),
        recipe=recipe,
        options=_options(_part(layers, "options"), recipe),
        agency_tree=_tree(top["agency_tree"]) if "agency_tree" in top else None,
        me=_me(top["me"], artifacts, names) if "me" in top else None,
        events=reference(top["events"], names) if "events" in top else None,
    )


def reference(node: Node, known: list[str]) -> str:
    """A name that must be one of those defined elsewhere in the manifest."""
    return node.string(known)


def _layers(path: Path, file_of: FileOf) -> list[Node]:
    """The manifest and what it extends, itself first."""
    layers = [load(path)]
    while (extends := layers[-1].entries().get("extends")) is not None:
        parent = file_of(extends.string(), extends.where)
        if parent in [layer.path for layer in layers]:
            raise extends.error(f"'{extends.string()}' extends this one in turn")
        layers.append(load(parent))
    return layers


def _merged(layers: list[dict[str, Node]]) -> dict[str, Node]:
    merged: dict[str, Node] = {}
    for layer in reversed(layers):
        merged.update(layer)
    return merged


def _part(layers: list[Node], key: str, valid: tuple[str, ...] | None = None) -> dict[str, Node]:
    """One mapping of the manifest, merged entry by entry over the layers."""
    nodes = [node for node in (layer.entries().get(key) for layer in layers) if node is not None]
    return _merged([node.entries() if valid is None else node.mapping(optional=valid) for node in nodes])


def _artifacts(part: dict[str, Node], recipe: str | None) -> dict[str, ArtifactDesc]:
    return {name: _artifact(name, node, recipe) for name, node in part.items()}


def _artifact(name: str, node: Node, recipe: str | None) -> ArtifactDesc:
    entries = node.mapping(optional=("build", "file", "package"))
    if ("build" in entries) == ("file" in entries):
        raise node.error("give either 'build' (an output of the recipe) or 'file'")
    if "build" in entries:
        if recipe is None:
            raise entries["build"].error("there is no 'recipe' that could build it")
        if "package" in entries:
            raise entries["package"].error("a file that is built comes from no package")
        output = entries["build"].string(RECIPES[recipe].outputs)
        return ArtifactDesc(name, output, None, None, node.where)
    if "package" not in entries:
        return ArtifactDesc(name, None, entries["file"].file(), None, node.where)
    path = Path(entries["file"].string())
    if not path.is_absolute():
        raise entries["file"].error("a file of a package needs its full path")
    return ArtifactDesc(name, None, path, entries["package"].string(), node.where)


def _options(part: dict[str, Node], recipe: str | None) -> dict[str, bool]:
    known = RECIPES[recipe].options if recipe else ()
    for name, node in part.items():
        if name not in known:
            raise node.error("unknown option", nearest(name, known))
    return {name: node.boolean() for name, node in part.items()}


def _features(node: Node | None) -> frozenset[str]:
    return frozenset(item.string() for item in node.sequence()) if node else frozenset()


def _tree(node: Node) -> TreeDesc:
    entries = node.mapping(required=("base",), optional=("overlays",))
    base = entries["base"]
    overlays = entries["overlays"].sequence() if "overlays" in entries else []
    return TreeDesc(
        base="qemu" if base.string() == "qemu" else base.file(),
        overlays=tuple(item.file() for item in overlays),
    )


def _me(node: Node, artifacts: dict[str, ArtifactDesc], consoles: list[str]) -> MeDesc:
    entries = node.mapping(required=("base", "kernel", "load", "slots", "console"), optional=("entry",))
    load_address = entries["load"].integer(minimum=0)
    slots = tuple(item.integer(minimum=1) for item in entries["slots"].sequence())
    if not slots:
        raise entries["slots"].error("an ME needs at least one slot")
    console = entries["console"].string()
    try:
        fields = {field for _, field, _, _ in Formatter().parse(console) if field is not None}
    except ValueError as error:
        raise entries["console"].error(f"not a format: {error}") from error
    if fields != {"slot"}:
        raise entries["console"].error("expected a name with {slot} in it")
    for slot in slots:
        name = console.format(slot=slot)
        if name not in consoles:
            raise entries["console"].error(f"there is no console '{name}'", nearest(name, consoles))
    return MeDesc(
        base=entries["base"].file(),
        kernel=reference(entries["kernel"], list(artifacts)),
        load=load_address,
        entry=entries["entry"].integer(minimum=0) if "entry" in entries else load_address,
        slots=slots,
        console=console,
    )


def _boot(node: Node, consoles: tuple[ConsoleDesc, ...]) -> BootDesc:
    entries = node.mapping(required=("console",), optional=("deadline",))
    name = reference(entries["console"], [console.name for console in consoles])
    for console in consoles:
        if console.name == name and console.prompt is None and not console.milestones:
            raise entries["console"].error(f"console '{name}' has neither prompt nor milestones to boot to")
    return BootDesc(name, entries["deadline"].duration() if "deadline" in entries else _BOOT_S)
