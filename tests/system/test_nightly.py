# SPDX-License-Identifier: GPL-2.0-only
"""The sessions of a night on real guests, and a whole night of one minute: what does not fit is named."""

import os
import sys
from pathlib import Path

import pytest

from harness.deadline import Deadline
from harness.nights import sessions
from harness.nights.sessions import Setting
from harness.nights.store import History
from harness.proc import run
from tests.meta.tree import ROOT

SCENARIO = ROOT / "scenarios/links/both-on.yaml"
NAME = "links/both-on"


def test_exploration_and_hunt_tell_what_they_ran_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    setting = Setting(2, 7, (), tmp_path, Deadline.after_real(900, "the night"), print)
    explored = sessions.exploration(setting, 0.1)
    hunted = sessions.hunt(setting, 1, SCENARIO, NAME, range(5, 8))
    assert (explored.status, hunted.status) == (0, 0), (explored.why, hunted.why)
    assert [(run.scenario, run.facts.mode, run.facts.seed) for run in explored.runs] == [
        ("explore", "explored", 7)]
    assert [(run.scenario, run.facts.mode, run.facts.seed) for run in hunted.runs] == [
        (NAME, "deterministic", seed) for seed in (5, 6, 7)]
    found = [*explored.runs, *hunted.runs]
    assert all(run.facts.images == "ref-virt64" and run.version is not None for run in found)
    assert len({run.facts.images_key for run in found}) == 1


def test_each_part_of_a_night_ran_or_is_named(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "harness.cli", "nightly", str(SCENARIO), "--budget", "60s", "-j", "2",
            "--hunt", str(SCENARIO), "--night", "2026-11-01"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = run(argv, deadline=Deadline.after(300, "the night"), cwd=tmp_path, check=False, env=env)
    (night,) = History(tmp_path / "build/history.sqlite3").read().nights
    (session,) = night.sessions
    kinds = {"deterministic": "hunt", "explored": "explore", "": "set"}
    parts = [kinds[run.facts.mode] for run in session.runs]
    parts += ["set" if left.name == NAME else left.name.split()[0] for left in session.left_out]
    assert set(parts) == {"set", "explore", "hunt"}, done.stdout.decode() + done.stderr.decode()
    assert all(left.name in done.stdout.decode() for left in session.left_out)
    assert done.status == (0 if session.runs else 2)
