# SPDX-License-Identifier: GPL-2.0-only
"""An image set that is not ours, described outside the repository, driven with no line of Python."""

import os
import sys
from pathlib import Path

import pytest

from harness.deadline import Deadline
from harness.proc import run
from harness.scenario.schema import REPOSITORY

SCENARIO = """\
about: Somebody's own firmware comes to its prompt.
images: own
steps:
  - boot: {milestones: true}
  - run: {command: version, contains: U-Boot}
  - type: "echo raw$((1))\\n"
  - expect.console: {matches: "raw"}
"""


@pytest.mark.parametrize("architecture", ["arm64", "arm"])
def test_a_manifest_outside_the_repository(architecture: str, tmp_path: Path) -> None:
    manifest = (REPOSITORY / "images" / f"uboot-{architecture}.yaml").read_text()
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "own.yaml").write_text(manifest)
    (tmp_path / "own.yaml").write_text(SCENARIO)
    argv = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "harness.pytest_plugin",
        "-p",
        "no:cacheprovider",
        "own.yaml",
        "--images",
        "images",
    ]
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = run(argv, deadline=Deadline.after(60, "pytest"), cwd=tmp_path, env=env, check=False)
    assert done.status == 0, done.stdout.decode()
    assert "1 scenario: 1 PASS" in done.stdout.decode()


def test_a_boot_without_end_is_a_crash(tmp_path: Path) -> None:
    manifest = (REPOSITORY / "images" / "uboot-arm64.yaml").read_text()
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "own.yaml").write_text(
        manifest.replace('prompt: "=> "', 'prompt: "never"').replace("deadline: 30s", "deadline: 4s")
    )
    (tmp_path / "own.yaml").write_text(SCENARIO)
    argv = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "harness.pytest_plugin",
        "-p",
        "no:cacheprovider",
        "own.yaml",
        "--images",
        "images",
    ]
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = run(argv, deadline=Deadline.after(60, "pytest"), cwd=tmp_path, env=env, check=False)
    text = done.stdout.decode()
    assert done.status == 1, text
    assert "reason     console uboot: boot to the prompt of uboot: not within" in text
    assert "last seen:" in text
    (folder,) = (tmp_path / "build" / "runs").glob("*-own-*")
    assert (folder / "registers.txt").stat().st_size > 100
