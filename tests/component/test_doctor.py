# SPDX-License-Identifier: GPL-2.0-only
"""`harness doctor` here, and on hosts that lack something: small executables stand for their programs."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.commands import doctor
from harness.deadline import Deadline
from harness.errors import HarnessError
from harness.health import NOTE, OK, WRONG, Finding, tell
from harness.proc import Child, Completed, run
from harness.scenario.schema import REPOSITORY
from tests.component.test_bootstrap import Host, host

__all__ = ["host"]  # the fixture

OLD = "echo 'QEMU emulator version 5.2.0 (Debian 1:5.2)'\n"
SMALL = """
case "$*" in --version) echo 'QEMU emulator version 7.2.22 (Debian)'; exit 0;; *rr=*) exit 1;; esac
echo '{"QMP": {}}'; echo '{"return": {}}'
echo '{"return": [{"capability": "xbzrle", "state": false}]}'; echo '{"return": {}}'
"""
LEAVES = """
import os, sys
ready, told = os.pipe()
if os.fork():
    os.close(told)
    os.read(ready, 1)  # until it has left our process group, which is ended with us
    sys.exit()
os.setsid()
open("pid", "w").write(str(os.getpid()))
os.close(told)
sys.stdin.read()
"""


def lines(done: Completed) -> dict[str, tuple[str, str]]:
    """Level and text by what they are about; the last one of a name counts."""
    split = (line.split(maxsplit=2) for line in done.stdout.decode().splitlines())
    return {about: (level, text) for level, about, text in split}


def test_here() -> None:
    """Where the tests run nothing is wrong, and each half tells all of its part."""
    done = run([sys.executable, "-m", "harness.cli", "doctor"], cwd=REPOSITORY, check=False,
               deadline=Deadline.after(60, "the doctor"))
    found = lines(done)
    assert " ".join(found) == "qemu clones record compiler kvm images cached tokens leftovers"
    assert {level for level, _ in found.values()} <= {OK, NOTE}, done.stdout.decode()
    assert done.status == 0
    assert found["clones"][0] == found["record"][0] == OK


def test_a_host_without_packages(host: Host) -> None:
    """It installs nothing, says what would, and goes on: the other half is told as well."""
    host.install("make")
    done = host.harness("doctor")
    found = lines(done)
    told = [line for line in done.stdout.decode().splitlines() if " packages " in line]
    assert told[0].startswith("WRONG  packages     'harness run' needs device-tree-compiler ")
    assert "apt-get install --yes --no-install-recommends device-tree-compiler" in told[0]
    assert told[1].startswith("note   packages     'harness test' needs ")
    assert "tokens" in found
    assert done.status == 3
    assert host.apt_calls() == []


def test_before_the_environment_is_there(host: Host) -> None:
    host.env["SOO_HARNESS_CACHE"] = str(host.folder / "new")
    done = host.harness("doctor")
    found = lines(done)
    assert found["environment"][0] == NOTE
    assert "tokens" not in found
    assert not (host.folder / "new").exists()
    assert host.apt_calls() == []


def test_folders_that_cannot_be_written(host: Host) -> None:
    host.env["SOO_HARNESS_CACHE"] = "/dev/null/cache"
    host.env["LC_ALL"] = "xx_XX.UTF-8"
    found = lines(host.harness("doctor"))
    assert found["cache"][0] == WRONG
    assert "cannot write to /dev/null: Not a directory; set SOO_HARNESS_CACHE" in found["cache"][1]
    assert found["locale"] == (NOTE, "xx_XX.UTF-8 is not installed here; export LC_ALL=C.UTF-8")


@pytest.mark.parametrize(("program", "wrong"), [
    (OLD, {"qemu": "version 5.2.0 is too old", "clones": "too old", "record": "too old"}),
    (SMALL, {"clones": "cannot migrate with x-ignore-shared; run with --cold"}),
])
def test_a_qemu_that_cannot_do_it(host: Host, program: str, wrong: dict[str, str]) -> None:
    host.program("qemu-system-aarch64", program)
    done = host.harness("doctor")
    found = lines(done)
    for about, text in wrong.items():
        assert found[about][0] == WRONG
        assert text in found[about][1]
    assert found["record"][0] in (NOTE, WRONG)
    assert done.status == 3


def test_a_machine_that_nobody_looks_after(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A process with the command line of one of our machines, whose parent has gone."""
    monkeypatch.chdir(tmp_path)
    near, far = os.pipe()
    with Child([sys.executable, "-c", LEAVES, "socket,id=qmp,fd=7"], stdin=near) as child:
        child.wait(Deadline.after(20, "the parent"))
    pid = int((tmp_path / "pid").read_text())
    try:
        finding = doctor._leftovers()
        assert finding.level == WRONG
        assert f"kill {pid}" in str(finding)
    finally:
        os.close(far)
        os.close(near)


def test_a_check_that_fails_stops_none_of_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    def broken() -> Finding:
        raise HarnessError("no")

    checks: list[Callable[[], Finding]] = [
        doctor._guarded("a", broken), lambda: Finding(NOTE, "b", "text", "hint")]
    assert tell(checks) == 3
    assert capsys.readouterr().out == "WRONG  a            no\nnote   b            text; hint\n"
    assert tell(checks[1:]) == 0


def test_a_reader_that_goes_is_no_error() -> None:
    done = run(["sh", "-c", f"{sys.executable} -m harness doctor | head -n 1"], cwd=REPOSITORY,
               deadline=Deadline.after(60, "doctor"))
    assert done.stdout.startswith(b"ok     python ")
    assert done.stderr == b""
