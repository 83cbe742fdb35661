# SPDX-License-Identifier: GPL-2.0-only
"""Folders of runs: new ones, and how many are kept."""

import os
from pathlib import Path

import pytest

from harness.deadline import wall_clock
from harness.errors import HostError
from harness.scenario import folder


def finished(root: Path, number: int) -> Path:
    made = root / f"20260101-{number:06}-x"
    made.mkdir(parents=True)
    (made / "result.json").write_text("{}")
    return made


def test_the_name_says_when_and_what(tmp_path: Path) -> None:
    made = folder.create(tmp_path, "links/both on::x")
    assert made.is_dir()
    assert "links-both-on-x" in made.name


def test_two_runs_at_once_have_two_folders(tmp_path: Path) -> None:
    assert folder.create(tmp_path, "a") != folder.create(tmp_path, "a")


def test_only_the_newest_are_kept_and_unfinished_ones_are_left_alone(tmp_path: Path) -> None:
    old = [finished(tmp_path, number) for number in range(305)]
    busy = tmp_path / "20250101-000000-busy"
    busy.mkdir()
    folder.create(tmp_path, "new")
    assert [path.exists() for path in old] == [False] * 5 + [True] * 300
    assert busy.exists()


def test_a_run_that_was_killed_goes_a_day_later(tmp_path: Path) -> None:
    for number in range(300):
        finished(tmp_path, number)
    killed = tmp_path / "20250101-000000-killed"
    killed.mkdir()
    long_ago = wall_clock().timestamp() - 100_000
    os.utime(killed, (long_ago, long_ago))
    theirs = tmp_path / "my-notes"
    theirs.mkdir()
    os.utime(theirs, (long_ago, long_ago))
    folder.create(tmp_path, "new")
    assert (killed.exists(), theirs.exists()) == (False, True)


def test_a_root_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HostError, match="cannot make a run folder: Not a directory"):
        folder.create(tmp_path / "file", "x")
