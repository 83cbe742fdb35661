# SPDX-License-Identifier: GPL-2.0-only
"""A layer of the harness imports only layers below it."""

import sys
from pathlib import Path

from tests.meta.tree import ROOT, imports, place, python_files

# Lowest first. What is on one line may not import what is on the same line.
LAYERS = (
    ("errors", "arguments", "health", "wording"),
    ("outcome", "deadline", "grammar", "output"),
    ("proc", "service", "yamlnode"),
    ("abi",),
    ("model",),
    ("check",),
    ("dt",),
    ("fit", "cache", "symbols"),
    ("qemu",),
    ("images", "hosttest", "terminal", "schedule", "hosts"),
    ("guest",),
    ("diagnose",),
    ("scenario",),
    ("report", "completion", "coverage", "create"),
    ("nights", "bench"),
    ("explore", "hunt", "debug"),
    ("repro",),
    ("pytest_plugin",),
    ("commands",),
    ("cli",),
    ("bootstrap",),
    ("__main__",),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
STANDARD_ONLY = ("arguments", "bootstrap", "errors", "cli", "grammar", "health", "output", "__main__")


def layer_of(path: Path) -> str:
    return path.relative_to(ROOT / "harness").with_suffix("").parts[0]


def upward(layer: str, module: str) -> bool:
    """Whether an import breaks the order."""
    parts = module.split(".")
    if parts[0] != "harness" or len(parts) < 2 or parts[1] == layer:
        return False
    return parts[1] in LEVEL and LEVEL[parts[1]] >= LEVEL[layer]


def test_every_part_of_the_harness_has_a_layer() -> None:
    there = {layer_of(path) for path in python_files("harness")} - {"__init__"}
    assert there == set(LEVEL)


def test_imports_go_down() -> None:
    wrong = [
        f"{place(path, line)}: {layer_of(path)} imports {module}"
        for path in python_files("harness")
        if layer_of(path) != "__init__"
        for module, line in imports(path)
        if upward(layer_of(path), module)
    ]
    assert wrong == []


def test_an_upward_import_is_noticed() -> None:
    assert upward("model", "harness.qemu.machine")
    assert upward("check", "harness.guest")
    assert not upward("qemu", "harness.model.ring")


def test_what_runs_before_the_environment_needs_the_standard_library_only() -> None:
    allowed = {*sys.stdlib_module_names, "harness"}
    wrong = [
        f"{place(path, line)}: {module}"
        for path in python_files("harness")
        if layer_of(path) in STANDARD_ONLY
        for module, line in imports(path)
        if module.split(".")[0] not in allowed
    ]
    assert wrong == []


def test_what_runs_before_the_environment_imports_nothing_else_of_ours() -> None:
    allowed = {*STANDARD_ONLY}
    wrong = [
        f"{place(path, line)}: {module}"
        for path in python_files("harness")
        if layer_of(path) in STANDARD_ONLY
        for module, line in imports(path)
        if module.startswith("harness.") and module.split(".")[1] not in allowed
    ]
    assert wrong == []
