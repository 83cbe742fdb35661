# SPDX-License-Identifier: GPL-2.0-only
"""A boot that becomes slower from one night on: the history tells since it has been the present."""

import os
import sys
from pathlib import Path

from harness.deadline import Deadline
from harness.nights.drift import Measure, trends
from harness.nights.store import History
from harness.proc import run
from harness.report.facts import BOOT

REPOSITORY = Path(__file__).resolve().parents[2]
# QEMU emulates pointer authentication by a cipher in software, at each call of the kernel's.
CPUS = ("cortex-a72",) * 3 + ("max",) * 3
IMAGES = """# SPDX-License-Identifier: GPL-2.0-only
about: The reference guests on the CPU of one night.
extends: ref-virt64
machine: {{cpu: {cpu}}}
"""
BOOTS = """
about: The agency boots.
images: tonight
boot: cold
steps:
  - boot
"""


def harness(folder: Path, *words: str) -> str:
    done = run([sys.executable, "-m", "harness.cli", *words], cwd=folder, check=False,
               deadline=Deadline.after(200, words[0]), env={**os.environ, "PYTHONPATH": str(REPOSITORY)})
    assert done.status == 0, done.stdout + done.stderr
    return done.stdout.decode()


def test_a_slower_cpu_is_told_as_drift_of_the_boot_time(tmp_path: Path) -> None:
    for folder in ("images", "set"):
        (tmp_path / folder).mkdir()
    (tmp_path / "set" / "boots.yaml").write_text(BOOTS)
    for night, cpu in enumerate(CPUS, start=1):
        (tmp_path / "images" / "tonight.yaml").write_text(IMAGES.format(cpu=cpu))
        assert "boot time" not in (harness(tmp_path, "history") if night > 1 else "")
        harness(tmp_path, "nightly", "set", "--images", "images", "--scenarios-only", "--budget", "2m",
                "--night", f"2026-11-{night:02}")
    past = History(tmp_path / "build/history.sqlite3").read()
    (boot,) = [trend for trend in trends(past, Measure()) if trend.name == BOOT]
    print(f"boot: {boot.before} s before, {boot.now} s now")
    assert boot.drifted
    assert boot.worse
    assert "boot time" in harness(tmp_path, "history")
