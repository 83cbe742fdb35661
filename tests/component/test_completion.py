# SPDX-License-Identifier: GPL-2.0-only
"""Tab in real shells, with the script of `harness completion`."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from harness.completion.script import SHELLS, script
from harness.deadline import Deadline
from harness.grammar import parser
from harness.proc import run
from harness.scenario.schema import REPOSITORY

# What is typed, and what Tab makes of it.
LINES = {
    "harness mer": "harness merge",
    "python3 -m harness mer": "python3 -m harness merge",
    "harness run scenarios/links/both-of": "harness run scenarios/links/both-off.yaml",
    "python3 -m harness run --set uboot-arm6": "python3 -m harness run --set uboot-arm64",
    "harness run -k both-of": "harness run -k both-off",
    "harness run --juni": "harness run --junitxml",
    "harness explore --fault be-skip": "harness explore --fault be-skip-initwait",
    "harness fuzz snap": "harness fuzz snapshot",
    "harness steps expect.conn": "harness steps expect.connected",
    "harness images pa": "harness images path",
    "python3 tests/component/test_comple": "python3 tests/component/test_completion.py",
}
START = {
    "bash": (["--norc", "--noprofile", "-i"], "bind 'set enable-bracketed-paste off'"),
    "zsh": (["-f", "-i"], "autoload -Uz compinit; compinit -D; unset zle_bracketed_paste"),
}


@pytest.fixture(scope="module", params=SHELLS)
def shell(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[pexpect.spawn[str]]:
    """An interactive shell that has read the script; the cursor is at its prompt."""
    file = tmp_path_factory.mktemp("completion") / "script"
    file.write_text(script(request.param, parser()))
    options, settings = START[request.param]
    process = pexpect.spawn(request.param, options, cwd=str(REPOSITORY), encoding="utf-8", timeout=20,
                            dimensions=(50, 200))
    process.sendline(f"PS1='> '; {settings}; . {file}; echo re''ady")
    process.expect_exact("ready\r\n")
    yield process
    process.close(force=True)


@pytest.mark.parametrize("typed", LINES)
def test_tab(shell: pexpect.spawn[str], typed: str) -> None:
    """The cursor is sent to the front, a word is put there, and the shell says what its line has become."""
    shell.send(f"{typed}\t\x01echo 'line is: \x05'\r")
    shell.expect(r"\r\nline is: ([^\r]*?) *\r\n")
    assert isinstance(shell.match, re.Match)
    assert shell.match[1] == LINES[typed]


CALL = """. {file}
PATH=/nowhere
COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
{function} 2>/dev/null
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def answers(folder: Path, *words: str, function: str = "_shtab_harness", before: str = "") -> list[str]:
    """What bash offers for the last of the words, where no program can be started."""
    file = folder / "script"
    file.write_text(before + script("bash", parser()))
    text = CALL.format(file=file, words=" ".join(f"'{word}'" for word in words), function=function)
    done = run(["bash", "--norc", "-c", text], cwd=REPOSITORY, deadline=Deadline.after(20, "bash"))
    return done.stdout.decode().split()


def test_all_commands_without_any_program(tmp_path: Path) -> None:
    assert set(answers(tmp_path, "harness", "")) == set(parser().commands())


def test_what_is_new_today_is_offered(tmp_path: Path) -> None:
    sets = {path.stem for path in (REPOSITORY / "images").glob("*.yaml")}
    assert set(answers(tmp_path, "harness", "images", "build", "")) == sets
    names = {path.stem for path in (REPOSITORY / "scenarios").glob("*/*.yaml") if path.stem.startswith("be-")}
    assert set(answers(tmp_path, "harness", "run", "-k", "be-")) == names
    assert "scenarios/life/migrate.yaml" in answers(tmp_path, "harness", "run", "migr")


def test_runs_are_offered_where_a_run_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "build/runs/20261121-081401-flip-205dfa05").mkdir(parents=True)
    monkeypatch.setattr("tests.component.test_completion.REPOSITORY", tmp_path)
    for command in ("show", "repro", "minimize", "attach", "replay"):
        assert answers(tmp_path, "harness", command, "flip") == ["build/runs/20261121-081401-flip-205dfa05"]


def test_what_python3_had_before_is_kept(tmp_path: Path) -> None:
    before = "_mine() { COMPREPLY=(mine); }\ncomplete -F _mine python3\n"
    assert answers(tmp_path, "python3", "x", function="_harness_python", before=before) == ["mine"]


def test_the_short_name_works_in_any_folder(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python3").symlink_to(sys.executable)
    (tmp_path / "script").write_text(script("bash", parser()))
    sed = shutil.which("sed")
    assert sed is not None
    text = f"PATH={tmp_path}/bin:{Path(sed).parent}; . ./script; harness cache --help"
    done = run(["bash", "--norc", "-c", text], cwd=tmp_path, deadline=Deadline.after(20, "bash"))
    assert done.stdout.startswith(b"usage: harness cache")
