# SPDX-License-Identifier: GPL-2.0-only
"""The same scenarios on another image set: --set, and the set whose CPUs run at the same moment."""

import json
import sys
from pathlib import Path

from harness.deadline import Deadline
from harness.images.machine import machine_spec
from harness.images.manifest import find
from harness.images.store import ensure
from harness.proc import Completed, run

ROOT = Path(__file__).resolve().parents[2]
SCENARIO = "scenarios/links/both-on.yaml"


def harness_run(*words: str) -> Completed:
    return run([sys.executable, "-m", "harness.cli", "run", *words], cwd=ROOT, check=False,
               deadline=Deadline.after(300, "the harness"))


def newest_manifest() -> dict[str, str]:
    newest = max((ROOT / "build/runs").glob("*-links-both-on-*"), key=lambda folder: folder.stat().st_mtime)
    manifest: dict[str, str] = json.loads((newest / "manifest.json").read_text())
    return manifest


def test_another_set_in_place_of_the_default_one() -> None:
    done = harness_run(SCENARIO, "--set", "ref-virt64-mttcg", "--seed", "3")
    assert done.status == 0, done.stdout.decode()
    manifest = newest_manifest()
    assert "-accel tcg,thread=multi" in manifest["command line"]
    assert manifest["reproduce"] == f"python3 -m harness run {SCENARIO} --seed 3 --set ref-virt64-mttcg"


def test_the_mttcg_set_needs_no_images_of_its_own() -> None:
    built, same = ensure(find("ref-virt64")), ensure(find("ref-virt64-mttcg"))
    assert built.built == same.built
    assert machine_spec(built).accel == "tcg,thread=single"


def test_a_set_that_is_not_there() -> None:
    done = harness_run(SCENARIO, "--set", "ref-virt65")
    assert done.status == 2
    (line,) = (done.stdout + done.stderr).decode().splitlines()
    assert "ref-virt65" in line
