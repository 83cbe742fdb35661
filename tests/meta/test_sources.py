# SPDX-License-Identifier: GPL-2.0-only
"""Rules that hold for every source file: licence, size, and what may not be imported or named."""

import ast
import re
from pathlib import Path

import pytest

from tests.meta.tree import ROOT, files, imports, parsed, place, python_files

MOST_LINES = 400
MOST_FUNCTION_LINES = 60
LICENCE = "SPDX-License-Identifier: GPL-2.0-only"

_CODE = {".py", ".c", ".h", ".S"}
_COMMENTED = {*_CODE, ".lds", ".dts", ".dtso", ".dtsi", ".yaml", ".yml", ".ini", ".toml", ".in", ".sh"}
_COMMENTED_NAMES = {"Makefile", "Kbuild", "run", "init"}
_REGISTRIES = re.compile(r"\bpy(pi|thonhosted)\.org\b|\b(deb|security)\.debian\.org\b")
_HOMES = re.compile(rf"(?<![\w.])/home/\w+|{re.escape(str(ROOT))}(?!\w)")

# Module, and the only files or folders that may import it.
_SOLE_IMPORTERS = {
    "time": ("harness/deadline.py",),
    "subprocess": ("harness/proc.py", "harness/bootstrap"),
    "unittest.mock": (),
    "mock": (),
}


def _has_licence(path: Path) -> bool:
    lines = path.read_text().splitlines()[:2]
    head = lines[1:] if lines and lines[0].startswith("#!") else lines[:1]
    return any(LICENCE in line for line in head)


def _is_commented(path: Path) -> bool:
    return path.suffix in _COMMENTED or path.name in _COMMENTED_NAMES


def test_every_source_names_its_licence_in_the_first_line() -> None:
    assert [place(path) for path in files() if _is_commented(path) and not _has_licence(path)] == []


def test_no_source_is_too_long() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in files() if path.suffix in _CODE}
    assert {place(path): lines for path, lines in lengths.items() if lines > MOST_LINES} == {}


def test_no_function_is_too_long() -> None:
    wrong = [
        f"{place(path, node.lineno)}: {node.name} has {node.end_lineno - node.lineno + 1} lines"
        for path in python_files()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > MOST_FUNCTION_LINES
    ]
    assert wrong == []


@pytest.mark.parametrize("module", _SOLE_IMPORTERS)
def test_a_module_with_a_sole_owner_is_imported_there_only(module: str) -> None:
    allowed = _SOLE_IMPORTERS[module]
    wrong = [
        place(path, line)
        for path in python_files()
        if not str(path.relative_to(ROOT)).startswith(allowed)
        for name, line in imports(path)
        if name == module or name.startswith(f"{module}.")
    ]
    assert wrong == []


def test_no_file_names_a_place_of_one_machine() -> None:
    wrong = []
    for path in files():
        if path == Path(__file__).resolve():
            continue
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            if _REGISTRIES.search(line) or _HOMES.search(line) or str(ROOT) in line:
                wrong.append(f"{place(path, number)}: {line.strip()}")
    assert wrong == []


def test_no_code_is_switched_off() -> None:
    wrong = [
        place(path, number)
        for path in files()
        if path.suffix in {".c", ".h", ".S"}
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if re.match(r"\s*#\s*if\s+0\b", line)
    ]
    assert wrong == []


def test_the_licence_is_there_in_full() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert "GNU GENERAL PUBLIC LICENSE" in text
    assert "Version 2, June 1991" in text
