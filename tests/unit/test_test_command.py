# SPDX-License-Identifier: GPL-2.0-only
"""`harness test`: what it makes of the reports that the environments wrote."""

from pathlib import Path

import pytest

from harness.commands.test import ENVIRONMENTS, TESTED, TOX_INI, Count, _count, _summary

REPORT = """\
<?xml version="1.0"?>
<testsuites name="pytest tests"><testsuite name="pytest" tests="4" errors="1" failures="1" skipped="1">
<testcase name="a"/><testcase name="b"><failure/></testcase>
<testcase name="c"><error/></testcase><testcase name="d"><skipped/></testcase>
</testsuite></testsuites>
"""


def test_a_report_is_counted(tmp_path: Path) -> None:
    (tmp_path / "unit.xml").write_text(REPORT)
    assert _count(tmp_path / "unit.xml") == Count(4, 2, 1)


def test_a_report_that_is_not_there_or_broken_counts_nothing(tmp_path: Path) -> None:
    assert _count(tmp_path / "absent.xml") == Count()
    (tmp_path / "broken.xml").write_text("<testsuites>")
    assert _count(tmp_path / "broken.xml") == Count()


def test_the_total_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert _summary({"unit": Count(10, 0, 1), "system": Count(5, 0, 0)}, 0, selected=False) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "unit       10 tests: 9 passed, 0 failed, 1 skipped"
    assert lines[-1] == "total      15 tests: 14 passed, 0 failed, 1 skipped"


@pytest.mark.parametrize(
    ("counts", "status", "selected", "wanted"),
    [
        ({"unit": Count(3, 1, 0)}, 1, False, 1),
        ({"unit": Count(3, 1, 0)}, 0, False, 1),  # a failure in the report outweighs tox
        ({"unit": Count(3, 0, 0)}, 1, False, 1),  # lint, say, has failed
        ({"unit": Count()}, 0, False, 1),  # green although nothing ran
        ({"unit": Count(3, 0, 0), "system": Count()}, 1, True, 0),  # -k matched in one place only
        ({"unit": Count(), "system": Count()}, 1, True, 1),
        ({}, 0, False, 0),  # lint and types have no tests
    ],
)
def test_the_status(counts: dict[str, Count], status: int, selected: bool, wanted: int) -> None:
    assert _summary(counts, status, selected=selected) == wanted


def test_the_environments_are_those_of_tox() -> None:
    text = TOX_INI.read_text()
    assert f"env_list = {', '.join(ENVIRONMENTS)}" in text
    for name in TESTED:
        assert f"{{[testenv]results}}/{name}.xml" in text
