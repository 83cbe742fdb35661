# SPDX-License-Identifier: GPL-2.0-only
"""The headers and harness/abi agree on every size, offset and constant; the compiler is the judge."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.abi import layout, ring, vbstore
from harness.deadline import Deadline
from harness.proc import run

ROOT = Path(__file__).resolve().parents[2]
HEADERS = ROOT / "images/include/abi"
SOURCE = ROOT / "images/hosttest/abi_json.c"

Table = dict[str, dict[str, int]]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Table:
    program = tmp_path_factory.mktemp("abi") / "abi_json"
    deadline = Deadline.after(60, "the ABI table")
    run(["gcc", "-std=gnu11", "-Wall", "-Wextra", "-Werror", f"-I{HEADERS}", str(SOURCE), "-o", str(program)],
        deadline=deadline)
    printed: Table = json.loads(run([str(program)], deadline=deadline).stdout)
    return printed


def test_sizes(table: Table) -> None:
    assert table["sizes"] == layout.sizes()


def test_offsets(table: Table) -> None:
    assert table["offsets"] == layout.offsets()


def test_constants(table: Table) -> None:
    assert table["constants"] == layout.constants()


def test_functions(table: Table) -> None:
    counted: dict[str, Callable[..., int]] = {
        "ring_entry_count": ring.entry_count, "vbs_msg_space": vbstore.msg_space}
    assert len(table["functions"]) == 8
    for call, value in table["functions"].items():
        name, _, arguments = call.rstrip(")").partition("(")
        assert counted[name](*(int(argument) for argument in arguments.split(","))) == value


def _text() -> str:
    text = "\n".join(path.read_text() for path in sorted(HEADERS.glob("*.h")))
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def test_nothing_of_the_headers_is_left_out(table: Table) -> None:
    text = _text()
    number = r"[(]?-?(?:0x[0-9a-fA-F]+|[0-9]+)u?[)]?"
    macros = re.findall(rf"^#define\s+([A-Z]\w+)[ \t]+{number}\s*$", text, re.MULTILINE)
    enumerators = [name for body in re.findall(r"\benum\s+\w+\s*\{(.*?)\}", text, re.DOTALL)
                   for name in re.findall(r"\b([A-Z]\w+)\s*=", body)]
    structures = set(re.findall(r"^struct\s+(\w+)\s*\{", text, re.MULTILINE)) - {"ring"}  # one half's own
    assert len(macros) > 20
    assert len(enumerators) > 50
    assert {*macros, *enumerators} <= table["constants"].keys()
    assert structures == table["sizes"].keys()
