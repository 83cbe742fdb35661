# SPDX-License-Identifier: GPL-2.0-only
"""Asks QEMU for the device tree that it makes for a machine."""

from pathlib import Path
from tempfile import TemporaryDirectory

from harness.deadline import Deadline
from harness.errors import CommandFailed, HostError
from harness.proc import run
from harness.qemu import cmdline, version
from harness.qemu.spec import MachineSpec


def dump_tree(spec: MachineSpec) -> bytes:
    """The flattened device tree that QEMU makes for the machine, CPUs and memory of `spec`.

    Give `dtb-randomness=off` with the machine, or two calls differ by their random seeds.

    :raise HostError: QEMU refuses the machine, or wrote nothing
    """
    qemu = version.find(spec.binary)
    with TemporaryDirectory(prefix="soo-dtb-") as folder:
        out = Path(folder) / "tree.dtb"
        argv = cmdline.build_dumpdtb(spec, out, binary=qemu.path)
        try:
            run(argv, deadline=Deadline.after(20, f"device tree of -M {spec.machine}"))
            return out.read_bytes()
        except (CommandFailed, FileNotFoundError) as error:
            raise HostError(f"QEMU gave no device tree: {error}", where=f"-M {spec.machine}") from error
