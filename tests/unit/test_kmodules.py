# SPDX-License-Identifier: GPL-2.0-only
"""Load order of kernel modules."""

from pathlib import Path

import pytest

from harness.errors import HostError
from harness.images.kmodules import depends, load_order, module_name, modules_below


def module(folder: Path, name: str, needs: str = "") -> Path:
    """A file with the one section of a module that is looked at."""
    path = folder / f"{name}.ko"
    path.write_bytes(b"\x7fELF\0license=GPL\0depends=" + needs.encode() + b"\0name=x\0")
    return path


def test_each_module_comes_after_what_it_needs(tmp_path: Path) -> None:
    module(tmp_path, "virtio_pci", "virtio-ring,virtio")
    module(tmp_path, "virtio", "virtio_ring")
    module(tmp_path, "virtio-ring")
    module(tmp_path, "unrelated")
    order = load_order(["virtio_pci"], modules_below(tmp_path))
    assert [module_name(path) for path in order] == ["virtio_ring", "virtio", "virtio_pci"]


def test_a_module_that_is_not_there(tmp_path: Path) -> None:
    module(tmp_path, "a", "b")
    with pytest.raises(HostError, match="no kernel module b, needed by a"):
        load_order(["a"], modules_below(tmp_path))
    with pytest.raises(HostError, match="no kernel module c$"):
        load_order(["c"], modules_below(tmp_path))


def test_modules_that_need_each_other(tmp_path: Path) -> None:
    module(tmp_path, "a", "b")
    module(tmp_path, "b", "a")
    with pytest.raises(HostError, match="need each other: a b a"):
        load_order(["a"], modules_below(tmp_path))


def test_what_is_no_module(tmp_path: Path) -> None:
    (tmp_path / "packed.ko").write_bytes(b"\xfd7zXZ")
    with pytest.raises(HostError, match=r"packed.ko: not an uncompressed kernel module"):
        depends(tmp_path / "packed.ko")
