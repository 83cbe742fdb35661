# SPDX-License-Identifier: GPL-2.0-only
"""What runs have reached: the expected rows, the rows of logs and consoles, the table and its command."""

import json
from collections import Counter
from pathlib import Path

import pytest

from harness import cli
from harness.abi.soo import MeState
from harness.abi.vbus import VbusState as S
from harness.coverage import rows, runs, table
from harness.coverage.collect import Collector, console_rows
from harness.coverage.expected import NOT_HERE, ends, expected, reached, refused_arrows
from harness.coverage.rows import Kind, Row
from harness.errors import UsageError
from harness.model.device import Side, next_states
from tests.unit import event_log
from tests.unit.coverage_log import store_run
from tests.unit.life_log import whole


def rows_of(lines: list[str]) -> set[Row]:
    collector = Collector()
    return {row for event in event_log.parsed(lines) for row in collector.feed(event)}


def test_no_row_comes_twice() -> None:
    assert len(set(expected())) == len(expected())
    assert {row.kind for row in expected()} == set(Kind)


@pytest.mark.parametrize("side", Side)
def test_an_arrow_is_legal_or_refused(side: Side) -> None:
    legal = {(old, new) for old in reached(side) for new in next_states(side, old)}
    refused = set(refused_arrows(side))
    every = {(old, new) for old in reached(side) for new in S if old is not new}
    assert not legal & refused
    # A backend in Closing goes to Closed: it is there after an error only.
    assert every - legal - refused == ({(S.CLOSING, S.CLOSED)} if side is Side.BE else set())


def test_the_table_has_the_arrows_of_the_protocol() -> None:
    counts = {side: len(refused_arrows(side)) for side in Side}
    assert counts == {Side.BE: 89, Side.FE: 59}
    assert sum(row.kind is Kind.ARROW for row in expected()) == 16


def test_arrows_of_an_error_or_a_kill() -> None:
    assert ends(Side.FE) == tuple((old, S.CLOSING) for old in (S.INITIALISING, S.INITIALISED, S.RECONFIGURED,
                                                               S.SUSPENDED))
    assert {old for old, new in ends(Side.BE) if new is S.CLOSING} == {
        S.INITIALISING, S.INITWAIT, S.CONNECTED, S.RECONFIGURING, S.SUSPENDING, S.RESUMING}
    assert {old for old, new in ends(Side.BE) if new is S.CLOSED} == {
        S.INITIALISING, S.INITWAIT, S.CLOSING, S.RECONFIGURING, S.SUSPENDING, S.SUSPENDED, S.RESUMING}


def test_an_arrow_of_an_error_counts_after_one() -> None:
    start, last = (f"store write dom=0 tx=1 path=backend/vdummy/2/0/state val={state}" for state in (2, 6))
    row, probe = rows.end(Side.BE, S.INITWAIT, S.CLOSED), "vbus probe dev=backend/vdummy/2/0"
    assert row not in rows_of([start, probe, last])
    assert row in rows_of([start, probe, "error report dev=backend/vdummy/2/0 code=-5 text=x", last])
    assert row in rows_of([start, probe, "domain state dom=2 state=killed", last])


def test_a_backend_without_a_driver_takes_no_arrow() -> None:
    writes = [f"store write dom=0 tx=1 path=backend/vdummy/2/0/state val={state}" for state in (1, 2)]
    row = rows.arrow(Side.BE, S.INITIALISING, S.INITWAIT)
    assert row not in rows_of(writes)
    assert row in rows_of([writes[0], "vbus probe dev=backend/vdummy/2/0", writes[1]])
    assert row not in rows_of(["vbus probe dev=backend/vdummy/2/0", *writes])


def test_states_of_other_generations_are_not_expected() -> None:
    names = [row.name for row in expected() if row.kind in (Kind.LIFE, Kind.LIFE_ARROW)]
    assert not [name for name in names for state in NOT_HERE if state.name.lower() in name.split()]


def test_a_whole_life_reaches_its_arrows_events_and_entry_points() -> None:
    found = rows_of(whole()) | rows_of(event_log.clean())
    assert {row for row in expected() if row.kind in (Kind.ARROW, Kind.STATE)} - found == {
        rows.state(Side.BE, S.CLOSING)}
    entries = {row for row in expected() if row.kind is Kind.ENTRY and row.name.startswith("BE vdummy")}
    assert entries <= found
    assert rows.watch_event() in found


def test_a_written_illegal_arrow_is_no_refused_one() -> None:
    start = ["store write dom=2 tx=0 path=device/2/vdummy/0/state val=1"]
    wrong = "store {} dom=2 tx=1 path=device/2/vdummy/0/state val=4"
    row = rows.refused(Side.FE, S.INITIALISING, S.CONNECTED)
    assert row not in rows_of([*start, wrong.format("write")])
    assert row in rows_of([*start, wrong.format("refuse")])


def test_a_refused_state_leaves_the_old_one() -> None:
    path = "path=device/2/vdummy/0/state"
    found = rows_of([f"store write dom=2 tx=0 {path} val=1", f"store refuse dom=2 tx=1 {path} val=4",
                     f"store refuse dom=2 tx=2 {path} val=9"])
    assert rows.refused(Side.FE, S.INITIALISING, S.SUSPENDING) in found
    assert rows.state(Side.FE, S.CONNECTED) not in found


def test_no_state_and_no_link_are_no_rows() -> None:
    assert rows_of(["store refuse dom=2 tx=0 path=device/2/vdummy/0/state val=4",
                    "store write dom=2 tx=0 path=device/2/vdummy/0/state val=77",
                    "store write dom=2 tx=0 path=soo/me/2/state val=1"]) == set()


def test_an_entry_that_is_made_again_is_no_arrow() -> None:
    path = "device/2/vdummy/0/state"
    found = rows_of([f"store write dom=2 tx=0 path={path} val=5", f"store rm dom=2 tx=0 path={path}",
                     f"store write dom=2 tx=0 path={path} val=1"])
    assert not [row for row in found if row.kind is Kind.ARROW]


def test_consoles() -> None:
    text = (b"so3% \r\n[vdummy] Frontend probe\r\n[vuart] Frontend close\r\n"
            b"[vdummy] backend state 7 after 2 in own state 3: refused\r\n"
            b"echo [vdummy] Frontend probe and more\r\n")
    assert console_rows(text) == [rows.entry(Side.FE, "vdummy", "probe"),
                                  rows.entry(Side.FE, "vuart", "closed"),
                                  rows.refused(Side.BE, S.INITWAIT, S.RECONFIGURING)]


def test_the_last_run_of_a_scenario_counts_if_it_passed(tmp_path: Path) -> None:
    for number, (name, verdict) in enumerate([("a", "PASS"), ("b", "PASS"), ("a", "PASS"), ("b", "FAIL")]):
        store_run(tmp_path, number, name, (), verdict=verdict)
    found = runs.stored_runs([tmp_path])
    assert [run.name for run in found] == ["a", "b", "a", "b"]
    assert [run.folder.name for run in runs.that_count(found)] == ["20260101-000002-x"]


def test_runs_of_an_older_build_do_not_count(tmp_path: Path) -> None:
    for number, (name, build) in enumerate([("a", "1"), ("b", "1"), ("a", "2"), ("c", "2")]):
        store_run(tmp_path, number, name, (), build=build)
    assert [run.name for run in runs.that_count(runs.stored_runs([tmp_path]))] == ["a", "c"]


def test_a_single_run_may_be_named(tmp_path: Path) -> None:
    folder = store_run(tmp_path, 1, "a", ())
    assert [run.folder for run in runs.stored_runs([folder])] == [folder]


def test_without_a_run_there_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no finished run; run the scenarios first"):
        runs.stored_runs([tmp_path])


def test_a_broken_result_is_told(tmp_path: Path) -> None:
    folder = store_run(tmp_path, 1, "a", ())
    (folder / "result.json").write_text("{}")
    with pytest.raises(UsageError, match=r"result\.json: is no result of a run"):
        runs.stored_runs([tmp_path])


def test_a_log_that_is_none_is_told_with_its_line(tmp_path: Path) -> None:
    store_run(tmp_path, 1, "a", (), lines=["nonsense of a line"])
    with pytest.raises(UsageError, match=r"console-soo\.events\.log:2: unknown kind 'nonsense'"):
        runs.rows_of(runs.stored_runs([tmp_path])[0])


def test_a_run_without_an_event_stream_reaches_nothing(tmp_path: Path) -> None:
    folder = store_run(tmp_path, 1, "a", ())
    (folder / "console-soo.events.log").unlink()
    assert not runs.rows_of(runs.stored_runs([tmp_path])[0])


def test_the_first_scenario_is_named_and_all_are_counted() -> None:
    row, other = rows.life(NOT_HERE[0]), rows.life(NOT_HERE[1])
    made = table.make([row, other], [("a", Counter()), ("b", Counter({row: 2})),
                                     ("c", Counter({row: 3}))])
    assert made.rows == (table.Reached(row, 5, "b"), table.Reached(other, 0, ""))
    assert made.missed == (other,)
    assert made.percent == 50.0


def test_less_than_all_is_never_a_hundred_percent() -> None:
    every = [Row(Kind.DC, str(number)) for number in range(5000)]
    made = table.make(every, [("a", Counter(every[1:]))])
    assert "4999 of 5000 reached: 99.9 %" in list(made.lines())


def test_the_command_is_content_with_everything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store_run(tmp_path / "runs", 1, "all", expected())
    assert cli.main(["coverage", str(tmp_path / "runs"), "--json", str(tmp_path / "table.json")]) == 0
    count = len(expected())
    assert f"{count} of {count} reached: 100 %" in capsys.readouterr().out
    values = json.loads((tmp_path / "table.json").read_text())
    assert (values["percent"], values["missed"], len(values["rows"])) == (100.0, [], count)
    assert {row["first"] for row in values["rows"]} == {"all"}


# One row of each kind that nothing else reaches on its way.
MISSING = (
    rows.state(Side.BE, S.CLOSING), rows.arrow(Side.FE, S.RECONFIGURED, S.CONNECTED),
    rows.refused(Side.FE, S.CLOSING, S.INITIALISING), rows.refused(Side.BE, S.CLOSED, S.CONNECTED),
    rows.life_arrow(MeState.HIBERNATE, MeState.KILLED), rows.watch_event(),
    rows.entry(Side.BE, "vuart", "resume"), rows.entry(Side.FE, "vuart", "closed"),
)


@pytest.mark.parametrize("missing", MISSING, ids=str)
def test_the_command_names_what_is_missing(missing: Row, tmp_path: Path,
                                           capsys: pytest.CaptureFixture[str]) -> None:
    def spoilt(row: Row) -> bool:
        return row == missing or (missing.kind is Kind.STATE and missing.name[3:] in row.name)

    store_run(tmp_path, 1, "most", [row for row in expected() if not spoilt(row)])
    assert cli.main(["coverage", str(tmp_path)]) == 1
    assert f"not reached: {missing}" in capsys.readouterr().out
