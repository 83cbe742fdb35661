# SPDX-License-Identifier: GPL-2.0-only
"""`harness history` as a process, and several writers of one history."""

import multiprocessing
import sys
from pathlib import Path

import pytest

from harness.deadline import Deadline
from harness.nights.model import Session
from harness.nights.store import History
from harness.outcome import Verdict
from harness.proc import Completed, run
from harness.report.facts import Facts
from harness.report.results import Results, write
from harness.report.table import Row

REPOSITORY = Path(__file__).resolve().parents[2]


def harness(*arguments: str | Path) -> Completed:
    argv = [sys.executable, "-m", "harness.cli", *(str(argument) for argument in arguments)]
    return run(argv, deadline=Deadline.after(60, "the harness"), cwd=REPOSITORY, check=False)


def results(file: Path, *, key: str, title: str = "") -> Path:
    """A file of results with one scenario."""
    verdict = Verdict.FAIL if title else Verdict.PASS
    facts = Facts("ref", key, "t1", title=title)
    row = Row("a/x", verdict, 1.0, title, bool(title))
    write(Results("1/1", "f00", ("a/x",), (row,), {"a/x": facts}), file)
    return file


def test_results_of_nights_are_added_and_told(tmp_path: Path) -> None:
    history = ("--history", tmp_path / "h.sqlite3")
    for night, (key, title) in enumerate([("1", ""), ("2", "ring.payload"), ("2", "ring.payload")], start=1):
        file = results(tmp_path / f"{night}.json", key=key, title=title)
        done = harness("history", *history, "--add", file, "--night", f"2026-11-0{night}")
        if night < 3:
            assert done.stdout.decode() == f"history: 1 run recorded for the night 2026-11-0{night}\n"
    assert done.status == 0
    assert done.stdout.decode() == "history: these results are recorded already, for the night 2026-11-02\n"
    told = harness("history", *history)
    assert told.status == 0
    assert b"a/x (ref): first bad night 2026-11-02, last good 2026-11-01" in told.stdout
    page = harness("history", *history, "--html", tmp_path / "new" / "h.html")
    assert page.stdout.decode() == f"history: 2 nights in {tmp_path}/new/h.html\n"
    assert "ring.payload" in (tmp_path / "new" / "h.html").read_text()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["h.html"]


def test_what_several_files_tell_is_recorded_once(tmp_path: Path) -> None:
    history = ("--history", tmp_path / "h.sqlite3")
    rows = [Row(name, Verdict.PASS, 1.0, "", folder=f"build/runs/20261101-000000-{name}-1") for name in "ab"]
    for number, some in enumerate((rows[:1], rows, rows[1:])):
        write(Results("1/1", "f00", ("a", "b"), tuple(some), {}), tmp_path / f"{number}.json")
    told = [harness("history", *history, "--add", tmp_path / f"{number}.json", "--night", "2026-11-01")
            for number in range(3)]
    assert [done.stdout.decode() for done in told] == [
        "history: 1 run recorded for the night 2026-11-01\n",
        "history: 1 run recorded for the night 2026-11-01, recorded before: 1\n",
        "history: these results are recorded already, for the night 2026-11-01\n"]


@pytest.mark.parametrize(("arguments", "status", "message"), [
    (["--history", "none.sqlite3"], 2, "none.sqlite3: no history; 'harness nightly' and"),
    (["--history", "none.sqlite3", "--night", "2026-11-01"], 2, "history: --night goes with --add"),
    (["--history", "pyproject.toml"], 3, "pyproject.toml: the history is damaged: file is not a database"),
    (["--add", "pyproject.toml"], 2, "pyproject.toml: no file of results"),
    (["--add", "dts"], 2, "dts: no results and no finished run; 'harness run --results FILE' writes"),
    (["--add", "no-such"], 2, "no-such: no results and no finished run"),
])
def test_mistakes_are_one_line(arguments: list[str], status: int, message: str) -> None:
    done = harness("history", *arguments)
    assert done.status == status
    assert done.stderr.decode().startswith(f"harness: {message}")
    assert done.stderr.count(b"\n") == 1


def _record(file: Path, number: int) -> None:
    for night in range(1, 11):
        History(file).record(Session(f"2026-{number:02}-{night:02}", "nightly", ()))


def test_several_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "h.sqlite3"
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_record, args=(file, number)) for number in range(1, 5)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0, 0, 0]
    assert len(History(file).read().nights) == 40
