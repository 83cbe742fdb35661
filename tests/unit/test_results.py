# SPDX-License-Identifier: GPL-2.0-only
"""Results of shards, joined: nothing missing, nothing twice, one exit status."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.commands.merge import main, status
from harness.errors import HostError, UsageError
from harness.grammar import parser
from harness.outcome import Verdict
from harness.report.results import Results, is_results, join, read, write
from harness.report.table import Row

NAMES = ("a/x", "a/y", "b/z")
ROWS = [Row(name, Verdict.PASS, 1.25, "") for name in NAMES]
ONE = Results("1/2", "f00", NAMES, (ROWS[2],))
TWO = Results("2/2", "f00", NAMES, (ROWS[1], ROWS[0]))


def joined(*parts: Results) -> tuple[Row, ...]:
    return join([(f"{number}.json", part) for number, part in enumerate(parts)])


def test_written_and_read_again(tmp_path: Path) -> None:
    failed = replace(ROWS[0], verdict=Verdict.FAIL, reason="no", exit_status=1)
    write(replace(ONE, rows=(failed,)), tmp_path / "new" / "one.json")
    assert read(tmp_path / "new" / "one.json") == replace(ONE, rows=(failed,))
    assert is_results(tmp_path / "new" / "one.json")


def test_all_shards_make_one_table() -> None:
    assert joined(TWO, ONE) == tuple(ROWS)


@pytest.mark.parametrize(("parts", "message"), [
    ([ONE], "merge: shard 2/2 is missing"),
    ([ONE, TWO, ONE], "merge: shard 1/2 is there more than once"),
    ([ONE, replace(TWO, rows=(ROWS[1],))], "merge: scenario a/x is missing"),
    ([ONE, replace(TWO, rows=tuple(ROWS))], "merge: scenario b/z is there more than once"),
    ([ONE, replace(TWO, rows=(*TWO.rows, replace(ROWS[0], name="c")))], "merge: scenario c is not selected"),
    ([ONE, replace(TWO, split="bad")], "1.json: split by other durations than 0.json; give all shards"),
    ([ONE, replace(TWO, selected=("a/x", "q"))],
     "1.json: other scenarios were selected than in 0.json: a/y, b/z, q"),
    ([ONE, replace(TWO, shard="2/3")], "1.json: shard 2/3 and shard 1/2 of 0.json are not of one split"),
])
def test_what_does_not_fit_is_told(parts: list[Results], message: str) -> None:
    with pytest.raises(UsageError) as told:
        joined(*parts)
    assert str(told.value).startswith(message)


def test_other_files_are_refused(tmp_path: Path) -> None:
    for text in ("", "[]", "{}", '{"kind": "soo-results"}', '{"kind": "x"}'):
        (tmp_path / "x.json").write_text(text)
        with pytest.raises(UsageError, match="x.json: no file of results"):
            read(tmp_path / "x.json")
    assert not is_results(tmp_path / "x.json")
    assert not is_results(tmp_path / "missing.json")
    (tmp_path / "file").write_text("")
    with pytest.raises(HostError, match="cannot write the results"):
        write(ONE, tmp_path / "file" / "one.json")


def test_a_broken_part_is_named(tmp_path: Path) -> None:
    """In a folder too, where files of other kinds are left alone."""
    for number, part in enumerate((ONE, TWO), start=1):
        write(part, tmp_path / f"part-{number}.json")
    broken = tmp_path / "part-2.json"
    broken.write_text(broken.read_text()[:-40])
    (tmp_path / "other.json").write_text('{"kind": "x"')
    arguments = parser().parse_args(["merge", str(tmp_path)])
    with pytest.raises(UsageError, match="part-2.json: no file of results: no JSON at line .*; run"):
        main(arguments)
    broken.unlink()
    with pytest.raises(UsageError, match="merge: shard 2/2 is missing; looked at .*part-1.json$"):
        main(arguments)


def test_exit_status() -> None:
    assert status(ROWS) == 0
    assert status([]) == 2
    assert status([*ROWS, replace(ROWS[0], exit_status=3), replace(ROWS[0], exit_status=1)]) == 1
