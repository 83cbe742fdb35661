# SPDX-License-Identifier: GPL-2.0-only
"""The files of this repository, for tests about all of them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_FOLDERS = ("harness", "images", "dts", "scenarios", "tests", ".ci", "ci")
_BINARY = {".pyc", ".dtb", ".itb", ".bin", ".elf", ".gz", ".zip"}


@cache
def files() -> tuple[Path, ...]:
    """All text files that belong to the project, sorted."""
    found = [path for path in ROOT.iterdir() if path.is_file() and not path.name.startswith(".")]
    for folder in _FOLDERS:
        found += [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    return tuple(sorted(path for path in found if path.suffix not in _BINARY))


def python_files(*folders: str) -> Iterator[Path]:
    """Python files, of all folders or of those named."""
    for path in files():
        if path.suffix == ".py" and (not folders or path.relative_to(ROOT).parts[0] in folders):
            yield path


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(path.read_text(), filename=str(path))


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Modules that a file imports, at its top or inside functions, with their lines."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
            yield node.module, node.lineno
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.lineno


def place(path: Path, line: int = 1) -> str:
    """``file:line`` below the root."""
    return f"{path.relative_to(ROOT)}:{line}"
