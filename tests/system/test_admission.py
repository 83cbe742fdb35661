# SPDX-License-Identifier: GPL-2.0-only
"""A run waits for its tokens before it starts a machine, and that costs the scenario nothing."""

import json
import os
import random
import signal
import sys
import uuid
from pathlib import Path

import pexpect
import pytest

from harness.deadline import Deadline, now
from harness.errors import Expired
from harness.proc import Child
from harness.schedule.amount import Amount
from harness.schedule.tokens import Tokens
from tests.orphans import MARK, qemus, wait_until_gone

REPOSITORY = Path(__file__).resolve().parents[2]
SCENARIO = str(REPOSITORY / "scenarios/links/both-on.yaml")
ARGUMENTS = ["-m", "harness.cli", "run", SCENARIO, "--results", "results.json"]


def tokens(folder: Path) -> Tokens:
    return Tokens(folder / "tokens", Amount(1, 100_000), lambda: 100_000, print)


def environment(folder: Path, mark: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(REPOSITORY), "SOO_HARNESS_TOKENS": str(folder / "tokens"),
            "SOO_HARNESS_CORES": "1", MARK: mark}


def waiting_run(folder: Path, mark: str) -> "pexpect.spawn[str]":
    """A run that has told that it waits."""
    env = environment(folder, mark)
    run = pexpect.spawn(sys.executable, ARGUMENTS, cwd=str(folder), env=env, encoding="utf-8", timeout=120)
    # More for a template that is not there yet than for a clone of it.
    run.expect(rf"waits for 1 core and (96|320) MiB; held by the test \(process {os.getpid()}\)")
    return run


def test_no_machine_before_there_are_tokens(tmp_path: Path) -> None:
    mark = str(uuid.uuid4())
    began = now()
    with tokens(tmp_path).taken(Amount(1, 1), "the test"):
        run = waiting_run(tmp_path, mark)
        assert qemus(mark) == []
    run.expect_exact("1 scenario: 1 PASS")
    run.wait()
    assert run.exitstatus == 0
    assert tokens(tmp_path).requests() == []
    (row,) = json.loads((tmp_path / "results.json").read_text())["rows"]
    assert row["verdict"] == "PASS"
    assert now() - began - row["duration_s"] > 3.0  # it told after three seconds; none of them count


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_who_waits_can_be_stopped(tmp_path: Path, number: signal.Signals, status: int) -> None:
    with tokens(tmp_path).taken(Amount(1, 1), "the test"):
        run = waiting_run(tmp_path, str(uuid.uuid4()))
        run.kill(number)
        run.expect(pexpect.EOF)
        run.wait()
        assert run.exitstatus == status
        assert [request.who for request in tokens(tmp_path).requests()] == ["the test"]


def test_a_killed_run_leaves_no_token(tmp_path: Path) -> None:
    chance = random.Random(4)
    killed = 0
    for _ in range(8):
        mark = str(uuid.uuid4())
        with Child([sys.executable, *ARGUMENTS], cwd=tmp_path, env=environment(tmp_path, mark)) as run:
            try:
                run.wait(Deadline.after_real(chance.uniform(0.8, 3.0), "a run"))
            except Expired:
                os.kill(run.pid, signal.SIGKILL)
                killed += 1
                run.wait(Deadline.after(10, "its end"))
        assert wait_until_gone(mark) == []
        assert tokens(tmp_path).requests() == []
    assert killed >= 4


@pytest.mark.parametrize("workers", [["-j", "2"], ["--hosts", "local,local-2"]])
def test_a_killed_controller_leaves_no_worker_and_no_token(tmp_path: Path, workers: list[str],
                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    mark = str(uuid.uuid4())
    scenario = str(REPOSITORY / "scenarios/life/migrate.yaml")
    monkeypatch.chdir(REPOSITORY)  # hosts are compared with the current folder
    argv = [sys.executable, "-m", "harness.cli", "run", SCENARIO, scenario, *workers]
    env = environment(tmp_path, mark) | {"SOO_HARNESS_CORES": "4"}
    # Neither a terminal nor `Child` ends the others of the session here: the kernel and the workers do.
    out = os.open(tmp_path / "out", os.O_WRONLY | os.O_CREAT)
    run = os.posix_spawn(sys.executable, argv, env, file_actions=[
        (os.POSIX_SPAWN_DUP2, out, 1), (os.POSIX_SPAWN_DUP2, out, 2), (os.POSIX_SPAWN_CLOSE, out)])
    os.close(out)
    limit = Deadline.after(120, "the first machine")
    while not qemus(mark):
        limit.check()
    os.kill(run, signal.SIGKILL)
    os.waitpid(run, 0)
    assert wait_until_gone(mark) == []
    assert tokens(tmp_path).requests() == []
