# SPDX-License-Identifier: GPL-2.0-only
"""Parts of reports: which runs, the rows of a handshake, ring samples, room for lines, readable text."""

from pathlib import Path

import pytest

from harness.check.violation import Violation
from harness.errors import UsageError
from harness.model.device import Side
from harness.outcome import Verdict
from harness.report import rings, sequence
from harness.report.facts import Facts
from harness.report.gather import gather, groups, last_bad, last_bad_folder
from harness.report.lines import first_bad, lines, what_it_is
from harness.report.observed import Timed, stream_name, timed_events
from harness.report.page import page
from harness.report.results import Results, write
from harness.report.sequence import Diagram, Kind
from harness.report.stored import Moment, StoredRun, moments, read_run
from harness.report.table import Row
from harness.report.text import general, visible
from tests.unit.report_folder import STALL, STALLED, TRAFFIC, events, make, passed, result

SAMPLE = "ring sample dev=backend/vdummy/2/0"
STATE = "device/2/vdummy/0/state"


def timed(text: str = STALLED) -> list[Timed]:
    return list(timed_events([Moment(*line) for line in events(text)], "soo.events"))


def diagram(*violations: Violation) -> Diagram:
    (made,) = sequence.diagrams(timed(), StoredRun("x", Verdict.FAIL, violations=violations), 5.0)
    return made


def test_what_is_not_seen_becomes_something_to_read() -> None:
    assert visible("a\x1b[2J\r\n\x7f\x00") == "a␛[2J␍␊␡␀"
    assert visible("\u202eabc\ud800\u2028\ufeff\U000e0001") == "\\u202eabc\\ud800\\u2028\\ufeff\\U000e0001"
    assert visible("Ünser Ordner ✓ 漢") == "Ünser Ordner ✓ 漢"


def test_numbers_do_not_make_failures_different() -> None:
    assert general("CPU 1 at 0xffff80 for 4.2 s") == general("CPU 0 at 0x12 for 13 s") == "CPU N at N for N s"


def test_a_handshake_row_by_row() -> None:
    rows = [(row.side, row.kind, row.text, row.told, row.foreign) for row in diagram().rows]
    assert rows == [
        (Side.FE, Kind.STATE, "Initialising(1)", False, False),
        (Side.BE, Kind.STATE, "Initialising(1)", False, True),
        (Side.BE, Kind.NOTE, "probe()", False, False),
        (Side.BE, Kind.STATE, "InitWait(2)", True, False),
        (Side.FE, Kind.NOTE, "ring-ref = 1", False, False),
        (Side.FE, Kind.STATE, "Initialised(3)", True, False),
    ]
    assert (diagram().me, str(diagram().key), diagram().broken) == ("alpha", "vdummy/2/0", False)


@pytest.mark.parametrize(("place", "event", "at"), [
    (STALL["place"], STALL["event"], -1),  # of what did not happen: at the end
    (f"{STATE}", "62 1086327056 store write", 5),  # after its event, wherever the place is told
    ("alpha/vdummy", "83 1668547968 ring sample", -1),  # by the name of the ME
    ("backend/vdummy/2/0", None, -1),
])
def test_a_violation_is_marked_where_it_happened(place: str, event: str | None, at: int) -> None:
    made = diagram(Violation("some.rule", place, "a", "b", event))
    rows = list(made.rows)
    assert rows[at].kind is Kind.VIOLATION
    assert "some.rule" in rows[at].text
    assert made.broken


def test_another_links_violation_is_not_marked() -> None:
    assert not diagram(Violation("x.y", "vdummy/20/0: FE waits", "a", "b", "9 9 x")).broken
    assert not diagram(Violation("x.y", "agency", "a", "b")).broken


def test_a_long_life_keeps_its_end() -> None:
    text = "".join(f"{at} {at} store write dom=2 tx=0 path={STATE} val={at % 5}\n" for at in range(500))
    (made,) = sequence.diagrams(timed(text), StoredRun("x", Verdict.FAIL), 1.0)
    assert made.left_out == 500 - len(made.rows) > 400
    assert made.rows[-1].seq == 499


def test_ring_fill_and_rates() -> None:
    (plot,) = rings.plots(timed(TRAFFIC))
    assert [sample.fill for sample in plot.samples] == [0, 12, 32]
    assert [sample.rate and round(sample.rate) for sample in plot.samples] == [None, 49883, 116573]
    assert (plot.entries, plot.beyond) == (32, False)


def test_a_new_ring_and_one_too_full() -> None:
    text = TRAFFIC + f"90 1876360224 {SAMPLE} req_prod=40 req_cons=0 rsp_prod=0 rsp_cons=0\n"
    (plot,) = rings.plots(timed(text))
    assert plot.samples[-1].rate is None
    assert plot.beyond
    assert "limit" in rings.draw(plot)


def test_many_samples_keep_the_fullest() -> None:
    text = "".join(f"{at} {at}00 {SAMPLE} req_prod={31 * (at == 777)} req_cons=0 rsp_prod=0 rsp_cons=0\n"
                   for at in range(2000))
    (plot,) = rings.plots(timed(text))
    assert len(plot.samples) <= 300
    assert max(sample.fill for sample in plot.samples) == 31


def test_lines_nearest_to_the_bad_one_are_kept() -> None:
    told = [Moment(at / 10, "agency", f"line {at} " + "x" * 80) for at in range(1000)]
    told[5] = Moment(0.5, "step", "inject alpha")
    found = lines(told, 500, 10_000)
    assert "line 500" in found.bad
    assert "line 499" in found.before
    assert "inject alpha" in found.before
    assert "line 501" in found.after
    assert "line 999" not in found.after
    assert 60 < 1000 - found.left_out < 120
    assert lines(told, None, 10**6).left_out == 0


def test_the_first_bad_event() -> None:
    event = str(STALL["event"])
    told = [Moment(0.1, "step", "x"), Moment(1.0, "soo.events", event), Moment(2.0, "verdict", "no")]
    violation = Violation("a.b", "c", "d", "e", event)
    assert first_bad(StoredRun("x", Verdict.FAIL, violations=(violation,)), told) == (told[1], 1)
    assert first_bad(StoredRun("x", Verdict.FAIL), told) == (told[2], 2)
    assert first_bad(StoredRun("x", Verdict.FAIL), []) == (None, None)
    panic = Violation("console.panic", "console agency", "no panic", " Kernel panic: x")
    told.insert(1, Moment(0.7, "agency", "Kernel panic: x"))
    assert first_bad(StoredRun("x", Verdict.FAIL, violations=(panic,)), told) == (told[1], 1)
    told.pop(1)
    diagnosed = Moment(1.5, "agency", "gone from the time line")
    assert first_bad(StoredRun("x", Verdict.FAIL, first_bad=diagnosed), told) == (diagnosed, 1)


@pytest.mark.parametrize(("rule", "event", "bad", "name"), [
    ("link.stalled", "1 1 x", None, "Last event, then nothing"),
    ("expect.store", "1 1 x", "1 1 x", "Last event before it"),
    ("state.rewritten", "1 1 x", None, "First bad event"),
    ("link.stalled", "1 1 x", "a line of a console", "First bad event"),
    ("console.panic", None, None, "First bad event"),
])
def test_what_the_marked_line_is_called(rule: str, event: str | None, bad: str | None, name: str) -> None:
    found = Moment(1.0, "agency", bad) if bad else None
    violation = Violation(rule, "a", "b", "c", event)
    assert what_it_is(StoredRun("x", Verdict.FAIL, violations=(violation,), first_bad=found)) == name
    assert what_it_is(StoredRun("x", Verdict.CRASH)) == "The end"


def test_a_killed_run_leaves_half_a_line(tmp_path: Path) -> None:
    folder = make(tmp_path, 1, result(), events())
    whole = moments(folder)
    with (folder / "timeline.jsonl").open("a") as file:
        file.write('{"t": 3.0, "sour')
    assert moments(folder) == whole
    (folder / "observer.json").write_text('{"log": "console-my.port.log"}')
    assert stream_name(folder) == "my.port"


def test_which_runs(tmp_path: Path) -> None:
    root = tmp_path / "runs"
    one, two = make(root, 1, passed("a")), make(root, 2, result(name="b"))
    (root / "20261121-212803-killed-0").mkdir()
    (root / "other").mkdir()
    assert [(run.name, run.verdict.name) for run in gather([root])] == [
        ("a", "PASS"), ("b", "FAIL"), ("20261121-212803-killed-0", "ERROR")]
    assert [run.name for run in gather([two, one, root / "20261121-212803-killed-0", two])][:2] == ["b", "a"]
    assert last_bad(root).name == "b"
    assert last_bad_folder(root) == two
    make(root, 4, result(name="c", reason="interrupted", violations=[]))
    (make(root, 5, result(name="d")) / "result.json").write_text("{")
    assert last_bad_folder(root) == two
    make(tmp_path / "fine" / "runs", 1, passed("a"))
    with pytest.raises(UsageError, match="runs: no run has failed here; name the folder"):
        last_bad(tmp_path / "fine" / "runs")


def test_the_last_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = make(Path("build/runs"), 1, result(name="b"))
    make(Path("build/runs"), 2, passed("of an older session"))
    rows = (Row("b", Verdict.FAIL, 1.0, "short", 1, str(folder)),
            Row("c", Verdict.ERROR, 0.0, "c.yaml:3: unknown step", 2, "", "python3 -m harness run c.yaml"),
            Row("d", Verdict.PASS, 0.0, "", 0, "build/runs/gone"))
    write(Results("1/1", "", ("b", "c", "d"), rows), Path("build/runs/last-session.json"))
    found = gather([])
    assert [(run.name, run.sentence) for run in found] == [
        ("b", "vdummy/2/0: FE waits: link.stalled"), ("c", "c.yaml:3: unknown step"), ("d", "")]
    assert [title for title, _ in groups(found)] == [
        "link.stalled: a handshake that has begun makes progress", "c.yaml:N: unknown step"]


def test_shards_whose_runs_are_on_other_machines(tmp_path: Path) -> None:
    row = Row("b", Verdict.FAIL, 1.0, "FE waits for BE", 1, "build/runs/gone",
              "python3 -m harness run b.yaml")
    facts = Facts(images="ref-virt64", title="link.stalled: BE stays", where="b.yaml:8",
                  violations=(("link.stalled", "vdummy/2/0", "a", "b"),))
    write(Results("1/2", "", ("b", "c"), (row,), {"b": facts}), tmp_path / "1.json")
    write(Results("2/2", "", ("b", "c"), (Row("c", Verdict.PASS, 1.0, ""),)), tmp_path / "2.json")
    one, two = gather([tmp_path])
    assert (one.title, one.sentence, one.where) == ("link.stalled: BE stays", "FE waits for BE", "b.yaml:8")
    assert [violation.rule for violation in one.violations] == ["link.stalled"]
    assert (one.reproduce, two.verdict) == ("python3 -m harness run b.yaml", Verdict.PASS)
    html = page([one, two], tmp_path)
    assert "vdummy/2/0" in html


@pytest.mark.parametrize(("name", "content", "message"), [
    ("nothing", None, "nothing: no such folder or file; name the folder of a run, a folder of runs"),
    ("empty", "", "empty: neither the folder of a run nor a file of results; 'harness run --results FILE'"),
    ("x.json", "{}", "x.json: neither the folder of a run nor a file of results"),
])
def test_what_is_no_run_is_told(tmp_path: Path, name: str, content: str | None, message: str) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(UsageError) as told:
        gather([tmp_path / name])
    assert message in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("damage", ["", "[]", '{"name": "x"}', '{"name": "x", "verdict": "MAYBE"}', "\udcff"])
def test_a_damaged_folder_is_told_in_one_line(tmp_path: Path, damage: str) -> None:
    folder = make(tmp_path, 1, result())
    (folder / "result.json").write_bytes(damage.encode("utf-8", "surrogateescape"))
    with pytest.raises(UsageError, match="result.json: is no result of a run, or a damaged one; name"):
        read_run(folder)
    (among,) = gather([tmp_path])
    assert (among.title, among.verdict.name, among.folder) == ("damaged result", "ERROR", folder)


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"places": 3}', '{"links": [3]}', '{"first_bad": 1}'])
def test_a_damaged_diagnosis_is_told_apart(tmp_path: Path, damage: str) -> None:
    folder = make(tmp_path, 1, result())
    (folder / "diagnosis.json").write_text(damage)
    with pytest.raises(UsageError, match="diagnosis.json: is no diagnosis, or a damaged one; remove it"):
        read_run(folder)
    (folder / "diagnosis.json").unlink()
    assert read_run(folder).name
