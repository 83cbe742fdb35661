# SPDX-License-Identifier: GPL-2.0-only
"""The file of the history: whole sessions or nothing, and no damaged or foreign file is touched."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import HostError, UsageError
from harness.nights.gather import gathered, runs_of_hunt
from harness.nights.model import LeftOut, Run, Session
from harness.nights.store import VERSION, History
from harness.outcome import Verdict
from harness.report.facts import Facts, facts_of
from harness.report.results import Results, write
from harness.report.table import Row
from tests.unit.nights_cases import a_run

SESSION = Session("2026-11-02", "nightly", (a_run(), a_run("b", "t", boot=1.5)),
                  (LeftOut("long/one", "no time"),), "f875ec1", 12.5, 60.0, "f00")


def test_what_is_recorded_is_read_again(tmp_path: Path) -> None:
    history = History(tmp_path / "new" / "h.sqlite3")
    history.record(SESSION)
    history.record(replace(SESSION, night="2026-11-01", fingerprint=""))
    past = history.read()
    assert [night.date for night in past.nights] == ["2026-11-01", "2026-11-02"]
    runs = tuple(replace(run, night="2026-11-02") for run in SESSION.runs)
    assert past.nights[1].sessions == (replace(SESSION, runs=runs),)
    assert [night.date for night in past.last(1).nights] == ["2026-11-02"]


def test_the_same_files_are_not_recorded_twice(tmp_path: Path) -> None:
    history = History(tmp_path / "h.sqlite3")
    assert history.record(SESSION) is None
    assert history.record(replace(SESSION, night="2026-11-03")) == "2026-11-02"
    assert len(history.read().nights[0].sessions) == 1


def test_a_session_is_there_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    history = History(tmp_path / "h.sqlite3")
    history.record(SESSION)
    broken = replace(SESSION, fingerprint="", left_out=(LeftOut("x", None),))  # type: ignore[arg-type]
    with pytest.raises(sqlite3.IntegrityError, match="NOT NULL"):
        history.record(broken)
    assert len(history.read().nights[0].sessions) == 1


@pytest.mark.parametrize("use", ["read", "check", "record"])
def test_a_damaged_file_is_told_in_one_line_and_stays(tmp_path: Path, use: str) -> None:
    file = tmp_path / "h.sqlite3"
    file.write_bytes(b"this is no database at all, and never was one\n" * 100)
    before = file.read_bytes()
    with pytest.raises(HostError, match=r"h.sqlite3: the history is damaged: file is not a database; "):
        History(file).record(SESSION) if use == "record" else getattr(History(file), use)()
    assert file.read_bytes() == before


def test_a_file_that_is_damaged_inside_is_found_too(tmp_path: Path) -> None:
    file = tmp_path / "h.sqlite3"
    for number in range(1, 29):
        History(file).record(replace(SESSION, night=f"2026-11-{number:02}", fingerprint=""))
    data = bytearray(file.read_bytes())
    data[4096:4096 + 2000] = b"\xff" * 2000
    file.write_bytes(data)
    with pytest.raises(HostError, match="the history is damaged"):
        History(file).record(replace(SESSION, fingerprint=""))
    assert file.read_bytes() == data


def test_a_newer_schema_and_foreign_databases_are_refused(tmp_path: Path) -> None:
    newer, foreign = tmp_path / "newer.sqlite3", tmp_path / "foreign.sqlite3"
    History(newer).record(SESSION)
    with closing(sqlite3.connect(newer)) as database:
        database.execute(f"PRAGMA user_version = {VERSION + 1}")
    with closing(sqlite3.connect(foreign)) as database:
        database.execute("CREATE TABLE runs (x)")
        database.commit()
    with pytest.raises(UsageError, match=f"made by another harness: schema {VERSION + 1}, this one knows"):
        History(newer).check()
    with pytest.raises(UsageError, match="a database, but no history of nights"):
        History(foreign).record(SESSION)
    with pytest.raises(UsageError, match="no history; 'harness nightly'"):
        History(tmp_path / "none").read()
    (tmp_path / "file").write_text("")
    with pytest.raises(HostError, match="cannot write: "):
        History(tmp_path / "file" / "h").check()


RESULT = {
    "name": "links/a", "verdict": "FAIL", "reason": "why", "where": "a.yaml:8", "duration_s": 2.5, "seed": 7,
    "violations": [{"rule": "link.stalled", "place": "p", "expected": "e", "observed": "o", "event": None}],
    "reproduce": "again", "facts": {"images": "ref", "images key": "ref-1"},
}
TIMELINE = [
    {"t": 0.5, "source": "runner", "text": "machine here started, process 1"},
    {"t": 2.0, "source": "runner", "text": "booted: here"},
    {"t": 2.5, "source": "agency", "text": "booted: here"},
    {"t": 3.0, "source": "traffic", "text": "alpha: SendResult(sent=30000, received=1, ms=150, doubled=0)"},
]


def folder(path: Path, **values: object) -> Path:
    path.mkdir(parents=True)
    (path / "result.json").write_text(json.dumps({**RESULT, **values}))
    (path / "scenario.yaml").write_text("about: x\n")
    (path / "timeline.jsonl").write_text("".join(json.dumps(line) + "\n" for line in TIMELINE))
    return path


def test_what_a_run_folder_tells(tmp_path: Path) -> None:
    found = facts_of(folder(tmp_path / "a"))
    assert found is not None
    assert (found.title, found.images_key, found.mode) == ("link.stalled", "ref-1", "")
    assert found.measures == {"boot": 1.5, "messages": 200_000.0}
    assert found.violations == (("link.stalled", "p", "e", "o"),)
    assert Facts.from_json(json.loads(json.dumps(found.as_json()))) == found
    titled = facts_of(folder(tmp_path / "b", title="BE stays"))
    assert titled is not None
    assert titled.title == "BE stays"
    assert titled.text_key == found.text_key
    crashed = facts_of(folder(tmp_path / "c", violations=[], verdict="CRASH", facts={"logs": "sha256 1"}))
    assert crashed is not None
    assert (crashed.title, crashed.mode) == ("CRASH", "deterministic")
    assert facts_of(tmp_path) is None


def test_runs_are_gathered_from_results_and_from_folders(tmp_path: Path) -> None:
    run_dir = folder(tmp_path / "runs" / "20261121-1")
    facts = facts_of(run_dir)
    assert facts is not None
    row = Row("links/a", Verdict.FAIL, 2.5, "why", 1, str(run_dir))
    write(Results("1/1", "f00", ("links/a",), (row,), {"links/a": facts}), tmp_path / "parts" / "one.json")
    assert gathered([tmp_path / "parts"]) == gathered([tmp_path / "runs"]) == gathered([run_dir])
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="empty: no results and no finished run"):
        gathered([tmp_path / "empty"])


def test_runs_of_a_hunt(tmp_path: Path) -> None:
    run_dir = folder(tmp_path / "run", facts={"images": "ref", "images key": "ref-1", "logs": "sha256 1"})
    shots = [{"seed": 7, "verdict": "FAIL", "reason": "why", "run_dir": str(run_dir), "reproduce": "again",
              "seconds": 2.5},
             {"seed": 8, "verdict": "ERROR", "reason": "no", "run_dir": "", "reproduce": "x", "seconds": 0.0}]
    (tmp_path / "hunt.json").write_text(json.dumps({"shots": shots}))
    first, second = runs_of_hunt(tmp_path / "hunt.json", "links/a")
    assert (first.facts.mode, first.title, first.exit_status) == ("deterministic", "link.stalled", 1)
    assert (second.facts.seed, second.title, second.exit_status) == (8, "ERROR", 2)
    with pytest.raises(UsageError, match="no file of a hunt"):
        runs_of_hunt(tmp_path / "none.json", "x")


def test_a_run_that_never_came_to_its_images_belongs_to_those_of_the_others(tmp_path: Path) -> None:
    history = History(tmp_path / "h.sqlite3")
    history.record(Session("2026-11-01", "nightly", (Run("a/x", Verdict.ERROR, 0.0, "typo", 2),)))
    history.record(Session("2026-11-02", "nightly", (a_run(),)))
    first, second = (night.runs[0] for night in history.read().nights)
    assert first.series == second.series
    assert first.version is None
