# SPDX-License-Identifier: GPL-2.0-only
"""`harness check` says of a run that is over what the run said of itself."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from harness.cli import main
from harness.errors import ViolationLike
from harness.outcome import Verdict
from harness.scenario.result import Result
from harness.scenario.stored import Judged, judge, logs_below

RunText = Callable[[str], Result]

_SCENARIO = """
about: A life for the event log{of}.
images: {images}
agency: {{overlays: [vdummy-be-on]{fault}}}
mes:
  - {{name: alpha, overlays: [vdummy-fe-on]}}
steps:
  - inject: alpha
  - send: {{me: alpha, count: 200, window: 8}}
  - suspend: alpha
  - resume: alpha
  - kill: alpha
"""


def _good() -> str:
    return _SCENARIO.format(of="", images="ref-virt64", fault="")


def _spoiled(fault: str) -> str:
    return _SCENARIO.format(of=f" of '{fault}'", images="ref-virt64-faults", fault=f", fault: {fault}")


def _judged(result: Result) -> Judged:
    assert result.run_dir is not None
    (log,) = logs_below(result.run_dir)
    return judge(log)


def test_a_run_that_passed(run_text: RunText, capsys: pytest.CaptureFixture[str]) -> None:
    result = run_text(_good())
    assert result.verdict is Verdict.PASS, result.reason
    assert main(["check", str(result.run_dir)]) == 0
    judged = _judged(result)
    assert (judged.broken, judged.awaited, judged.lost, judged.cut) == ((), (), 0, False)
    assert judged.events > 100
    assert capsys.readouterr().out == f"{judged.log}: {judged.events} events, 0 violations\n"
    _check_damage(judged.log, capsys)


def _check_damage(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is left of a log that was cut, spoiled or robbed of a line tells so in one line."""
    whole = log.read_bytes()
    log.write_bytes(whole[:len(whole) // 2])
    assert main(["check", str(log)]) == 0
    assert capsys.readouterr().out.endswith(" events, 0 violations, its end is missing\n")

    lines = whole.splitlines(keepends=True)
    log.write_bytes(b"".join([*lines[:50], *lines[51:]]))
    assert main(["check", str(log)]) == 0
    assert "0 violations, 1 events lost: what they hid is not judged\n" in capsys.readouterr().out

    for spoiled in (b"\0" * 20 + b"\n", b"hello\n", lines[49]):
        log.write_bytes(b"".join([*lines[:50], spoiled, *lines[51:]]))
        assert main(["check", str(log)]) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1
        assert f"{log}:51: " in error


@pytest.mark.parametrize("fault", ["be-suspend-skips-state", "be-stuck", "vbs-event-twice", "be-evtchn-left"])
def test_a_run_that_failed(fault: str, run_text: RunText, capsys: pytest.CaptureFixture[str]) -> None:
    result = run_text(_spoiled(fault))
    assert result.verdict is Verdict.FAIL, result.reason
    judged = _judged(result)
    # The live run ends at its first violation; its log goes on to the end of the machine.
    found = _told(judged.broken)
    assert found[:1] == _told(result.violations)[:1]
    assert set(_told(result.violations)) <= set(found)
    assert main(["check", str(result.run_dir)]) == 1
    assert f"\n  {judged.broken[0]}\n" in capsys.readouterr().out


def _told(violations: Sequence[ViolationLike]) -> list[tuple[str, str, str, str | None]]:
    """All but what was observed, which for a stall tells how long."""
    return [(found.rule, found.place, found.expected, found.event) for found in violations]
