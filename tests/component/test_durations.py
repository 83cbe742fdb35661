# SPDX-License-Identifier: GPL-2.0-only
"""Recorded durations: several writers, damaged files, disks that refuse."""

import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from harness.deadline import Deadline
from harness.errors import UsageError
from harness.proc import Child
from harness.schedule.durations import Durations, key_of, read_file, write_file

REPOSITORY = Path(__file__).resolve().parents[2]
WRITER = """
import pathlib, sys
from harness.schedule.durations import Durations
for number in range(40):
    Durations(pathlib.Path(sys.argv[1])).record([(f"{sys.argv[2]}-{number}", 1.0), ("shared", number)])
"""


def test_the_median_of_the_last_five(tmp_path: Path) -> None:
    durations = Durations(tmp_path / "new" / "d.sqlite3")
    assert durations.known() == {}
    for seconds in (100.0, 100.0, 100.0, 1.0, 2.0, 3.004, 4.0, 90.0):
        durations.record([("a", seconds)])
    durations.record([("b", 0.5)])
    assert durations.known() == {"a": 3.0, "b": 0.5}


def test_ways_to_run_are_apart() -> None:
    ways = [{}, {"cold": True}, {"deterministic": True}, {"cold": True, "deterministic": True}]
    assert len({key_of("links/both-on", "ref", **way) for way in ways}) == 4


def test_many_writers_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "d.sqlite3"
    with ExitStack() as stack:
        writers = [stack.enter_context(Child([sys.executable, "-c", WRITER, str(file), name], cwd=REPOSITORY))
                   for name in "abcdef"]
        assert [writer.wait(Deadline.after(60, "writers")) for writer in writers] == [0] * 6
    known = Durations(file).known()
    assert len(known) == 6 * 40 + 1


@pytest.mark.parametrize("damage", [b"", b"no database at all" * 100, None])
def test_a_damaged_file_is_put_aside_in_one_line(tmp_path: Path, damage: bytes | None) -> None:
    told: list[str] = []
    durations = Durations(tmp_path / "d.sqlite3", told.append)
    durations.record([(f"key {number}", 1.0) for number in range(200)])
    data = durations.file.read_bytes()
    durations.file.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096) if damage is None else damage)
    assert durations.known() == {}
    assert len(told) == (damage != b"")  # an empty file is a new one
    assert all("recorded durations cannot be read" in line and "\n" not in line for line in told)
    durations.record([("a", 2.0)])
    assert durations.known() == {"a": 2.0}


def test_a_place_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    durations = Durations(tmp_path / "file" / "d.sqlite3")
    durations.record([("a", 1.0)])
    assert durations.known() == {}
    folder = Durations(tmp_path)
    folder.record([("a", 1.0)])
    assert folder.known() == {}


def test_a_file_for_other_hosts(tmp_path: Path) -> None:
    write_file(tmp_path / "d.json", {"b": 1.5, "a": 2.0})
    assert read_file(tmp_path / "d.json") == {"a": 2.0, "b": 1.5}
    for text in ("", "[]", '{"durations": [1]}', '{"durations": {"a": "x"}}'):
        (tmp_path / "d.json").write_text(text)
        with pytest.raises(UsageError, match="no file of durations"):
            read_file(tmp_path / "d.json")
