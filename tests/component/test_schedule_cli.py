# SPDX-License-Identifier: GPL-2.0-only
"""Shards, durations and hosts on the command line: mistakes are one line, results become one table."""

import os
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from harness.deadline import Deadline
from harness.outcome import Verdict
from harness.proc import Completed, run
from harness.report.results import Results, write
from harness.report.table import Row
from harness.schedule.durations import Durations, read_file

REPOSITORY = Path(__file__).resolve().parents[2]
SUITE = """<testsuites><testsuite name="pytest" tests="1" errors="0" skipped="0" time="1">
<testcase classname="scenarios.{name}" name="{name}" time="1">{inside}</testcase></testsuite></testsuites>
"""


def harness(cache: Path, *arguments: str | Path) -> Completed:
    argv = [sys.executable, "-m", "harness.cli", *(str(argument) for argument in arguments)]
    env = {**os.environ, "SOO_HARNESS_CACHE": str(cache)}
    return run(argv, deadline=Deadline.after(60, "the harness"), cwd=REPOSITORY, env=env, check=False)


def shards(folder: Path, verdict: Verdict = Verdict.PASS) -> Path:
    """A folder as two shards leave it: one scenario each, the second with this verdict."""
    rows = [Row("a", Verdict.PASS, 1.0, ""), Row("b", verdict, 2.0, "why", int(verdict > Verdict.SKIP))]
    for number, row in enumerate(rows, start=1):
        write(Results(f"{number}/2", "f00", ("a", "b"), (row,)), folder / f"{number}.json")
        inside = "<failure/>" * row.exit_status
        (folder / f"{number}.xml").write_text(SUITE.format(name=row.name, inside=inside))
    return folder


@pytest.mark.parametrize(("arguments", "message"), [
    (["run", "--shard", "4/3"], "--shard: '4/3' is no shard; 1/3 is the first of three"),
    (["run", "--hosts", "local", "-j", "2"], "run: --hosts goes with neither -j nor --keep"),
    (["merge", "no-such-folder"], "no-such-folder: no such file or folder"),
    (["merge", "tests/fakes"], "merge: no file of results"),
    (["merge", "pyproject.toml"], "pyproject.toml: no file of results"),
    (["durations"], "no duration is recorded here yet; 'harness run' records them"),
])
def test_mistakes_are_one_line(tmp_path: Path, arguments: list[str], message: str) -> None:
    (tmp_path / "empty").mkdir()
    arguments = [str(tmp_path / "empty") if word == "tests/fakes" else word for word in arguments]
    done = harness(tmp_path, *arguments)
    assert done.status == 2
    assert message in done.stderr.decode()
    assert done.stderr.decode().count("\n") == 1


def test_durations_for_others(tmp_path: Path) -> None:
    Durations(tmp_path / "durations.sqlite3").record([("ref clone a", 1.5), ("ref clone b", 3.0)])
    done = harness(tmp_path, "durations", "--json", tmp_path / "d.json")
    assert done.stdout.decode() == "    3.00 s  ref clone b\n    1.50 s  ref clone a\n"
    assert read_file(tmp_path / "d.json") == {"ref clone a": 1.5, "ref clone b": 3.0}


def test_merging_gives_one_table_one_report_one_status(tmp_path: Path) -> None:
    parts = shards(tmp_path / "parts", Verdict.FAIL)
    done = harness(tmp_path, "merge", parts, "--junitxml", tmp_path / "all.xml")
    assert done.status == 1
    assert done.stdout.decode().splitlines()[-1] == "2 scenarios: 1 PASS, 1 FAIL"
    suites = ElementTree.parse(tmp_path / "all.xml").getroot()
    assert (suites.get("tests"), suites.get("failures")) == ("2", "1")
    assert [case.get("name") for case in suites.iter("testcase")] == ["a", "b"]
    assert harness(tmp_path, "merge", shards(tmp_path / "good")).status == 0


@pytest.mark.parametrize(("gone", "message"), [
    ("1.json", "merge: shard 1/2 is missing"),
    ("2.xml", "merge: 1 JUnit reports for 2 shards"),
])
def test_merging_refuses_what_is_not_whole(tmp_path: Path, gone: str, message: str) -> None:
    parts = shards(tmp_path / "parts")
    (parts / gone).unlink()
    done = harness(tmp_path, "merge", parts, "--junitxml", tmp_path / "all.xml")
    assert done.status == 2
    assert message in done.stderr.decode()
    assert not (tmp_path / "all.xml").exists()


def test_a_test_in_two_reports_is_named(tmp_path: Path) -> None:
    parts = shards(tmp_path / "parts")
    (parts / "2.xml").write_text((parts / "1.xml").read_text())
    done = harness(tmp_path, "merge", parts, "--junitxml", tmp_path / "all.xml")
    assert done.status == 2
    assert f"{parts / '2.xml'}: scenarios.a::a is also in {parts / '1.xml'}" in done.stderr.decode()
