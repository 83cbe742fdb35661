# SPDX-License-Identifier: GPL-2.0-only
"""Bisecting commits of real repositories, and what `git bisect run` gets to see."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import main
from harness.deadline import Deadline
from harness.errors import UsageError
from harness.proc import run
from harness.repro.search import Search, State
from harness.repro.tree import Checkout, Repository

SCENARIO = "about: x\nsteps:\n  - boot\n"


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org"]
    done = run(["git", "-C", str(folder), *identity, *arguments], deadline=Deadline.after(60, "git"))
    return done.stdout.decode().strip()


def committed(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "--quiet", "-m", f"{name}: {text}")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    return folder


def looking(checkout: Checkout, first_bad: int) -> Callable[[str], State]:
    def look(commit: str) -> State:
        checkout.go_to(commit)
        (checkout.folder / "untracked").write_text("left by a run")
        return State.BAD if int((checkout.folder / "number").read_text()) >= first_bad else State.GOOD

    return look


@pytest.mark.parametrize("first_bad", [1, 7, 16])
def test_sixteen_commits_need_six_looks(first_bad: int, repository: Path, tmp_path: Path) -> None:
    commits = [committed(repository, "number", str(number)) for number in range(17)]
    (repository / "number").write_text("edited and not committed")
    history = Repository(repository)
    with history.checkout(tmp_path / "tree") as checkout:
        found = Search(history, looking(checkout, first_bad)).run(commits[0], commits[-1])
    assert found.suspects == (commits[first_bad],)
    assert found.looks <= 6
    assert history.title(commits[first_bad]).endswith(f" number: {first_bad}")
    assert (repository / "number").read_text() == "edited and not committed"
    assert git(repository, "worktree", "list").count("\n") == 0


def test_a_branch_that_was_merged(repository: Path, tmp_path: Path) -> None:
    first = committed(repository, "number", "0")
    git(repository, "checkout", "--quiet", "-b", "side")
    committed(repository, "other", "good")
    culprit = committed(repository, "number", "5")
    git(repository, "checkout", "--quiet", "main")
    committed(repository, "another", "x")
    git(repository, "merge", "--quiet", "--no-edit", "side")
    history = Repository(repository)
    with history.checkout(tmp_path / "tree") as checkout:
        found = Search(history, looking(checkout, 5)).run(first, history.commit("main"))
    assert found.suspects == (culprit,)


def test_no_repository_and_no_commit(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is in no git repository; name one by --tree"):
        Repository(tmp_path)
    committed(repository, "number", "0")
    with pytest.raises(UsageError, match="no commit 'nowhere'"):
        Repository(repository).commit("nowhere")


@pytest.mark.parametrize(("arguments", "message"), [
    ([], "bisect: needs a good version and a bad one; --good A --bad B -- SCENARIO, or --run"),
    (["--good", "HEAD", "--bad", "HEAD"], "bisect: the bad version does not come after the good one"),
    (["--good", "a", "--bad", "b", "--versions", "a", "c"], "bisect: 'b' is none of the versions; a, c"),
    (["--good", "c", "--bad", "a", "--versions", "a", "c"], "bisect: the good version comes after the bad"),
])
def test_mistakes(arguments: list[str], message: str, repository: Path,
                  capsys: pytest.CaptureFixture[str]) -> None:
    committed(repository, "s.yaml", SCENARIO)
    assert main(["bisect", *arguments, "--", str(repository / "s.yaml")]) == 2
    assert capsys.readouterr().err.startswith(f"harness: {message}")


def test_a_scenario_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(tmp_path / "none.yaml")
    assert main(["bisect", "--good", "a", "--bad", "b", "--", missing]) == 2
    assert "none.yaml: no such scenario" in capsys.readouterr().err
    assert main(["bisect", "--run", "--", missing]) == 125
    assert "none.yaml: cannot read: No such file or directory" in capsys.readouterr().out
    assert main(["bisect", "--run", "--images", str(tmp_path / "nowhere"), "--", missing]) == 125


def test_git_is_told_what_cannot_be_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "s.yaml").write_text(SCENARIO.replace("boot", "boo"))
    assert main(["bisect", "--run", "--", str(tmp_path / "s.yaml")]) == 125
    out = capsys.readouterr().out
    assert out.startswith(f"bisect: cannot tell: {tmp_path}/s.yaml:3: unknown step 'boo'")
