# SPDX-License-Identifier: GPL-2.0-only
"""`harness boot`: a person's terminal on a machine that is not ours."""

import sys
from pathlib import Path

import pexpect
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(("name", "compiler"), [("uboot-arm64", "aarch64"), ("uboot-arm", "arm")])
def test_typing_to_u_boot(name: str, compiler: str) -> None:
    argv = ["-m", "harness.cli", "boot", "--set", name]
    process = pexpect.spawn(sys.executable, argv, cwd=str(REPOSITORY), timeout=120, encoding="utf-8")
    process.expect_exact("console uboot: Ctrl-] leaves")
    process.expect_exact("=> ")
    process.send("version\r")
    process.expect(rf"{compiler}-linux-gnu\w*-gcc")
    process.send("\x1e")  # Ctrl-^: the next console, which is the same one: its output again
    process.expect_exact("U-Boot 20")
    process.expect_exact("=> ")
    process.send("\x1d")  # Ctrl-]
    process.expect_exact("[harness: left]")
    process.expect(pexpect.EOF)
    process.close()
    assert process.exitstatus == 0


def test_a_machine_that_ends_is_told() -> None:
    argv = ["-m", "harness.cli", "boot", "--set", "uboot-arm64"]
    process = pexpect.spawn(sys.executable, argv, cwd=str(REPOSITORY), timeout=120, encoding="utf-8")
    process.expect_exact("=> ")
    process.send("poweroff\r")
    process.expect_exact("[harness: the machine has ended]")
    process.expect(pexpect.EOF)
    process.close()
    assert process.exitstatus == 0
