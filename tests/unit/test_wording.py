# SPDX-License-Identifier: GPL-2.0-only
"""Lines that people read."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.wording import counted, fault_of


def test_one_and_many() -> None:
    assert [counted(number, "run") for number in (0, 1, 2)] == ["0 runs", "1 run", "2 runs"]


@pytest.mark.parametrize(("read", "told"), [
    (lambda: Path("/nowhere/at/all").read_text(), "No such file or directory"),
    (lambda: json.loads("[\n]]"), "no JSON at line 2: Extra data"),
    (lambda: json.loads("{}")["facts"], "it lacks 'facts'"),
    (lambda: int(json.loads('"many"')), "invalid literal for int() with base 10: 'many'"),
    (lambda: json.loads("3")["facts"],
     "a value of another kind than it must be ('int' object is not subscriptable)"),
])
def test_why_a_file_cannot_be_taken(read: Callable[[], object], told: str) -> None:
    with pytest.raises(Exception) as caught:
        read()
    assert fault_of(caught.value) == told
