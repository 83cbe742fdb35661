# SPDX-License-Identifier: GPL-2.0-only
"""Output that is full, closed or read no more: a line and a status, by the set-up and by commands."""

from pathlib import Path

import pytest

from harness.deadline import Deadline
from harness.proc import Completed, run
from harness.scenario.schema import REPOSITORY
from tests.component.test_bootstrap import BASE_PYTHON

FULL = "harness: the output: cannot be written: No space left on device; make room\n"
# The first one tells most of its lines before anything of ours is installed.
COMMANDS = ["doctor", "steps"]
REFUSED = "harness: scenarios/links/no-such.yaml: no such scenario or folder\n"


def shell(text: str) -> Completed:
    return run(["sh", "-c", text], cwd=REPOSITORY, deadline=Deadline.after(60, text), check=False)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_output(command: str) -> None:
    done = shell(f"{BASE_PYTHON} -m harness {command} > /dev/full")
    assert (done.status, done.stderr.decode()) == (3, FULL)


def test_a_full_output_of_pytest(tmp_path: Path) -> None:
    (tmp_path / "typo.yaml").write_text("about: A typo.\nsteps: [{injekt: alpha}]\n")
    done = shell(f"{BASE_PYTHON} -m harness run {tmp_path} > /dev/full")
    assert (done.status, done.stderr.decode()) == (3, FULL)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams(closed: str, tmp_path: Path) -> None:
    """Their numbers are not given to files, into which what is printed would go."""
    assert shell(f"{BASE_PYTHON} -m harness steps {closed}").status == 0
    done = shell(f"{BASE_PYTHON} -m harness run scenarios/links/no-such.yaml {closed}")
    assert (done.status, done.stderr.decode()) == (2, "" if "2>" in closed else REFUSED)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_reader_that_has_gone(command: str, tmp_path: Path) -> None:
    done = shell(f"{{ {BASE_PYTHON} -m harness {command}; echo $? > {tmp_path}/status; }} | true")
    assert done.stderr == b""
    assert (tmp_path / "status").read_text() == "0\n"


def test_a_verdict_that_nobody_has_come_to_is_no_success(tmp_path: Path) -> None:
    (tmp_path / "typo.yaml").write_text("about: A typo.\nsteps: [{injekt: alpha}]\n")
    done = shell(f"{{ {BASE_PYTHON} -m harness run {tmp_path}; echo $? > {tmp_path}/status; }} | true")
    assert done.stderr == b""
    assert (tmp_path / "status").read_text() == "141\n"


@pytest.mark.parametrize(("command", "told"), [
    ("run typo.yaml --junitxml build/j.xml", "build/j.xml: cannot be written: File exists"),
    ("fuzz store_page --runs 1",
     "build/fuzz: Not a directory; is another file, or somebody else's, in its place?"),
])
def test_a_file_where_a_folder_must_be(command: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "build").touch()
    (tmp_path / "typo.yaml").write_text("about: A typo.\nsteps: [{injekt: alpha}]\n")
    done = shell(f"cd {tmp_path} && PYTHONPATH={REPOSITORY} {BASE_PYTHON} -m harness {command}")
    assert done.status == 3
    assert done.stderr.decode().splitlines()[-1] == f"harness: {told}"
