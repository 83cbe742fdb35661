# SPDX-License-Identifier: GPL-2.0-only
"""README.md and ARCHITECTURE.md: each command runs, each example is the real thing."""

from __future__ import annotations

import importlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest

from harness.deadline import Deadline
from harness.outcome import Verdict
from harness.proc import run
from harness.scenario.result import Result

REPOSITORY = Path(__file__).resolve().parents[2]
README = REPOSITORY / "README.md"
ARCHITECTURE = REPOSITORY / "ARCHITECTURE.md"

# This very test is part of what the command on the left runs: a part of it stands for all.
RED = ("mkdir -p build; printf 'about: Red.\\nagency: {overlays: [vdummy-be-on]}\\n"
       "steps:\\n  - run: {command: \"false\"}\\n' > build/red.yaml;"
       " python3 -m harness run build/red.yaml; test $? -eq 1 && ")
PARTS = {
    "python3 -m harness show": RED + "python3 -m harness show | grep red",
    "python3 -m harness report": RED + "python3 -m harness report && grep -q red build/report.html",
    "python3 -m harness replay --times 3":
        "python3 -m harness run scenarios/links/both-on.yaml --record && python3 -m harness replay --times 3",
    "python3 -m harness replay --gdb":
        "python3 -m harness run scenarios/links/both-on.yaml --record &&"
        " python3 -m harness replay --gdb < /dev/null",
    "python3 -m harness drgn":
        RED.replace("run build", "run --dump-memory build") +
        "echo 'print(len(list(tasks())))' > build/look.py && python3 -m harness drgn -x build/look.py",
    "python3 -m harness repro": RED + "python3 -m harness repro",
    "python3 -m harness bundle -o build/red.tar.xz": RED + "python3 -m harness bundle -o build/red.tar.xz",
    "python3 -m harness repro build/red.tar.xz":
        RED + "python3 -m harness bundle -o build/red.tar.xz && python3 -m harness repro build/red.tar.xz",
    "python3 -m harness minimize": RED + "python3 -m harness minimize",
    "python3 -m harness nightly --budget 2h -j 2":
        "python3 -m harness nightly scenarios/links/both-on.yaml --budget 40s --scenarios-only"
        " --history build/nights.sqlite3",
    "python3 -m harness history":
        "python3 -m harness run scenarios/links/both-on.yaml --results build/parts/1.json &&"
        " python3 -m harness history --add build/parts && python3 -m harness history",
    "python3 -m harness history --html build/history.html":
        "python3 -m harness run scenarios/links/both-on.yaml --results build/parts/1.json &&"
        " python3 -m harness history --add build/parts --html build/history.html",
    "python3 -m harness history --add build/parts":
        "python3 -m harness run scenarios/links/both-on.yaml --results build/parts/1.json &&"
        " python3 -m harness history --add build/parts",
    "python3 -m harness test": "python3 -m harness test lint",
    # All of it must have been reached, and the command must be able to say that it was not.
    "python3 -m harness run": "python3 -m harness run && python3 -m harness coverage",
    "python3 -m harness coverage":
        "python3 -m harness run scenarios/links/both-on.yaml &&"
        " python3 -m harness coverage $(ls -d build/runs/*both-on* | tail -n 1); test $? -eq 1",
    "python3 -m harness coverage --lines": "python3 -m harness coverage --lines | grep vbstorage.c",
    "python3 -m harness check build/runs":
        "python3 -m harness run scenarios/links/both-on.yaml && python3 -m harness check build/runs",
}
INTERACTIVE = re.compile(r"`(python3 -m harness (?:boot [^`]*|run [^`]* --keep))`")
_INLINE = "doctor|images|bench|steps|check|explore|fuzz|coverage|hunt|cache|durations"
INLINE = re.compile(rf"`(python3 -m harness (?:{_INLINE})[^`]*)`")
# Its test makes commits: test_bisect.py.
BISECT = "python3 -m harness bisect --good v1 --bad HEAD -- flip.yaml"
OWN_IMAGES = "python3 -m harness run my-scenarios --images my-images"

MY_SCENARIO = """
about: Somebody's own image boots to its prompt and answers.
images: mine
steps:
  - run: {command: version, contains: U-Boot}
"""


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", path.read_text(), re.MULTILINE | re.DOTALL)


def commands() -> Iterator[str]:
    for path in (README, ARCHITECTURE):
        for block in blocks(path, "sh"):
            for line in block.splitlines():
                yield line.partition("#")[0].strip()
        for text in INLINE.findall(path.read_text()):
            head, _, choices = text.rpartition(" ")
            if "|" not in choices:
                yield text
                continue
            for choice in choices.split("|"):
                yield f"{head} {choice}" + (" ref-virt64" if choice == "path" else "")


@pytest.mark.parametrize("command", sorted({c for c in commands() if c not in (OWN_IMAGES, BISECT)}))
def test_command(command: str) -> None:
    done = run(["sh", "-c", PARTS.get(command, command)], cwd=REPOSITORY,
               deadline=Deadline.after(1200, command), check=False)
    assert done.status == 0, (done.stdout + done.stderr)[-3000:].decode(errors="replace")


def test_own_images(tmp_path: Path) -> None:
    (tmp_path / "my-images").mkdir()
    (tmp_path / "my-scenarios").mkdir()
    shutil.copy(REPOSITORY / "images/uboot-arm64.yaml", tmp_path / "my-images/mine.yaml")
    (tmp_path / "my-scenarios/prompt.yaml").write_text(MY_SCENARIO)
    done = run(["sh", "-c", OWN_IMAGES], cwd=tmp_path, deadline=Deadline.after(120, OWN_IMAGES),
               env={**os.environ, "PYTHONPATH": str(REPOSITORY)}, check=False)
    assert OWN_IMAGES in README.read_text()
    assert done.status == 0, done.stdout[-3000:].decode(errors="replace")
    assert b"prompt  PASS" in done.stdout


def test_interactive_commands() -> None:
    """`boot` gives a console at once; `run --keep` of a scenario that passes ends like any run."""
    found = INTERACTIVE.findall(README.read_text())
    assert len(found) == 2, found
    for command in found:
        process = pexpect.spawn("sh", ["-c", command], cwd=str(REPOSITORY), timeout=120, encoding="utf-8")
        if " boot " in command:
            process.expect_exact("agency ~ # ")
            process.send("injector /mnt/ME/alpha.itb\r")
            process.expect_exact("injector /mnt/ME/alpha.itb\r\n")  # shown though the agency does not echo
            process.expect_exact("done.")
            process.send("\x1d")  # Ctrl-]
        process.expect(pexpect.EOF)
        process.close()
        assert process.exitstatus == 0, process.before


def test_the_examples_are_the_files() -> None:
    shown = blocks(README, "yaml")
    files = ("links/both-on.yaml", "life/migrate.yaml")
    assert shown == [(REPOSITORY / "scenarios" / name).read_text() for name in files]
    assert blocks(ARCHITECTURE, "yaml") == [(REPOSITORY / "images/uboot-arm64.yaml").read_text()]


def test_the_step_of_the_recipe_works(
    run_text: Callable[[str], Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (source,) = blocks(ARCHITECTURE, "python")
    (tmp_path / "recipe_step.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("recipe_step")
    text = """
about: The step of the recipe.
agency: {{overlays: [vdummy-be-on]}}
mes: [{{name: alpha, overlays: [vdummy-fe-on]}}]
steps: [{{inject: alpha}}, {{expect.slots: {count}}}]
"""
    assert run_text(text.format(count=1)).verdict is Verdict.PASS
    wrong = run_text(text.format(count=2))
    assert (wrong.verdict, wrong.rules) == (Verdict.FAIL, ("expect.slots",))
