# SPDX-License-Identifier: GPL-2.0-only
"""Real trees for the tests of harness/dt: what QEMU dumps, and sources compiled by dtc."""

import functools
import tempfile
from pathlib import Path

from harness.deadline import Deadline
from harness.dt.compile import compile_tree
from harness.proc import run

DTS = Path(__file__).resolve().parents[2] / "dts"
AGENCY = DTS / "base" / "agency-virt64.dtso"
ME = DTS / "base" / "me-virt64.dts"


@functools.cache
def qemu_tree() -> bytes:
    """The tree that QEMU makes for the reference machine."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "virt.dtb"
        machine = f"virt,virtualization=on,gic-version=3,dtb-randomness=off,dumpdtb={out}"
        run(["qemu-system-aarch64", "-M", machine, "-cpu", "cortex-a72", "-smp", "2", "-m", "512",
             "-nodefaults", "-display", "none"], deadline=Deadline.after(20, "QEMU dumps its tree"))
        return out.read_bytes()


def overlay(name: str) -> Path:
    """One of our overlays."""
    return DTS / "overlays" / f"{name}.dtso"


def faulty(name: str) -> Path:
    """One of the overlays that must be refused."""
    return DTS / "faulty" / name


def compiled(folder: Path, body: str, name: str = "sample.dts") -> bytes:
    """A source of one's own, compiled; `body` lacks the version line."""
    source = folder / name
    source.write_text(f"/dts-v1/;\n{body}\n")
    return compile_tree(source)
