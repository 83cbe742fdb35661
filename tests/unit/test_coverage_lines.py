# SPDX-License-Identifier: GPL-2.0-only
"""Lines that the host build reaches: what is missed, and which files it does not hold, are named."""

from pathlib import Path

import pytest

from harness.coverage import lines
from harness.hosttest.coverage import FileCoverage

STORE = FileCoverage("images/agency/modules/vbstore/tree.c", 40, 36, (3, 7, 8, 9))
RING = FileCoverage("images/me/soo/ring.c", 10, 10, ())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path in (STORE.path, RING.path, "images/me/soo/vbus/link.c", "images/me/kernel/main.c"):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    return tmp_path


def test_files_of_no_program_are_named(root: Path) -> None:
    assert lines.outside([STORE, RING], root) == ("images/me/soo/vbus/link.c",)
    assert lines.outside([RING], root) == (STORE.path, "images/me/soo/vbus/link.c")


def test_numbers_in_a_row_are_one_range() -> None:
    assert lines.ranges([3, 7, 8, 9, 12, 13]) == "3, 7-9, 12-13"
    assert lines.ranges([]) == ""


def test_each_file_the_sum_and_what_is_left(root: Path) -> None:
    plain = FileCoverage("images/include/abi/types.h", 0, 0, ())
    assert list(lines.report([STORE, RING, plain], root)) == [
        "lines of the guests' sources, by the host build",
        "  images/agency/modules/vbstore/tree.c     36 of    40   90.0 %  not 3, 7-9",
        "  images/me/soo/ring.c                     10 of    10  100.0 %",
        "46 of 50 lines: 92.0 %",
        "in no program of the host: images/me/soo/vbus/link.c"]


def test_nothing_at_all(tmp_path: Path) -> None:
    assert list(lines.report([], tmp_path))[1:] == ["0 of 0 lines: 0.0 %"]


def test_values_for_programs(root: Path) -> None:
    values = lines.as_values([STORE], root)
    assert values["outside"] == ["images/me/soo/ring.c", "images/me/soo/vbus/link.c"]
    assert values["files"] == [{"path": STORE.path, "lines": 40, "covered": 36, "missed": (3, 7, 8, 9)}]
