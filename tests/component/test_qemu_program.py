# SPDX-License-Identifier: GPL-2.0-only
"""Finding QEMU and refusing what is not fit, with real executables that pretend."""

from pathlib import Path

import pytest

from harness.errors import CommandFailed, HostError, ToolMissing
from harness.proc import find_tool
from harness.qemu import version
from harness.qemu.dumpdtb import dump_tree
from harness.qemu.machine import Machine
from harness.qemu.spec import MachineSpec

VIRT = MachineSpec(machine="virt,virtualization=on,gic-version=3,dtb-randomness=off", cpu="cortex-a72", smp=2,
                   memory_mib=256)


def _pretender(folder: Path, script: str) -> Path:
    path = folder / "qemu-system-aarch64"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_missing_qemu_names_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissing, match="qemu-system-aarch64: no such program; install the Debian package "
                                          "qemu-system-arm$"):
        version.find()


def test_old_qemu_is_refused(tmp_path: Path) -> None:
    old = _pretender(tmp_path, "echo 'QEMU emulator version 5.2.0 (Debian 1:5.2+dfsg-11)'")
    with pytest.raises(HostError, match="version 5.2.0 is too old, needed is 7.2 or later") as caught:
        version.find(str(old))
    assert caught.value.where == str(old)


def test_new_qemu_is_accepted(tmp_path: Path) -> None:
    new = _pretender(tmp_path, "echo 'QEMU emulator version 11.1.2'; echo Copyright")
    assert version.find(str(new)) == version.Qemu(str(new), (11, 1, 2), "QEMU emulator version 11.1.2")


def test_qemu_that_cannot_run(tmp_path: Path) -> None:
    broken = _pretender(tmp_path, "echo 'error while loading shared libraries: libfdt.so.1' >&2; exit 127")
    with pytest.raises(CommandFailed, match="ended with status 127: error while loading shared libraries"):
        version.find(str(broken))


def test_machine_with_a_missing_qemu(tmp_path: Path) -> None:
    with pytest.raises(ToolMissing), Machine(MachineSpec(binary=str(tmp_path / "qemu")), tmp_path):
        pass


def test_the_installed_one_is_fit() -> None:
    found = version.find("qemu-system-aarch64")
    assert found.path == find_tool("qemu-system-aarch64")
    assert found.version >= (7, 2, 0)


def test_tree_of_the_machine() -> None:
    tree = dump_tree(VIRT)
    assert tree[:4] == b"\xd0\x0d\xfe\xed"
    assert b"arm,gic-v3" in tree
    assert tree.count(b"arm,cortex-a72") == 2
    assert dump_tree(VIRT) == tree


def test_tree_of_an_impossible_machine() -> None:
    with pytest.raises(HostError, match="-M nonsense: QEMU gave no device tree: .*unsupported machine type"):
        dump_tree(MachineSpec(machine="nonsense"))
