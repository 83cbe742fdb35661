# SPDX-License-Identifier: GPL-2.0-only
"""The tree of failures, and what becomes of each at the end of a run."""

import pytest

from harness import errors
from harness.outcome import Verdict, exit_code, exit_code_of, verdict_of, worst


def test_text_is_one_line_with_place_and_hint() -> None:
    error = errors.DtError("no label\n  `uart9`", where="a.dtso:7", hint="use one of: uart0")
    assert str(error) == "a.dtso:7: no label `uart9`; use one of: uart0"


def test_parts_that_are_not_given_are_left_out() -> None:
    assert str(errors.UsageError("no such scenario")) == "no such scenario"
    assert str(errors.HostError("disk full", hint="make room")) == "disk full; make room"


@pytest.mark.parametrize(("error", "verdict", "status"), [
    (errors.SchemaError("x"), Verdict.ERROR, 2),
    (errors.DtError("x"), Verdict.ERROR, 2),
    (errors.FitError("x"), Verdict.ERROR, 2),
    (errors.ManifestError("x"), Verdict.ERROR, 2),
    (errors.ToolMissing("x"), Verdict.ERROR, 3),
    (errors.CacheError("x"), Verdict.ERROR, 3),
    (errors.CommandFailed("x", argv=["a"], status=1, output=b""), Verdict.ERROR, 3),
    (errors.QmpRefused("x", command="cont", error_class="GenericError"), Verdict.ERROR, 3),
    (errors.Expired("x", waiting_for="y"), Verdict.CRASH, 1),
    (errors.Panicked("x", pattern="oops", line="l"), Verdict.CRASH, 1),
    (errors.QemuExited("x"), Verdict.CRASH, 1),
    (errors.ExpectationFailed("x"), Verdict.FAIL, 1),
    (KeyError("a bug of ours"), Verdict.ERROR, 2),
])
def test_verdict_and_exit_status(error: Exception, verdict: Verdict, status: int) -> None:
    assert verdict_of(error) is verdict
    assert exit_code_of(error) == status


def test_the_worst_verdict_wins() -> None:
    assert worst([Verdict.PASS, Verdict.FAIL, Verdict.SKIP]) is Verdict.FAIL
    assert worst([Verdict.FAIL, Verdict.CRASH, Verdict.ERROR]) is Verdict.CRASH


def test_no_verdict_is_an_error() -> None:
    assert worst([]) is Verdict.ERROR


def test_exit_codes_of_verdicts() -> None:
    assert [exit_code(verdict) for verdict in Verdict] == [0, 0, 2, 1, 1]
