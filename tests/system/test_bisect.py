# SPDX-License-Identifier: GPL-2.0-only
"""The commit, or the image set, that brought a failure, found by running guests."""

import re
from pathlib import Path

import pytest

from harness.cli import main
from harness.deadline import Deadline
from harness.proc import run

_FIRST_BAD = 11
_SCENARIO = """\
about: An ME with the tuning of this version.
images: ref-virt64-faults
agency: {overlays: [vdummy-be-on]}
mes: [{name: alpha, overlays: [vdummy-fe-on, tuning]}]
steps:
  - inject: alpha
  - send: {me: alpha, count: 10}
"""
_TUNING = "/dts-v1/;\n/plugin/;\n&{{/ME}} {{ tuning = <{number}>;{fault} }};\n"
_SET = """\
# SPDX-License-Identifier: GPL-2.0-only
extends: ref-virt64-faults
about: Version {number}.
machine: {{append: console=ttyAMA0 panic=-1{fault}}}
"""


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org"]
    done = run(["git", "-C", str(folder), *identity, *arguments], deadline=Deadline.after(60, "git"))
    return done.stdout.decode().strip()


@pytest.fixture
def history(tmp_path: Path) -> tuple[Path, list[str]]:
    """A repository with a good commit and sixteen more, of which the eleventh brings a defect."""
    folder = tmp_path / "product"
    folder.mkdir()
    git(folder, "init", "--quiet")
    (folder / "link.yaml").write_text(_SCENARIO)
    commits = []
    for number in range(17):
        fault = ' fault = "fe-connected-first";' if number >= _FIRST_BAD else ""
        (folder / "tuning.dtso").write_text(_TUNING.format(number=number, fault=fault))
        git(folder, "add", "-A")
        git(folder, "commit", "--quiet", "-m", f"Tune it, number {number}")
        commits.append(git(folder, "rev-parse", "HEAD"))
    return folder, commits


def test_one_of_sixteen_commits_in_six_runs(history: tuple[Path, list[str]], monkeypatch: pytest.MonkeyPatch,
                                            capsys: pytest.CaptureFixture[str]) -> None:
    folder, commits = history
    monkeypatch.chdir(folder)
    assert main(["bisect", "--good", commits[0], "--bad", "HEAD", "--", "link.yaml"]) == 0
    out = capsys.readouterr().out
    print(out)
    (looks, runs) = re.findall(r"(\d+) versions looked at in (\d+) runs", out)[0]
    assert (int(looks), int(runs)) <= (6, 6)
    assert re.search(rf"first bad: \w+ \S+ Tune it, number {_FIRST_BAD};", out)
    assert f"  version    {commits[_FIRST_BAD]}\n" in out
    assert "  fails      FAIL: " in out
    assert git(folder, "status", "--short") == "?? build/"


def test_the_same_by_git_itself(history: tuple[Path, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    folder, commits = history
    for at, status in ((0, 0), (_FIRST_BAD - 1, 0), (_FIRST_BAD, 1), (16, 1)):
        git(folder, "checkout", "--quiet", commits[at])
        monkeypatch.chdir(folder)
        assert main(["bisect", "--run", "--", "link.yaml"]) == status
    (folder / "tuning.dtso").write_text("no tree at all")
    assert main(["bisect", "--run", "--", "link.yaml"]) == 125


def test_versions_of_an_image_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                  capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    for number in range(5):
        Path(f"v{number}").mkdir()
        fault = " soo_fault=be-flip" if number >= 3 else ""
        Path(f"v{number}/product.yaml").write_text(_SET.format(number=number, fault=fault))
    Path("s.yaml").write_text(_SCENARIO.replace("ref-virt64-faults", "product").replace(", tuning", ""))
    names = [f"v{number}" for number in range(5)]
    assert main(["bisect", "--good", "v0", "--bad", "v4", "--versions", *names, "--", "s.yaml"]) == 0
    out = capsys.readouterr().out
    print(out)
    assert "bisect: first bad: v3; 4 versions looked at in 4 runs" in out
    assert "  fails      FAIL: ring.payload at " in out
