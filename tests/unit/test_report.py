# SPDX-License-Identifier: GPL-2.0-only
"""The block of a failure and the table of a session."""

import json
from pathlib import Path

from harness.check.violation import Violation
from harness.outcome import Verdict
from harness.report.block import facts_block, failure_block
from harness.report.table import Row, table, totals
from harness.scenario.result import Options, Result, reproduction

VIOLATION = Violation("ring.payload", "alpha/vdummy", "0 of 5", "1 of 5", "17 99 ring sample")


def test_a_failure_on_one_screen() -> None:
    result = Result("links/x", Verdict.FAIL, "something", where="x.yaml:7", run_dir=Path("build/runs/x"),
                    violations=(VIOLATION,) * 9, seed=3, reproduce="python3 -m harness run x.yaml --seed 3")
    lines = failure_block(result).splitlines()
    assert lines[0] == "FAIL: links/x: something"
    assert "  step       x.yaml:7" in lines
    assert "  folder     build/runs/x" in lines
    assert "  reproduce  python3 -m harness run x.yaml --seed 3" in lines
    assert "             and 4 more" in lines
    assert len(lines) < 24


def test_a_reason_is_told_where_neither_sentence_nor_violation_has_it() -> None:
    cause = Result("x", Verdict.CRASH, "answer to 'vbs': not within 5.0 s", sentence="sh waits for a mutex")
    assert "  reason     answer to 'vbs': not within 5.0 s" in failure_block(cause).splitlines()
    broken = Result("x", Verdict.FAIL, "alpha: ring.payload: 0 of 5", sentence="BE broke ring.payload",
                    violations=(VIOLATION,))
    assert "  reason" not in failure_block(broken)


def test_a_traceback_only_for_our_own_bugs() -> None:
    result = Result("x", Verdict.ERROR, "boom", traceback="Traceback ...\n  File ...")
    assert "this is a bug of the harness" in failure_block(result)
    assert "bug" not in failure_block(Result("x", Verdict.ERROR, "no disk"))


def test_facts() -> None:
    assert facts_block(Result("x", Verdict.PASS, seed=5, facts={"qemu": "7.2.22"})) == "seed 5\nqemu: 7.2.22"


def test_table_and_totals() -> None:
    rows = [Row("a", Verdict.PASS, 1.25, ""), Row("longer", Verdict.SKIP, 0.0, "lacks kvm" * 20)]
    lines = table(rows, 60)
    assert lines[0] == "a       PASS      1.2 s"
    assert len(lines[1]) <= 60
    assert lines[1].endswith("...")
    assert totals(rows) == "2 scenarios: 1 PASS, 1 SKIP"
    assert totals([]) == "0 scenarios: none"


def test_json() -> None:
    loaded = json.loads(Result("x", Verdict.CRASH, "gone", violations=(VIOLATION,)).as_json())
    assert (loaded["verdict"], loaded["violations"][0]["rule"]) == ("CRASH", "ring.payload")


def test_rules_are_named_once() -> None:
    assert Result("x", Verdict.FAIL, violations=(VIOLATION, VIOLATION)).rules == ("ring.payload",)


def test_reproduction() -> None:
    options = Options(seed=9, run_root=Path("r"), images_dirs=(Path("my images"),))
    line = reproduction(Path.cwd() / "scenarios/a.yaml", options)
    assert line == "python3 -m harness run scenarios/a.yaml --seed 9 --images 'my images'"
    options = Options(seed=9, run_root=Path("r"), cold=True)
    line = reproduction(Path.cwd() / "scenarios/test_a.py", options, "test_it[a-b]")
    assert line == "python3 -m harness run 'scenarios/test_a.py::test_it[a-b]' --seed 9 --cold"


def test_a_long_name_never_hides_the_verdict() -> None:
    (line,) = table([Row("n" * 300, Verdict.FAIL, 1.0, "reason " * 30)], 80)
    assert len(line) == 80
    assert "n...  FAIL " in line
