# SPDX-License-Identifier: GPL-2.0-only
"""Machines that are held for a person in another terminal, and deadlines that stand still meanwhile."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pytest

from harness.cli import main
from harness.deadline import host_now
from harness.debug.attaching import Attached
from tests.meta.tree import ROOT
from tests.system.test_record_replay import BEYOND, TWO

# The person looks for longer than the scenario may take.
SHORT = TWO.replace("agency:", "deadline: 5s\nagency:", 1)
LOOK = """\
soo-break vdummy:vdummy_upcall
continue
soo-where
soo-links
shell sleep 12
delete
detach
python
for text in ("soo-where", "soo-mes", "soo-links", "soo-store"):
    try:
        gdb.execute(text)
    except gdb.error as error:
        print("refused:", error)
end
"""
# Seconds of the sleep.
_LOOKED = 12
# Modules are not there yet, and come one after the other.
BOOT = """\
soo-where
soo-break kernel:start_kernel
continue
python
for text in ("soo-break vdummy:vdummy_probe", "soo-until vdumy", "soo-links"):
    try:
        gdb.execute(text)
    except gdb.error as error:
        print("refused:", error)
end
delete
soo-until vdummy
soo-break vdummy:vdummy_probe
soo-break vdummy:vdummy_connected
continue
bt 1
continue
soo-mes
delete
detach
"""
HANGS = """\
about: A module hangs in its init.
images: ref-virt64-faults
agency: {fault: agency-init-deadlock}
steps: [boot, expect.links: []]
"""


@contextmanager
def _running(tmp_path: Path, text: str, *options: str) -> Iterator[tuple["pexpect.spawn[bytes]", Path]]:
    """A run that waits for a person, and its folder."""
    (tmp_path / "own.yaml").write_text(text)
    words = [sys.executable, "-m", "harness", "run", str(tmp_path / "own.yaml"), *options]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with pexpect.spawn(words[0], words[1:], cwd=str(tmp_path), env=env, timeout=240) as person:
        person.expect(r"attach (\S+)")
        yield person, tmp_path / person.match[1].decode()


def _passed_under_gdb(tmp_path: Path, text: str, commands: str, *options: str) -> Path:
    """Run it with gdb, which does this and leaves; the folder of the run, which must have passed."""
    script = tmp_path / "commands"
    script.write_text(commands)
    with _running(tmp_path, text, "--gdb", *options) as (run, folder):
        assert main(["attach", str(folder), "--gdb", "-x", str(script)]) == 0
        run.expect_exact("1 scenario: 1 PASS")
        run.expect(pexpect.EOF)
    return folder


def test_a_live_machine_under_gdb(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    began = host_now()
    folder = _passed_under_gdb(tmp_path, SHORT, LOOK)
    passed = host_now() - began
    told = capfd.readouterr().out
    print(told)
    assert "the agency's kernel: vdummy_upcall at ./vdummyback/vdummy.c:" in told
    assert "backend/vdummy/2/0: BE CONNECTED, FE CONNECTED" in told
    assert told.count("refused: the machine is gone") == 4
    assert passed - json.loads((folder / "result.json").read_text())["duration_s"] > _LOOKED
    assert not (folder / "attach.json").exists()


def test_a_boot_under_gdb_from_its_start(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    _passed_under_gdb(tmp_path, TWO, BOOT, "--cold")
    told = capfd.readouterr().out
    print(told)
    assert "cpu0: the agency's first instructions or hypervisor (EL2): 0x40000000" in told
    assert "[the agency's kernel: start_kernel]" in told
    assert "refused: vdummy is not loaded yet; soo-until vdummy runs until it is" in told
    assert "refused: usage: soo-until MODULE, one of: soo, vdummy, vuart" in told
    assert "refused: soo is not loaded yet; soo-until soo runs until it is" in told
    assert "[vdummy is loaded]\n[the agency's kernel: do_init_module]" in told
    assert "[the agency's kernel: vdummy_probe at ./vdummyback/vdummy.c:" in told
    assert "[the agency's kernel: vdummy_connected at ./vdummyback/vdummy.c:" in told
    assert "ME 2 (alpha): ME_STATE_BOOTING, incarnation 0" in told, "it came later than gdb"


def test_one_gdb_at_a_time(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A second one would wait, and stop the machine for ever when the first one leaves."""
    script = tmp_path / "second"
    script.write_text("soo-where\n")
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with _running(tmp_path, TWO, "--gdb") as (run, folder):
        words = ["-m", "harness", "attach", str(folder), "--gdb"]
        with pexpect.spawn(sys.executable, words, env=env, timeout=120) as first:
            first.expect_exact("(gdb) ")
            assert main(["attach", str(folder), "--gdb", "-x", str(script)]) == 2
            assert "a gdb is attached already; leave that one first" in capfd.readouterr().err
            first.sendline("soo-links")
            first.expect_exact("BE CONNECTED, FE CONNECTED")
            first.sendline("quit")
            first.expect_exact("harness: the machine runs on")
            first.expect(pexpect.EOF)
        run.expect_exact("1 scenario: 1 PASS")
        run.expect(pexpect.EOF)


def test_a_machine_before_its_first_step_is_let_go_without_gdb(tmp_path: Path) -> None:
    with _running(tmp_path, TWO, "--gdb") as (run, folder):
        assert main(["attach", str(folder), "--go-on"]) == 0
        run.expect_exact("1 scenario: 1 PASS")
        run.expect(pexpect.EOF)


def test_a_module_that_hangs_in_its_init_is_known_to_gdb(tmp_path: Path,
                                                         capfd: pytest.CaptureFixture[str]) -> None:
    """The boot never comes to tell where it is: memory does."""
    script = tmp_path / "hang"
    script.write_text("soo-break soo:wait_for_setup\ndetach\n")
    with _running(tmp_path, HANGS, "--pause-on-failure") as (run, folder):
        assert main(["attach", str(folder), "--gdb", "-x", str(script)]) == 0
        assert main(["attach", str(folder), "--go-on"]) == 0
        run.expect_exact("1 scenario: 1 CRASH")
        run.expect(pexpect.EOF)
    told = capfd.readouterr().out
    print(told)
    assert "stops 1: soo:wait_for_setup at 0xffff" in told
    kept = json.loads((folder / "modules.json").read_text())
    assert f"soo:wait_for_setup at {kept['soo']['.text'] >> 32:#x}" in told


def test_a_failing_machine_is_held_until_it_is_let_go(
        tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with _running(tmp_path, BEYOND, "--pause-on-failure") as (run, folder):
        assert main(["attach", str(folder), "--qmp", "query-status"]) == 0
        assert json.loads(capfd.readouterr().out)["status"] == "paused"
        assert main(["attach", str(folder), "--qmp", "no-such-command"]) == 2
        assert "has not been found" in capfd.readouterr().err
        _misname_its_console(folder)
        _type_to_it(folder)
        assert main(["attach", str(folder), "--go-on"]) == 0
        run.expect_exact("1 scenario: 1 FAIL")
        run.expect(pexpect.EOF)
    assert json.loads((folder / "result.json").read_text())["violations"][0]["rule"] == "ring.no_overrun"
    assert main(["attach", str(folder), "--go-on"]) == 2
    assert "the run holds no machine" in capfd.readouterr().err


def _person(folder: Path, *options: str) -> "pexpect.spawn[bytes]":
    """Somebody at a terminal."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = ["-m", "harness", "attach", str(folder), *options]
    return pexpect.spawn(sys.executable, words, env=env, timeout=60)


def _misname_its_console(folder: Path) -> None:
    """The machine stays as it was."""
    with _person(folder, "--console", "nix") as person:
        person.expect_exact("there is no console 'nix'; consoles: agency, ")
        person.expect(pexpect.EOF)
    with Attached(folder) as attached:
        assert attached.ask("qmp", command="query-status")["return"]["status"] == "paused"


def _type_to_it(folder: Path) -> None:
    with _person(folder) as person:
        person.expect_exact("console agency: Ctrl-] leaves")
        person.send("melist\r")
        person.expect(r"slot 2 -> spid: \S+\s+name: alpha")
        person.send("\x1e")
        person.expect_exact("console me2: ")
        person.send("\x1d")
        person.expect_exact("harness: the machine runs on")
        person.expect(pexpect.EOF)
        assert b"Traceback" not in (person.before or b"")
