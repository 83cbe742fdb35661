# SPDX-License-Identifier: GPL-2.0-only
"""A failing machine is kept for the person at the terminal."""

import os
import sys
from pathlib import Path

import pexpect

from harness.cli import main
from harness.deadline import Deadline
from harness.proc import Child
from harness.scenario.schema import REPOSITORY

SCENARIO = """\
about: It fails while the machine is well.
images: uboot-arm64
steps:
  - run: {command: version, contains: something else}
"""
# The machine may have to wait until other tests' machines have ended.
_ADMITTED_S = 120
ARGUMENTS = ["-m", "pytest", "-p", "harness.pytest_plugin", "-p", "no:cacheprovider", "own.yaml", "--keep"]


def test_the_console_of_the_failed_machine(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(SCENARIO)
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY), "TERM": "dumb"}
    with pexpect.spawn(sys.executable, ARGUMENTS, cwd=tmp_path, env=env, timeout=_ADMITTED_S) as person:
        person.expect_exact("own has failed; its machine is kept")
        person.expect_exact("console uboot: Ctrl-] leaves")
        person.send("echo i am $((1)) here\r")
        person.expect(r"i am .* here[\s\S]*i am .* here")
        (run,) = (tmp_path / "build/runs").iterdir()
        assert main(["attach", str(run), "--qmp", "query-status"]) == 0  # from another terminal, meanwhile
        person.send("\x1d")
        person.expect_exact("FAIL: own: ")
        person.expect(pexpect.EOF)
    person.wait()
    assert person.exitstatus == 1


def test_without_a_terminal_it_only_says_so(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(SCENARIO)
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with Child([sys.executable, *ARGUMENTS], stdout=tmp_path / "out", stderr=tmp_path / "out", cwd=tmp_path,
               env=env) as child:
        assert child.wait(Deadline.after(_ADMITTED_S, "pytest")) == 1
    assert "no terminal to attach" in (tmp_path / "out").read_text()
