# SPDX-License-Identifier: GPL-2.0-only
"""A run that failed fails again: from its folder, and elsewhere from a bundle."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cache.store import ROOT_VARIABLE, default_root
from harness.cli import main
from harness.deadline import Deadline
from harness.outcome import Verdict
from harness.proc import run
from harness.scenario.result import Result
from harness.scenario.schema import REPOSITORY

RunText = Callable[..., Result]

_FLIPPED = """\
about: Answers come back with other bytes.
images: ref-virt64-faults
agency: {overlays: [vdummy-be-on], fault: be-flip}
mes:
  - {name: alpha, overlays: [vdummy-fe-on]}
steps:
  - inject: alpha
  - send: {me: alpha, count: 200, window: 8}
"""
_OWN = """\
about: With an overlay beside it.
agency: {overlays: [own, vdummy-be-on]}
mes: [{name: alpha, overlays: [vdummy-fe-on]}]
steps:
  - inject: alpha
  - send: {me: alpha, count: 20}
"""
_OVERLAY = """\
/dts-v1/;
/plugin/;
&{/} { test-node { mark = "own"; }; };
"""


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, and a cache that has no images."""
    cache = tmp_path / "other-cache"
    cache.mkdir()
    for name in ("venv", "debs", "apt", "packages"):
        if (default_root() / name).exists():
            (cache / name).symlink_to(default_root() / name)
    monkeypatch.setenv(ROOT_VARIABLE, str(cache))
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def failed(result: Result) -> Path:
    assert result.verdict is Verdict.FAIL, result.reason
    assert result.run_dir is not None
    return result.run_dir


def test_the_same_failure_and_another_one(run_text: RunText, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                          capsys: pytest.CaptureFixture[str]) -> None:
    run_dir = failed(run_text(_FLIPPED))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenario.yaml").unlink()
    assert main(["repro", str(run_dir), "--times", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("repro: scenario, seed 7: was FAIL: ring.payload at ")
    assert ": the same failure, FAIL: ring.payload at " in lines[1]
    assert lines[3] == "repro: 2 of 2 runs ended as the first one did"
    again = Path(lines[1].split()[-1])
    assert json.loads((again / "result.json").read_text())["reproduce"] == (
        f"python3 -m harness repro {again}")
    stored = json.loads((run_dir / "result.json").read_text())
    stored["violations"][0]["place"] = "vdummy/5/0"
    (run_dir / "result.json").write_text(json.dumps(stored))
    assert main(["repro", str(run_dir)]) == 1
    assert "another outcome: place was 'vdummy/5/0', now " in capsys.readouterr().out
    shutil.rmtree("build")
    Path("build").touch()
    assert main(["repro", str(run_dir)]) == 3, "a host that cannot run it is no other outcome"
    assert capsys.readouterr().err.endswith(": cannot make a run folder: Not a directory\n")


def test_a_bundle_elsewhere(run_text: RunText, tmp_path: Path, request: pytest.FixtureRequest,
                            capsys: pytest.CaptureFixture[str]) -> None:
    """No image is there, and no file of the run: the same bytes come out all the same."""
    (tmp_path / "own.dtso").write_text(_OVERLAY)
    run_dir = failed(run_text(_FLIPPED.replace("[vdummy-be-on]", "[vdummy-be-on, own]"), deterministic=True))
    bundle = tmp_path / "failed.tar.xz"
    assert main(["bundle", str(run_dir), "-o", str(bundle)]) == 0
    assert bundle.stat().st_size < 20_000_000
    for gone in (run_dir, tmp_path / "own.dtso", tmp_path / "scenario.yaml"):
        shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    request.getfixturevalue("elsewhere")
    capsys.readouterr()
    assert main(["repro", str(bundle)]) == 0
    said = capsys.readouterr()
    assert "the same failure, FAIL: ring.payload at " in said.out
    assert "byte for byte" in said.out
    assert "building image set" not in said.err
    assert "differ" not in said.err


def test_a_run_that_passed(run_text: RunText, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                           capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "own.dtso").write_text(_OVERLAY)
    result = run_text(_OWN)
    assert result.verdict is Verdict.PASS, result.reason
    (tmp_path / "own.dtso").write_text("edited since, and no tree any more")
    monkeypatch.chdir(tmp_path)
    assert main(["repro", str(result.run_dir)]) == 0
    said = capsys.readouterr()
    assert "repro: run 1: PASS, as it was; " in said.out
    assert "warning" not in said.err
    _as_on_another_host(Path(str(result.run_dir)))
    assert main(["repro", str(result.run_dir)]) == 0
    warned = capsys.readouterr().err
    assert "warning: image set ref-virt64 is not that of the run: soo.ko differ\n" in warned
    assert "warning: QEMU was 9.1.2, here it is " in warned


def _as_on_another_host(run_dir: Path) -> None:
    """Another QEMU, and a module that is not here."""
    for name in ("result.json", "manifest.json"):
        values = json.loads((run_dir / name).read_text())
        values.get("facts", values)["qemu"] = "9.1.2"
        if "artifacts" in values:
            values["artifacts"]["soo.ko"] = {"file": "/nowhere/soo.ko", "sha256": "0" * 64}
        (run_dir / name).write_text(json.dumps(values))


def test_a_scenario_in_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                              capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(REPOSITORY)
    run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--run-root", str(tmp_path / "runs"),
         "scenarios/links/test_neighbours.py"], deadline=Deadline.after(120, "pytest"))
    (result,) = (tmp_path / "runs").glob("*/result.json")
    monkeypatch.chdir(tmp_path)
    assert main(["repro", str(result.parent)]) == 0
    assert "test_neighbours, seed " in capsys.readouterr().out
