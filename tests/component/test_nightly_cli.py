# SPDX-License-Identifier: GPL-2.0-only
"""`harness nightly` as a process, with scenarios that end before a machine starts."""

import os
import signal
import sys
from pathlib import Path

import pytest

from harness.deadline import Deadline
from harness.nights.model import LeftOut
from harness.nights.store import History
from harness.outcome import Verdict
from harness.proc import Child, Completed, run
from tests.moment import wait_until

REPOSITORY = Path(__file__).resolve().parents[2]
WRONG = "about: A typo.\nsteps: [{injekt: alpha}]\n"
QUARANTINE = "[{scenario: wrong, title: ERROR, reason: a typo, owner: Ada, until: 2026-11-02}]\n"
# A scenario in Python whose body waits until a file is there; it starts no machine.
WAITS = """
from pathlib import Path
from harness.deadline import Deadline
from harness.outcome import Verdict
from harness.pytest_plugin.items import conclude
from harness.scenario.result import Result
import pytest, threading

@pytest.mark.explored
def test_waits(request):
    Path("begun").write_text("")
    threading.Event().wait(60)
    conclude(request.node, Result("waits/test_waits", Verdict.PASS))
"""


def command(*words: str, paths: str = "mine") -> list[str]:
    return [sys.executable, "-m", "harness.cli", "nightly", paths, "--scenarios-only", *words]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(REPOSITORY)}


def nightly(folder: Path, *words: str, paths: str = "mine") -> Completed:
    return run(command(*words, paths=paths), deadline=Deadline.after(60, "nightly"), cwd=folder,
               env=environment(), check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "wrong.yaml").write_text(WRONG)
    return tmp_path


def test_a_new_failure_is_a_known_one_the_night_after_and_then_fixed(folder: Path) -> None:
    first = nightly(folder, "--night", "2026-11-01")
    assert first.status == 2, first.stderr
    assert b"new failures:\n  ERROR: wrong\n    mine/wrong.yaml:2: unknown step 'injekt'" in first.stdout
    assert b"known failures: none" in first.stdout
    second = nightly(folder, "--night", "2026-11-02").stdout.decode()
    assert "new failures: none" in second
    assert "ERROR: wrong, first bad night 2026-11-01" in second
    past = History(folder / "build/history.sqlite3").read()
    assert [[run.verdict for run in night.runs] for night in past.nights] == [[Verdict.ERROR]] * 2
    assert past.nights[0].sessions[0].budget == 7200.0


def test_the_quarantine_excuses_until_its_date(folder: Path) -> None:
    (folder / "q.yaml").write_text(QUARANTINE)
    excused = nightly(folder, "--quarantine", "q.yaml", "--night", "2026-11-02")
    assert excused.status == 0, excused.stdout
    assert b"failed in quarantine:\n  wrong: ERROR (Ada, until 2026-11-02: a typo)" in excused.stdout
    expired = nightly(folder, "--quarantine", "q.yaml", "--night", "2026-11-03")
    assert expired.status == 2
    assert b"quarantine has expired, so these count again:\n  q.yaml:1: wrong: ERROR" in expired.stdout


def test_scenarios_of_another_folder(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whose root folder, as pytest sees it, is not the current one."""
    (folder / "pytest.ini").write_text("[pytest]\n")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    done = nightly(elsewhere, paths=str(folder / "mine"))
    assert b"new failures:\n  ERROR: wrong" in done.stdout, done.stderr


def test_what_does_not_fit_into_the_budget_is_named(folder: Path) -> None:
    done = nightly(folder, "--budget", "1s")
    assert done.status == 2  # nothing ran
    assert b"not run:\n  wrong: does not fit: 5 s expected, 1 s left" in done.stdout


def test_the_end_of_the_budget_ends_a_session_that_takes_longer(folder: Path) -> None:
    (folder / "mine" / "test_waits.py").write_text(WAITS)
    done = nightly(folder, "--budget", "15s", "--night", "2026-11-01")
    assert b"not run:\n  test_waits: the night was over" in done.stdout
    assert b"ERROR: wrong" in done.stdout  # what had ended before is not lost


def test_an_interrupted_night_is_recorded_as_far_as_it_came(folder: Path) -> None:
    (folder / "mine" / "test_waits.py").write_text(WAITS)
    deadline = Deadline.after(60, "the scenario's begin")
    with Child(command("--night", "2026-11-01"), cwd=folder, env=environment(),
               stderr=folder / "stderr") as child:
        wait_until((folder / "begun").exists, child, deadline)
        os.kill(child.pid, signal.SIGTERM)
        assert child.wait(deadline) == 143
    assert (folder / "stderr").read_text().endswith("harness: interrupted\n")
    (session,) = History(folder / "build/history.sqlite3").read().nights[0].sessions
    assert [run.scenario for run in session.runs] == ["wrong"]
    assert session.left_out == (LeftOut("test_waits", "interrupted"),)


@pytest.mark.parametrize(("words", "status", "message"), [
    (["--history", "bad.sqlite3"], 3, "bad.sqlite3: the history is damaged: file is not a database"),
    (["--quarantine", "none.yaml"], 2, "none.yaml: cannot read: No such file"),
    (["--hunt", "none.yaml"], 2, "none.yaml: cannot read: No such file"),
    (["--night", "soon"], 2, "--night: 'soon' is no date; for instance 2026-11-21"),
])
def test_mistakes_are_one_line_before_anything_runs(
    folder: Path, words: list[str], status: int, message: str
) -> None:
    (folder / "bad.sqlite3").write_text("no database\n" * 100)
    _demand_one_line(folder, nightly(folder, *words), status, message)


@pytest.mark.parametrize(("paths", "message"), [
    ("nowhere", "nowhere: no such scenario or folder"),
    ("empty", "empty: no scenario"),
    ("broken", "broken/test_x.py: SyntaxError: invalid syntax: cannot be collected; 'harness run' tells"),
])
def test_wrong_paths_are_told_in_one_line(folder: Path, paths: str, message: str) -> None:
    (folder / "empty").mkdir()
    (folder / "broken").mkdir()
    (folder / "broken" / "test_x.py").write_text("def test_x(:\n")
    _demand_one_line(folder, nightly(folder, paths=paths), 2, message)


def _demand_one_line(folder: Path, done: Completed, status: int, message: str) -> None:
    told = done.stderr.decode()
    assert done.status == status, told
    assert told.startswith(f"harness: {message}")
    assert told.count("\n") == 1
    assert not (folder / "build" / "nightly").exists()


def test_a_wrong_budget(folder: Path) -> None:
    done = nightly(folder, "--budget", "2")
    assert done.status == 2
    assert b"'2' is no time: give one with its unit, such as 90m or 2h" in done.stderr


def test_the_scenarios_of_the_repository_are_collected(tmp_path: Path) -> None:
    """Those of the place where pytest's settings make each warning an error."""
    argv = [sys.executable, "-m", "harness.cli", "nightly", "--budget", "1s", "--scenarios-only",
            "--history", str(tmp_path / "h.sqlite3")]
    done = run(argv, deadline=Deadline.after(60, "nightly"), cwd=REPOSITORY, check=False)
    assert done.status == 2, done.stderr  # nothing fits into a second
    (session,) = History(tmp_path / "h.sqlite3").read().nights[0].sessions
    assert {"links/both-on", "explore/test_explore"} <= {left.name for left in session.left_out}
    assert "hostile/million" not in {left.name for left in session.left_out}  # it is a long one
