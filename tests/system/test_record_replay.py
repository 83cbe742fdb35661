# SPDX-License-Identifier: GPL-2.0-only
"""Recorded runs: the same bytes each time, also of a run that failed; and what a spoilt record says."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import main
from harness.debug.recording import read
from harness.debug.replay import replay
from harness.outcome import Verdict
from harness.scenario.result import Result

RunText = Callable[..., Result]

TWO = """
about: Two MEs in traffic.
agency: {overlays: [vdummy-be-on]}
mes:
  - {name: alpha, overlays: [vdummy-fe-on]}
  - {name: beta, overlays: [vdummy-fe-on]}
steps:
  - inject: [alpha, beta]
  - send: {me: [alpha, beta], count: 200, window: 8}
  - expect.connected: beta/vdummy
"""
BEYOND = """
about: A BE that publishes responses which it has not given.
images: ref-virt64-faults
agency: {overlays: [vdummy-be-on], fault: be-rsp-beyond}
mes:
  - {name: alpha, overlays: [vdummy-fe-on]}
steps:
  - inject: alpha
  - send: {me: alpha, count: 100, window: 8}
"""
TWO_MACHINES = TWO.replace("agency:", "machines: [here, there]\nagency:", 1)


def test_ten_replays_of_one_record_are_identical(
        run_text: RunText, capsys: pytest.CaptureFixture[str]) -> None:
    result = run_text(TWO, record=True)
    assert result.verdict is Verdict.PASS, result.reason
    assert result.run_dir is not None
    assert "one CPU" in result.facts["record"]
    assert main(["replay", str(result.run_dir), "--times", "10"]) == 0
    told = capsys.readouterr().out
    print(told)
    assert "10 of 10 replays are identical, 13 consoles each" in told
    assert len({line.split()[-1] for line in told.splitlines() if line.startswith("replay ")}) == 1
    assert not list(result.run_dir.glob("replay-*"))


def test_a_run_that_failed_is_replayed_to_its_failure(run_text: RunText) -> None:
    result = run_text(BEYOND, record=True)
    assert result.verdict is Verdict.FAIL
    assert result.rules[0] == "ring.no_overrun"
    assert result.run_dir is not None
    assert replay(read(result.run_dir)).differences == ()


def test_other_bytes_than_recorded_are_told_and_kept(
        run_text: RunText, capsys: pytest.CaptureFixture[str]) -> None:
    result = run_text(TWO, record=True)
    assert result.run_dir is not None
    log = result.run_dir / "console-me3.log"
    log.write_bytes(log.read_bytes().replace(b"so3% ", b"so4% ", 1))
    assert main(["replay", str(result.run_dir)]) == 1
    told = capsys.readouterr().out
    assert "console me3: differs from byte" in told
    assert "0 of 1 replays are identical" in told
    (kept,) = result.run_dir.glob("replay-*")
    assert b"so3% " in (kept / "console-me3.log").read_bytes()


def test_what_cannot_be_recorded_is_skipped_and_says_why(run_text: RunText) -> None:
    result = run_text(TWO_MACHINES, record=True)
    assert (result.verdict, result.reason) == (Verdict.SKIP, "--record is for one machine")


def test_a_record_that_is_cut_is_no_replay(run_text: RunText, capsys: pytest.CaptureFixture[str]) -> None:
    result = run_text(TWO, record=True)
    assert result.run_dir is not None
    log: Path = result.run_dir / "record" / "log"
    log.write_bytes(log.read_bytes()[: log.stat().st_size // 2])
    assert main(["replay", str(result.run_dir)]) == 2
    assert "the record is damaged: log has " in capsys.readouterr().err
    machine = result.run_dir / "record" / "machine.json"
    machine.write_text(json.dumps({**json.loads(machine.read_text()), "sizes": {}}))
    assert main(["replay", str(result.run_dir)]) == 1
    print(capsys.readouterr().err)
