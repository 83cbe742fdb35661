# SPDX-License-Identifier: GPL-2.0-only
"""What a scenario may expect of one path of the store."""

import re

import pytest

from harness.scenario.store import Wanted, children

TREE = {"backend": None, "backend/vdummy": None, "backend/vdummy/2": None, "backend/vdummy/2/state": "4",
        "backendx": None}


@pytest.mark.parametrize("wanted", [
    Wanted("backend/vdummy/2/state", equals="4"),
    Wanted("backend/vdummy/2/state", matches=re.compile("[0-9]+")),
    Wanted("backend/vuart", absent=True),
    Wanted("backend", absent=False),
    Wanted("backend", children=("vdummy",)),
    Wanted("backendx", children=()),
])
def test_fine(wanted: Wanted) -> None:
    assert wanted.judge(TREE) is None


@pytest.mark.parametrize(("wanted", "told"), [
    (Wanted("backend/vdummy/2/state", equals="6"), ("'6'", "'4'")),
    (Wanted("backend", equals="6"), ("'6'", "a directory")),
    (Wanted("none", equals="6"), ("'6'", "absent")),
    (Wanted("backend/vdummy/2/state", matches=re.compile("[a-z]")), ("a match of '[a-z]'", "'4'")),
    (Wanted("backend", absent=True), ("absent", "a directory")),
    (Wanted("none", absent=False), ("present", "absent")),
    (Wanted("backend", children=()), ("children none", "children vdummy")),
    (Wanted("none", children=()), ("children none", "absent")),
])
def test_not_fine(wanted: Wanted, told: tuple[str, str]) -> None:
    assert wanted.judge(TREE) == told


def test_children() -> None:
    assert children(TREE, "backend") == ["vdummy"]
    assert children(TREE, "") == ["backend", "backendx"]
