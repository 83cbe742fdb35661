# SPDX-License-Identifier: GPL-2.0-only
"""The runner is interrupted, ended, killed: no process, no broken cache, and the next run works."""

import os
import random
import select
import signal
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path

import pytest

from harness.deadline import Deadline
from harness.images.manifest import find
from harness.images.store import verify
from harness.proc import Child, run
from tests.moment import wait_until
from tests.orphans import MARK, wait_until_gone

REPOSITORY = Path(__file__).resolve().parents[2]
SCENARIO = REPOSITORY / "scenarios/links/both-on.yaml"
# With a boot: from a template it would be over too soon.
COMMAND = [sys.executable, "-m", "harness.cli", "run", str(SCENARIO), "--cold"]


def a_run(folder: Path, mark: str, command: Sequence[str] = COMMAND) -> Child:
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY), MARK: mark}
    return Child(command, cwd=folder, env=env, stdout=None)


def end_a_run(folder: Path, number: signal.Signals, seconds: float) -> int | None:
    """Start a run, send it a signal after so many seconds; its status, or None if it was faster."""
    mark = str(uuid.uuid4())
    with a_run(folder, mark) as runner:
        ended = select.poll()
        ended.register(runner.fileno(), select.POLLIN)
        if ended.poll(seconds * 1000):
            return None
        os.kill(runner.pid, number)
        status = runner.wait(Deadline.after(30, f"end of the runner after {number.name}"))
    assert wait_until_gone(mark) == []
    return status


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("seconds", [0.2, 0.6, 0.8, 1.0, 2.0, 3.0])
def test_asked_to_stop(number: signal.Signals, seconds: float, tmp_path: Path) -> None:
    """A shell shows 130 or 143, also for a process that the signal met before it could handle it."""
    assert end_a_run(tmp_path, number, seconds) in (128 + number, -number)


PYTHON = """
import pytest


STEP = {"run": {"command": "echo in its steps > /dev/console; sleep 60", "status": 0}}

@pytest.mark.system(about="Boots.", boot="cold", steps=[STEP])
def test_it(agency): pass
"""


@pytest.mark.parametrize("shown", [b"\n", b"in its steps"], ids=["in its boot", "in its steps"])
def test_a_scenario_in_python_asked_to_stop(shown: bytes, tmp_path: Path) -> None:
    """In its boot, or in the steps before its body."""
    (tmp_path / "test_it.py").write_text(PYTHON)

    def reached() -> bool:
        return any(shown in log.read_bytes() for log in tmp_path.glob("build/runs/*/console-agency.log"))

    mark = str(uuid.uuid4())
    with a_run(tmp_path, mark, [*COMMAND[:4], "test_it.py"]) as runner:
        wait_until(reached, runner, Deadline.after(60, f"{shown!r} of its machine"))
        os.kill(runner.pid, signal.SIGTERM)
        status = runner.wait(Deadline.after(30, "end of the runner after SIGTERM"))
    assert wait_until_gone(mark) == []
    assert status == 128 + signal.SIGTERM
    (result,) = tmp_path.glob("build/runs/*/result.json")
    assert "interrupted" in result.read_text()


def test_killed_at_random_moments(tmp_path: Path) -> None:
    chance = random.Random(20)
    moments = [chance.uniform(0.1, 4.0) for _ in range(20)]
    killed = [end_a_run(tmp_path, signal.SIGKILL, moment) for moment in moments]
    assert set(killed) <= {-signal.SIGKILL, None}
    assert killed.count(-signal.SIGKILL) >= 15, killed
    assert not [path for path in tmp_path.rglob("*") if path.is_socket() or path.is_fifo()]
    assert verify(find("ref-virt64")) == []
    after = run(COMMAND, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
                deadline=Deadline.after(120, "a run afterwards"), check=False)
    assert after.status == 0, after.stdout.decode()[-2000:]
