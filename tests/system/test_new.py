# SPDX-License-Identifier: GPL-2.0-only
"""What `harness new` writes works as it is: scenarios pass, a device comes to Connected and answers."""

import os
import sys
from pathlib import Path

import pytest

from harness.cache.store import default_root
from harness.create.scenario import devices
from harness.deadline import Deadline
from harness.proc import run
from harness.scenario.schema import REPOSITORY
from tests.repository import copy_of_repository


def harness(folder: Path, source: Path, *arguments: str) -> str:
    """What a command prints that ends well, with the harness of `source`."""
    env = {**os.environ, "PYTHONPATH": str(source), "SOO_HARNESS_CACHE": str(default_root())}
    done = run([sys.executable, "-m", "harness.cli", *arguments], cwd=folder, env=env, check=False,
               deadline=Deadline.after(600, "harness new"))
    output = (done.stdout + done.stderr).decode(errors="replace")
    assert done.status == 0, output[-3000:]
    return output


@pytest.mark.parametrize("options", [[], ["--python"]])
@pytest.mark.parametrize("device", devices())
def test_a_new_scenario_passes_at_once(tmp_path: Path, device: str, options: list[str]) -> None:
    said = harness(tmp_path, REPOSITORY, "new", "scenario", "my/own", "--device", device, *options)
    line = said.strip().rpartition("next: python3 -m harness ")[2]
    assert "1 scenario: 1 PASS" in harness(tmp_path, REPOSITORY, *line.split())


def test_a_new_device_comes_to_connected(tmp_path: Path) -> None:
    """In a copy of the repository, whose guests are built with it."""
    copy_of_repository(tmp_path)
    said = harness(tmp_path, tmp_path, "new", "device", "vled")
    assert "next: python3 -m harness run scenarios/vled/both-on.yaml\n" in said
    ran = harness(tmp_path, tmp_path, "run", "scenarios/vled/both-on.yaml", "--record")
    assert "vled/both-on  PASS" in ran
    (tmp_path / "look").write_text("soo-break vled:vled_connected\ncontinue\nsoo-links\n")
    told = harness(tmp_path, tmp_path, "replay", "--gdb", "-x", "look")
    assert "vled_connected at ./vledback/vled.c:" in told, "gdb knows its module"
    assert "vled/2  backend/vled/2/0: BE CONNECTED, FE CONNECTED" in told
    lint = run([sys.executable, "-m", "ruff", "check", "."], cwd=tmp_path, check=False,
               deadline=Deadline.after(60, "ruff"))
    assert lint.status == 0, lint.stdout.decode()
