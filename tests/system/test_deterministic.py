# SPDX-License-Identifier: GPL-2.0-only
"""Deterministic runs: the same logs to the byte, other ones for another seed, and races that come again."""

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from harness.deadline import Deadline
from harness.errors import GuestLost, QemuExited
from harness.images.store import ImageSet
from harness.outcome import Verdict
from harness.proc import Child, run
from harness.scenario.faults import HUNTED
from harness.scenario.result import Options, Result
from harness.scenario.runner import Run
from harness.scenario.schema import read
from tests.meta.tree import ROOT
from tests.system.race import RACE

RunText = Callable[..., Result]

_FIVE = """
about: Five MEs, Connected, their traffic at once.
agency: {overlays: [vdummy-be-on]}
mes:
  - {name: alpha, overlays: [vdummy-fe-on]}
  - {name: beta, overlays: [vdummy-fe-on]}
  - {name: gamma, overlays: [vdummy-fe-on]}
  - {name: delta, overlays: [vdummy-fe-on]}
  - {name: epsilon, overlays: [vdummy-fe-on]}
steps:
  - inject: [alpha, beta, gamma, delta, epsilon]
  - send: {me: [alpha, beta, gamma, delta, epsilon], count: 1000, window: 16}
  - expect.connected: epsilon/vdummy
"""
_ONE = """
about: One ME.
agency: {overlays: [vdummy-be-on]}
mes:
  - {name: alpha, overlays: [vdummy-fe-on]}
steps:
  - inject: alpha
  - send: {me: alpha, count: 500, window: 8}
  - expect.connected: alpha/vdummy
"""
_TWO_MACHINES = """
about: Two machines.
machines: [here, there]
agency: {overlays: [vdummy-be-on]}
mes:
  - {name: alpha, overlays: [vdummy-fe-on]}
steps:
  - inject: alpha
  - expect.connected: alpha/vdummy
"""


def _logs(result: Result) -> str:
    assert result.verdict is Verdict.PASS, result.reason
    print("seed", result.seed, result.facts["start"], "logs", result.facts["logs"])
    print(result.facts["command line"])
    return result.facts["logs"]


@pytest.fixture
def busy_host() -> Iterator[None]:
    """Four busy loops beside the test."""
    with ExitStack() as loops:
        for _ in range(4):
            loops.enter_context(Child([sys.executable, "-c", "while True: pass"]))
        yield


def test_two_runs_of_five_mes_have_identical_logs(run_text: RunText) -> None:
    first, second = (_logs(run_text(_FIVE, seed=0, deterministic=True)) for _ in range(2))
    assert first == second


def test_a_seed_chooses_another_interleaving_and_keeps_it(run_text: RunText) -> None:
    first, other, again = (_logs(run_text(_FIVE, seed=seed, deterministic=True)) for seed in (3, 4, 3))
    assert first == again
    assert first != other


def test_a_boot_is_the_same_too(run_text: RunText) -> None:
    logs = {_logs(run_text(_ONE, seed=0, cold=True, deterministic=True)) for _ in range(2)}
    assert len(logs) == 1


def test_the_death_of_qemu_ends_a_wait_for_what_the_observer_sees(
    tmp_path: Path, images: Callable[[str], ImageSet],
) -> None:
    """The guest's clock, on which the wait's deadline is, stands still then."""
    path = tmp_path / "scenario.yaml"
    path.write_text(_ONE)
    scenario = read(path)
    run = Run(scenario, images(scenario.images), Options(1, tmp_path / "runs", deterministic=True))
    try:
        ctx = run.start()
        os.kill(ctx.machine.pid, signal.SIGKILL)
        with pytest.raises(QemuExited):
            ctx.until(lambda monitor: False, ctx.limit(5.0, "what never comes"))
    finally:
        with suppress(GuestLost):
            run.close()


def test_another_template_changes_nothing(run_text: RunText, own_cache: Path) -> None:
    """It was stopped at the same instruction as the first one, with the same in its memory."""
    logs = set()
    for _ in range(2):
        result = run_text(_ONE, deterministic=True, seed=7)
        assert result.facts["template"].startswith("making template-")
        logs.add(_logs(result))
        for template in (own_cache / "entries").glob("template-*"):
            shutil.rmtree(template)
    assert len(logs) == 1


def test_a_busy_host_changes_nothing(run_text: RunText, request: pytest.FixtureRequest) -> None:
    quiet = _logs(run_text(_ONE, seed=5, deterministic=True))
    request.getfixturevalue("busy_host")
    assert _logs(run_text(_ONE, seed=5, deterministic=True)) == quiet


def test_an_ordinary_run_is_no_deterministic_one(run_text: RunText) -> None:
    result = run_text(_ONE)
    assert result.verdict is Verdict.PASS
    assert "logs" not in result.facts


def test_what_cannot_be_is_skipped_aloud(run_text: RunText) -> None:
    result = run_text(_TWO_MACHINES, deterministic=True)
    assert (result.verdict, "--deterministic" in result.reason) == (Verdict.SKIP, True)


def test_a_hunt_finds_the_race_and_its_seed_fails_each_time(tmp_path: Path) -> None:
    scenario, report = tmp_path / "race.yaml", tmp_path / "hunt.json"
    scenario.write_text(RACE)
    argv = [sys.executable, "-m", "harness", "hunt", str(scenario), "--json", str(report)]
    argv += ["--seeds", "8", "-j", "2", "--again", "10"]
    done = run(argv, deadline=Deadline.after(600, "the hunt"), cwd=ROOT, check=False)
    print(done.stdout.decode(), done.stderr.decode())
    assert done.status == 1
    findings = json.loads(report.read_text())["findings"]
    assert findings
    assert {finding["failure"] for finding in findings} <= {"ring.payload", "ring.response_doubled"}
    for finding in findings:
        assert (finding["repeated"], finding["identical"], finding["again"]) == (10, 10, 10)
        assert "--deterministic" in finding["reproduce"]


def test_every_hunted_defect_is_known() -> None:
    assert {"be-buffer-shared"} == HUNTED
