# SPDX-License-Identifier: GPL-2.0-only
"""A signal that comes while Python collects garbage, and swallows what is raised, ends the session too."""

import os
import signal
import sys
from pathlib import Path

import pytest

from harness.deadline import Deadline, now
from harness.proc import Child

REPOSITORY = Path(__file__).resolve().parents[2]
TEST = """
import os, select, weakref

class Garbage:
    pass

def collected(reference):
    os.write(1, b"inside\\n")
    select.select([], [], [], 1.0)

def test_it():
    garbage = Garbage()
    reference = weakref.ref(garbage, collected)
    del garbage
    select.select([], [], [], 60.0)
"""


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 2)])
def test_a_signal_among_garbage(number: signal.Signals, status: int, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TEST)
    argv = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "harness.pytest_plugin", "test_it.py"]
    out = tmp_path / "out"
    with Child(argv, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(REPOSITORY)}, stdout=out) as child:
        limit = Deadline.after(30, "the test inside its callback")
        while not out.exists() or b"inside" not in out.read_bytes():
            limit.check()
        began = now()
        os.kill(child.pid, number)
        assert child.wait(Deadline.after(30, "its end")) == status
        assert now() - began < 30
    assert b"Unraisable" not in out.read_bytes()
