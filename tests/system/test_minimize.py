# SPDX-License-Identifier: GPL-2.0-only
"""What exploration has found in thirty steps fails the same way in a few."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import main
from harness.repro.reduce import count_steps
from harness.repro.values import values_of
from harness.scenario.result import Result

RunText = Callable[..., Result]

LONG = Path(__file__).with_name("explored.yaml")
_MOST_STEPS = 8


def test_thirty_steps_become_a_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                   capsys: pytest.CaptureFixture[str]) -> None:
    assert count_steps(values_of(LONG.read_text(), LONG)["steps"]) == 30
    monkeypatch.chdir(tmp_path)
    target = tmp_path / "short.yaml"
    assert main(["minimize", str(LONG), "-o", str(target), "--seed", "7", "--runs", "30"]) == 0
    out = capsys.readouterr().out
    print(out, target.read_text())
    values = values_of(target.read_text(), target)
    assert count_steps(values["steps"]) <= _MOST_STEPS
    assert re.search(r"from 30 to [1-8] steps in \d+ runs", out)
    assert "short.yaml; run from its file it shows the same: FAIL: grant.leaked at " in out
    assert "beta" not in target.read_text()


def test_a_run_that_passed_has_no_failure_to_keep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                  capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    Path("s.yaml").write_text("about: Boots.\nsteps: [boot, expect.links: []]\n")
    assert main(["minimize", "s.yaml"]) == 2
    assert "s.yaml: ends with PASS: there is no failure to keep" in capsys.readouterr().err


def test_a_run_that_does_not_fail_again(run_text: RunText, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                        capsys: pytest.CaptureFixture[str]) -> None:
    """What is stored is another rule than the one that the guests break."""
    result = run_text(
        "about: x\nimages: ref-virt64-faults\nagency: {overlays: [vdummy-be-on], fault: be-flip}\n"
        "mes: [{name: alpha, overlays: [vdummy-fe-on]}]\nsteps:\n  - inject: alpha\n"
        "  - send: {me: alpha, count: 100}\n")
    assert result.rules == ("ring.payload",)
    assert result.run_dir is not None
    file = result.run_dir / "result.json"
    file.write_text(file.read_text().replace('"ring.payload"', '"ring.order"'))
    monkeypatch.chdir(tmp_path)
    assert main(["minimize", str(result.run_dir), "--times", "2"]) == 1
    out = capsys.readouterr().out
    assert "minimize: does not fail so again, in 2 runs; --times N runs it more often" in out
    assert main(["minimize", str(result.run_dir), "-o", str(file / "s.yaml")]) == 3, "told before all runs"
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.endswith("s.yaml: cannot be written: File exists\n")
