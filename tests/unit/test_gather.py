# SPDX-License-Identifier: GPL-2.0-only
"""What an exploration has to tell, on its way into the history."""

import json
from pathlib import Path

import pytest

from harness.commands.explore import as_json
from harness.errors import UsageError
from harness.explore.examples import Finding, Tally
from harness.explore.rig import Failure
from harness.explore.search import Plan, Report, Shrunk
from harness.explore.text import Setup
from harness.nights.gather import run_of_exploration
from harness.nights.model import Run
from harness.outcome import Verdict

PLAN = Plan(Setup("ref", ("alpha", "beta"), ("here",)), 42, 8)
FAILURE = Failure(Verdict.CRASH, "link.stalled", "vdummy/2/0", "it hangs", Path("r"))
FINDING = Finding(("inject: alpha",), FAILURE, (), ended=False)
FOUND = Shrunk(FINDING, True, FINDING, Path("found.yaml"), None, "run it", 3, 1.0)


def read(folder: Path, found: Shrunk | None) -> Run:
    report = Report(Tally(4, 50), 1, 9, 5.0, 7.5, found)
    (folder / "x.json").write_text(json.dumps(as_json(report, PLAN, "ref-1")))
    return run_of_exploration(folder / "x.json")


def test_an_exploration_that_found_nothing(tmp_path: Path) -> None:
    run = read(tmp_path, None)
    assert (run.scenario, run.verdict, run.seconds, run.title) == ("explore", Verdict.PASS, 7.5, "")
    assert (run.facts.seed, run.facts.mode, run.version) == (42, "explored", ("ref-1", "2 MEs"))
    assert run.facts.reproduce == "python3 -m harness explore --seed 42 --mes 2"


def test_a_finding(tmp_path: Path) -> None:
    run = read(tmp_path, FOUND)
    assert (run.verdict, run.title, run.exit_status) == (Verdict.CRASH, "link.stalled", 1)
    assert run.reason == "link.stalled at vdummy/2/0; scenario found.yaml"
    assert (run.folder, run.facts.reproduce) == ("r", "run it")


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")
    with pytest.raises(UsageError, match="x.json: no file of an exploration: it lacks 'images'"):
        run_of_exploration(tmp_path / "x.json")
