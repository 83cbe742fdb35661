# SPDX-License-Identifier: GPL-2.0-only
"""gdb on replays: breakpoints in one ME and in the BE, the store and rings, and back to the wrong write."""

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

from harness.cli import main
from harness.deadline import Deadline
from harness.outcome import Verdict
from harness.scenario.result import Result
from tests.meta.tree import ROOT
from tests.system.test_attach import HANGS
from tests.system.test_record_replay import BEYOND, TWO

RunText = Callable[..., Result]

# The FE of the first ME, the BE, the FE of the other ME; and back, with and without a choice of ME.
BREAKS = """\
soo-break me:vdummy_probe --me 2
soo-break vdummy:vdummy_connected
continue
bt 2
soo-mes
continue
bt 1
soo-mes
print *vdev
soo-links
soo-store device/2/vdummy
delete
soo-store backend/vdummy/2/0/state
watch -l $node->value
reverse-continue
bt 6
delete
soo-break vdummy_put --me beta
continue
up
soo-where
down
print priv->link
print *priv->vdev
soo-links vdummy/3
soo-store backend/vdummy/3/0/state
delete
watch -l $ring->rsp_prod
continue
delete
soo-break me:vdummy_probe --me 3
reverse-continue
delete
soo-break me:vdummy_probe
reverse-continue
"""
# What is told at the first instruction, before and after the machine has been further on.
EARLY = """\
python
def look():
    for text in ("soo-links", "soo-store"):
        try:
            gdb.execute(text)
        except gdb.error as error:
            print("refused:", error)
    gdb.execute("soo-mes")
look()
end
soo-break me:vdummy_probe
continue
soo-links
python
try:
    gdb.execute("soo-break me:vdummy_put --me 9")
except gdb.error as error:
    print("no ME:", error)
end
reverse-stepi 99999999999
python look()
"""
# From the end of the record back to the last write of the BE's index.
BACK = """\
soo-break vdummy:vdummy_upcall
continue
soo-links vdummy/2
delete
watch -l $ring->rsp_prod
disable
continue
enable
reverse-continue
bt 3
reverse-continue
print $ring->rsp_prod
reverse-stepi
print $ring->rsp_prod
"""
DEADLOCK = """\
soo-break soo:wait_for_setup
continue
bt 2
delete
python
try:
    gdb.execute("soo-until vdummy")
except gdb.error as error:
    print("refused:", error)
end
"""
PANIC = """\
soo-break kernel:panic
continue
bt 3
python
for text in ("soo-break vdummy_probe", "soo-break me:vdummy_probe --me gamma", "soo-break nothing",
             "soo-break vled:probe", "soo-break vdummy:vdummy_probe --me 2", "soo-break",
             "soo-store device/7", "soo-links vdummy/5", "reverse-next", "reverse-stepi foo",
             "reverse-stepi -1", "reverse-continue"):
    try:
        gdb.execute(text)
    except gdb.error as error:
        print("refused:", error)
end
soo-where
delete
python
try:
    for _ in range(3):
        gdb.execute("continue")
except gdb.error as error:
    print("at last:", error)
end
reverse-stepi 1000
"""


def _session(run: Path, commands: str, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> str:
    script = tmp_path / "commands"
    script.write_text(commands)
    assert main(["replay", str(run), "--gdb", "-x", str(script)]) == 0
    told = capfd.readouterr()
    print(told.out, told.err)
    return told.out


def test_a_breakpoint_in_the_fe_of_one_me_and_one_in_the_be(
        run_text: RunText, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    result = run_text(TWO, record=True)
    assert result.run_dir is not None
    told = _session(result.run_dir, BREAKS, capfd, tmp_path)
    stops = re.findall(r"^\[(.*): (\w+) at \S+:\d+, after \d+ instructions\]$", told, re.MULTILINE)
    assert stops == [("ME 2 (alpha)", "vdummy_probe"), ("the agency's kernel", "vdummy_connected"),
                     ("the agency's kernel", "write_locked"), ("ME 3 (beta)", "vdummy_put"),
                     ("the agency's kernel", "echo_batch"),
                     ("ME 3 (beta)", "vdummy_probe"), ("ME 2 (alpha)", "vdummy_probe")]
    assert re.search(r'^New value = 0x\w+ "4"$', told, re.MULTILINE)
    assert "Program received signal" not in told, "stops on the way back"
    assert re.search(r"^\[written by write_locked at ./vbstore/vbstorage.c:\d+\]$", told, re.MULTILINE)
    assert re.search(r"^#4 .* vbus_switch_state \(vdev=.*, state=.*VBUS_CONNECTED\)", told, re.MULTILINE)
    in_fe, in_be = (f"ME 2 (alpha): ME_STATE_BOOTING, incarnation 0{here}\nME 3 (beta): none now\n"
                    for here in ("  <- runs on this CPU", ""))
    assert in_fe in told
    assert in_be in told
    assert "= backend/vdummy/2/0: BE CONNECTED, FE CONNECTED, sections open, 0 inside" in told
    assert re.search(r"\n  BE's half, ref \d+, channel \d+, 32 entries, own req 0 rsp 0; page 0x", told)
    assert "device/2/vdummy/0/state = '4' (of domain 2)" in told
    assert re.search(r"= FE's half, ref \d+, channel \d+, 32 entries, own req 0 rsp 0; page 0x", told)
    assert re.search(r"^cpu0: ME 3 \(beta\): vdummy_put at soo/drivers/vdummyfront/ring.c:\d+$", told,
                     re.MULTILINE), "whichever frame is selected"
    # In the FE of ME 3: both sides of its link, the store, and on to where the BE writes.
    _, _, told = told.partition("= device/3/vdummy/0: FE CONNECTED, BE CONNECTED")
    fe_side, _, told = told.partition("Hardware watchpoint")
    assert "vdummy/3  backend/vdummy/3/0: BE CONNECTED, FE CONNECTED, sections open, 0 inside" in fe_side
    assert re.search(r"\n  BE's half, .* rsp 0; page 0xffff\w+: req_prod 0 req_cons 0 rsp_prod 0 rsp_cons 0",
                     fe_side)
    assert "backend/vdummy/3/0/state = '4' (of domain 3)" in fe_side
    assert re.search(r"^Old value = <unreadable>\nNew value = 1$", told, re.MULTILINE)
    assert "[written by ring_back_answer at ./include/abi/ring.h:" in told


def test_the_agency_is_out_of_sight_before_its_kernel_is_there(
        run_text: RunText, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Also if its tables are known from later."""
    result = run_text(TWO, record=True)
    assert result.run_dir is not None
    told = _session(result.run_dir, EARLY, capfd, tmp_path)
    unknown = "the kernel has not noted in memory where its tables are; "
    refused = re.findall(r"^refused: (.*)$", told, re.MULTILINE)
    assert all(text.startswith(unknown) for text in refused[:2])
    assert [text.rpartition(" ")[0] for text in refused[2:]] == [
        "the links cannot be read now: Cannot access memory at address",
        "the store cannot be read now: Cannot access memory at address"]
    assert "no ME: --me takes one of: 2 (alpha), 3 (beta)" in told
    assert told.count("ME 2 (alpha): not known\nME 3 (beta): not known\n") == 2
    assert f"(the agency's table of them cannot be read now: {unknown}" in told


def test_a_boot_that_deadlocks_again_under_gdb(
        run_text: RunText, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """It never told where its modules are: what was found in its memory then is known in its replay."""
    result = run_text(HANGS, record=True)
    assert result.verdict is Verdict.CRASH
    assert result.run_dir is not None
    told = _session(result.run_dir, DEADLOCK, capfd, tmp_path)
    assert "[the agency's kernel: wait_for_setup at ./core/fault.c:" in told
    assert "refused: the kernel did not begin vdummy before the end of the record" in told
    assert re.search(r"^#1 .* in soo_fault_on_init \(\) at ./core/fault.c:\d+$", told, re.MULTILINE)


def test_ctrl_c_on_the_way_back(run_text: RunText) -> None:
    """It ends there, and says where; it is no stop of a breakpoint."""
    result = run_text(TWO, record=True)
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = ["-m", "harness", "replay", str(result.run_dir), "--gdb"]
    with pexpect.spawn(sys.executable, words, env=env, timeout=240) as person:
        person.expect(r'from file "(\S+)/kernel.elf"')
        again = Path(person.match[1].decode()) / "gdb-2"
        for line in ("set style enabled off", "set enable-bracketed-paste off", "soo-break kernel:rest_init",
                     "continue", "continue", "reverse-continue"):
            person.expect_exact("(gdb) ")
            person.sendline(line)
        limit = Deadline.after(120, "the machine that begins anew")
        while not again.exists():
            limit.check()
            person.expect_exact(pexpect.TIMEOUT, timeout=0.05)
        person.sendintr()
        person.expect(r"interrupted on the way back: the machine is at instruction \d+\r\n")
        for line, told in (("delete", ""), ("continue", ", the end of the record]"),
                           ("reverse-stepi 2", "[the agency's kernel: "), ("quit", "")):
            person.expect_exact("(gdb) ")
            person.sendline(line)
            person.expect_exact(told)
        person.expect(pexpect.EOF)


def test_back_to_the_write_that_broke_the_ring(
        run_text: RunText, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    result = run_text(BEYOND, record=True)
    assert (result.verdict, result.rules[:1]) == (Verdict.FAIL, ("ring.no_overrun",))
    assert result.run_dir is not None
    told = _session(result.run_dir, BACK, capfd, tmp_path)
    at_end, _, back = told.partition("the end of the record]")
    assert "vdummy/2  backend/vdummy/2/0: BE CONNECTED, FE CONNECTED" in at_end
    wrong, _, right = back.partition("[stop ")[2].partition("[stop ")
    # More than the ring has entries ahead of the index that was right, as the line of the defect writes it.
    old, new = (int(value) for value in re.findall(r"^(?:Old|New) value = (\d+)$", wrong, re.MULTILINE))
    assert new == old + 33
    assert f"[written by vdummy_answer at ./vdummyback/vdummy_fault.h:{_line('ring->entries + 1')}]" in wrong
    # Once more: the right one before it; and an instruction back from there it was not written yet.
    assert f"New value = {old}\n" in right
    assert [int(value) for value in re.findall(r"^\$\d+ = (\d+)$", right, re.MULTILINE)] == [old, new - 1]


def _line(text: str) -> int:
    source = ROOT / "images/agency/modules/vdummyback/vdummy_fault.h"
    (found,) = (number for number, line in enumerate(source.read_text().splitlines(), 1) if text in line)
    return found


def test_a_panic_back_to_its_cause_and_what_is_refused(
        run_text: RunText, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    result = run_text(BEYOND.replace("be-rsp-beyond", "agency-panic"), record=True)
    assert result.verdict is Verdict.CRASH
    assert result.run_dir is not None
    told = _session(result.run_dir, PANIC, capfd, tmp_path)
    assert re.search(r"^\[the agency's kernel: panic, after \d+ instructions\]$", told, re.MULTILINE)
    assert re.search(r"^#1 .* in soo_fault_on_injection \(.*\) at ./core/fault.c:\d+$", told, re.MULTILINE)
    assert re.findall(r"^refused: (.*)$", told, re.MULTILINE) == [
        "'vdummy_probe' is in several images; say vdummy:vdummy_probe or me:vdummy_probe",
        "--me takes one of: no ME is known yet, so a number",
        "no function 'nothing' in kernel, soo, vdummy, vuart, soo-program, me; it may have been inlined",
        "no image 'vled'; there are: kernel, soo, vdummy, vuart, soo-program, me",
        "--me goes with functions of MEs, and vdummy: is none of them",
        "usage: soo-break [IMAGE:]FUNCTION [--me NUMBER|NAME]",
        "the store has no 'device/7'",
        "no link vdummy/5 now; soo-store backend has what is left of one that ends",
        "reverse-next is not offered; use reverse-continue with a breakpoint, or reverse-stepi N",
        'reverse-stepi takes a number of instructions: No symbol "foo" in current context.',
        "reverse-stepi takes a number of instructions from 1",
        "no break- or watchpoint has stopped the machine before; it is where it was",
    ]
    # However often it goes on, the machine stays; and it can go back.
    assert "at last: the record is at its end; reverse-continue and reverse-stepi go back" in told
    assert re.search(r"^#0 .*", told[told.index("at last"):], re.MULTILINE)
