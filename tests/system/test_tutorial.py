# SPDX-License-Identifier: GPL-2.0-only
"""TUTORIAL.md, done from its first line to its last, as somebody would who follows it."""

import os
import re
import shutil
from pathlib import Path

from harness.cache.store import default_root
from harness.deadline import Deadline
from harness.proc import run
from harness.scenario.schema import REPOSITORY

TUTORIAL = REPOSITORY / "TUTORIAL.md"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"`(scenarios/[\w/-]+\.yaml|\w+\.gdb)`")
_STATUS = re.compile(r"ends with status (\d)")


def test_from_the_first_line_to_the_last(tmp_path: Path) -> None:
    """YAML and gdb's commands go into the file that was named last; text is what the last command printed."""
    shutil.copytree(REPOSITORY / "scenarios", tmp_path / "scenarios")
    text = TUTORIAL.read_text()
    printed = ""
    kinds = []
    for block in _BLOCK.finditer(text):
        kind, content = block.groups()
        kinds.append(kind)
        if kind in ("yaml", "gdb"):
            (tmp_path / _FILE.findall(text[:block.start()])[-1]).write_text(content)
        elif kind == "text":
            compare(content, printed)
            if "reproduce" in content:
                again(tmp_path, printed)
        else:
            for line in content.splitlines():
                printed = typed(tmp_path, line)
    assert [kinds.count(kind) for kind in ("yaml", "gdb", "text")] == [2, 1, 2]
    assert kinds.count("sh") >= 10


def typed(folder: Path, line: str) -> str:
    """What a command prints; it ends as the comment behind it says."""
    command, _, comment = line.partition("   #")
    expected = _STATUS.search(comment)
    own = {"PYTHONPATH": str(REPOSITORY), "HOME": str(folder), "SOO_HARNESS_CACHE": str(default_root())}
    done = run(["sh", "-c", command], cwd=folder, env={**os.environ, **own}, check=False,
               deadline=Deadline.after(600, command))
    output = (done.stdout + done.stderr).decode(errors="replace")
    assert done.status == (int(expected[1]) if expected else 0), f"{command}\n{output[-3000:]}"
    return output


def compare(shown: str, printed: str) -> None:
    """The beginnings of lines, in that order."""
    lines = iter(printed.splitlines())
    for start in shown.splitlines():
        assert any(line.startswith(start) for line in lines), (start, printed[-3000:])


def again(folder: Path, printed: str) -> None:
    """The line that reproduces breaks the same rule."""
    (line,) = re.findall(r"^  reproduce  (.*)$", printed, re.MULTILINE)
    assert "BE broke ring.no_overrun" in typed(folder, f"{line}   # ends with status 1")
