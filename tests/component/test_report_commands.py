# SPDX-License-Identifier: GPL-2.0-only
"""`harness report` and `show` as programs, and what a session leaves for them."""

import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from harness.proc import Completed, run
from harness.scenario.schema import REPOSITORY
from tests.component.console_rig import soon
from tests.component.test_pytest_plugin import BAD, pytest_run
from tests.component.test_pytest_plugin import write as write_scenario
from tests.unit.report_folder import events, make, passed, result


def harness(folder: Path, *arguments: str) -> Completed:
    """A command that needs no set-up, in `folder`."""
    argv = [sys.executable, "-m", "harness.cli", *arguments]
    env = {"PYTHONPATH": str(REPOSITORY), "PATH": "/usr/bin:/bin", "COLUMNS": "100", "LC_ALL": "C.UTF-8"}
    return run(argv, deadline=soon("harness"), cwd=folder, env=env, check=False)


def test_a_session_leaves_what_a_report_needs(tmp_path: Path) -> None:
    write_scenario(tmp_path, "links/bad.yaml", BAD)
    done = pytest_run(tmp_path, "scenarios", "--seed", "5", "--junitxml", "build/junit.xml")
    assert "the last failure: python3 -m harness show" in done.stdout.decode()
    (case,) = ElementTree.parse(tmp_path / "build/junit.xml").iter("testcase")
    assert case.attrib.items() >= {"classname": "links", "name": "bad", "file": "scenarios/links/bad.yaml",
                                   "line": "4"}.items()
    assert case.find("error") is not None
    assert "reproduce: python3 -m harness run scenarios/links/bad.yaml --seed 5" in (
        case.findtext("system-out") or "")
    told = json.loads((tmp_path / "build/runs/last-session.json").read_text())
    assert [row["name"] for row in told["rows"]] == ["links/bad"]
    done = harness(tmp_path, "report", "--markdown", "build/summary.md")
    assert (done.status, done.stderr) == (0, b"")
    assert "build/report.html: 1 run, 1 failed" in done.stdout.decode()
    assert "unknown step 'bot'" in harness(tmp_path, "show").stdout.decode()
    for name in ("report.html", "summary.md"):
        assert "unknown step 'bot'" in (tmp_path / "build" / name).read_text().replace("&#39;", "'")


def test_a_session_without_failure_says_nothing_of_reports(tmp_path: Path) -> None:
    (tmp_path / "test_x.py").write_text("def test_x(): pass\n")
    done = pytest_run(tmp_path, "test_x.py", "--junitxml", "junit.xml")
    assert done.status == 0
    assert b"harness show" not in done.stdout
    assert not (tmp_path / "build").exists()
    (case,) = ElementTree.parse(tmp_path / "junit.xml").iter("testcase")
    assert case.get("file") is None


def test_show_takes_the_last_that_failed(tmp_path: Path) -> None:
    root = tmp_path / "build" / "runs"
    make(root, 1, result(name="links/old"))
    make(root, 2, result(name="links/new"), events())
    make(root, 3, passed("links/fine"))
    done = harness(tmp_path, "show")
    assert done.status == 0
    assert done.stdout.decode().startswith("FAIL  links/new  7.6 s\n")
    done = harness(tmp_path, "show", str(root / "20261121-212803-run-00000003"))
    assert done.stdout.decode().startswith("PASS  links/fine")


ABSENT = "build/runs: no such folder or file; run scenarios first: python3 -m harness run"
OTHERWISE = "runs are below build/runs; without a name it is the last that failed"


@pytest.mark.parametrize(("arguments", "message"), [
    (["report"], ABSENT),
    (["show"], ABSENT),
    (["report", "empty"], "empty: no run in this folder; name the folder of a run, a folder of runs, or a "
                          "file of 'run --results'"),
    (["show", "empty"], f"empty: is not the folder of a run; {OTHERWISE}"),
    (["show", "nowhere"], f"nowhere: no such folder; {OTHERWISE}"),
])
def test_wrong_folders(tmp_path: Path, arguments: list[str], message: str) -> None:
    (tmp_path / "empty").mkdir()
    done = harness(tmp_path, *arguments)
    assert (done.status, done.stdout) == (2, b"")
    assert done.stderr.decode() == f"harness: {message}\n"


def test_a_report_that_cannot_be_written(tmp_path: Path) -> None:
    make(tmp_path / "build" / "runs", 1, passed("x"))
    (tmp_path / "file").write_text("")
    done = harness(tmp_path, "report", "-o", "file/report.html")
    assert done.status == 3
    assert done.stderr.decode().startswith("harness: file/report.html: cannot write the report: ")
