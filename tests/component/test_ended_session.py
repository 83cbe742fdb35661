# SPDX-License-Identifier: GPL-2.0-only
"""What a session tells that was ended before its time, or whose QEMU refuses. QEMU is a shell script here."""

import json
import os
import signal
import sys
from pathlib import Path

import pytest

from harness.deadline import Deadline
from harness.proc import Child, run
from harness.scenario.schema import REPOSITORY

QEMU = """#!/bin/sh
case "$*" in
*-version*) echo 'QEMU emulator version 7.2.22 (Debian 1:7.2)'; exit 0;;
*silent*) exec sleep 60;;
esac
echo "qemu-system-aarch64: unable to find CPU model 'wrong'" >&2
exit 1
"""
MANIFEST = """
about: A machine that never boots.
artifacts:
  firmware: {{file: blob}}
machine: {{binary: qemu-system-aarch64, machine: virt, cpu: {cpu}, memory: 64M, firmware: firmware}}
consoles:
  - {{name: main, kind: serial, dialect: hush, prompt: "=> "}}
boot: {{console: main, deadline: 5s}}
"""


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two scenarios: QEMU refuses the machine of the first one, and says nothing at all in the second."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    (tmp_path / "bin").mkdir()
    qemu = tmp_path / "bin/qemu-system-aarch64"
    qemu.write_text(QEMU)
    qemu.chmod(0o755)
    (tmp_path / "blob").write_bytes(b"\0" * 16)
    for name, cpu in (("refused", "wrong"), ("silent", "silent")):
        (tmp_path / f"{name}.yaml").write_text(MANIFEST.format(cpu=cpu))
        (tmp_path / "s").mkdir(exist_ok=True)
        (tmp_path / f"s/{name}.yaml").write_text(f"about: x\nimages: {name}\nsteps: [boot]\n")
    return [sys.executable, "-m", "harness.cli", "run", "--images", "."]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_table_of_what_had_run(command: list[str], tmp_path: Path, number: signal.Signals) -> None:
    out = tmp_path / "out"
    # The first one is known to take longer, so it is run first.
    known = {"durations": {"refused clone refused": 9.0, "silent clone silent": 1.0}}
    (tmp_path / "known.json").write_text(json.dumps(known))
    with Child([*command, "s", "--durations-from", "known.json"], stdout=out, stderr=out) as child:
        limit = Deadline.after(30, "the second scenario")
        while not list(tmp_path.glob("build/runs/*-silent-*/qmp.jsonl")):
            limit.check()
        os.kill(child.pid, number)
        assert child.wait(Deadline.after(30, "its end")) == 128 + number
    text = out.read_text()
    lines = text.splitlines()
    assert any(line.startswith("refused  ERROR") for line in lines), text
    assert "1 scenario: 1 ERROR" in lines
    assert "interrupted: 1 of 2 had run; silent was running" in lines


def test_only_our_own_line_about_a_machine_that_is_refused(command: list[str]) -> None:
    done = run([*command, "s/refused.yaml"], deadline=Deadline.after(30, "the run"), check=False)
    text = (done.stdout + done.stderr).decode()
    assert done.status == 2
    assert "QEMU does not accept the machine: qemu-system-aarch64: unable to find CPU model 'wrong'" in text
    assert "Captured log" not in text
    assert "Greeting" not in text
