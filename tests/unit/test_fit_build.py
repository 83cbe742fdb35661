# SPDX-License-Identifier: GPL-2.0-only
"""ME images: readable by our reader, by libfdt and by U-Boot's tools; written whole or not at all."""

import zlib
from pathlib import Path

import libfdt
import pytest

from harness.deadline import Deadline
from harness.dt.compile import compile_tree
from harness.errors import FitError, HostError
from harness.fit.build import me_image
from harness.fit.read import verify
from harness.proc import run
from tests.unit.dt_samples import ME

KERNEL = bytes(range(256)) * 16 + b"odd"
LOAD = 0x40080000


def made(folder: Path, **changes: int) -> bytes:
    out = folder / "me.itb"
    me_image(KERNEL, compile_tree(ME), **{"load": LOAD, "entry": LOAD + 64, **changes}, out=out)
    return out.read_bytes()


def test_what_is_put_in_comes_out(tmp_path: Path) -> None:
    fit = verify(made(tmp_path))
    assert (fit.kernel.name, fit.kernel.kind, fit.kernel.arch, fit.kernel.os) == ("me", "ME", "arm64", "so3")
    assert (fit.kernel.load, fit.kernel.entry, fit.kernel.data) == (LOAD, LOAD + 64, KERNEL)
    assert (fit.fdt.name, fit.fdt.kind, fit.fdt.data) == ("fdt", "flat_dt", compile_tree(ME))
    assert fit.kernel.hashes == fit.fdt.hashes == ("crc32",)
    assert (fit.configuration, fit.ramdisk, tuple(fit.images)) == ("conf-1", None, ("me", "fdt"))


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    assert made(tmp_path) == made(tmp_path)


def test_libfdt_finds_what_the_host_of_mes_looks_for(tmp_path: Path) -> None:
    fit = libfdt.Fdt(made(tmp_path))
    node = fit.path_offset("/images/me")
    assert fit.getprop(node, "type").as_str() == "ME"
    assert fit.getprop(node, "load").as_uint32() == LOAD
    assert fit.getprop(node, "entry").as_uint32() == LOAD + 64
    assert bytes(fit.getprop(node, "data")) == KERNEL
    hash_node = fit.path_offset("/images/me/hash-1")
    assert fit.getprop(hash_node, "algo").as_str() == "crc32"
    assert fit.getprop(hash_node, "value").as_uint32() == zlib.crc32(KERNEL)
    assert fit.getprop(fit.path_offset("/configurations"), "default").as_str() == "conf-1"


def test_addresses_beyond_4_gib(tmp_path: Path) -> None:
    high = 0x1_4008_0000
    fit = verify(made(tmp_path, load=high, entry=high + 64))
    assert (fit.kernel.load, fit.kernel.entry) == (high, high + 64)


def test_u_boots_tool_accepts_it(tmp_path: Path) -> None:
    made(tmp_path)
    done = run(["mkimage", "-l", str(tmp_path / "me.itb")], deadline=Deadline.after(10, "mkimage"))
    text = done.stdout.decode()
    assert "Default Configuration: 'conf-1'" in text
    assert f"Data Size:    {len(KERNEL)} Bytes" in text
    assert f"Hash value:   {zlib.crc32(KERNEL):08x}" in text
    assert "Type:         Flat Device Tree" in text


@pytest.mark.parametrize("entry", [LOAD - 4, LOAD + len(KERNEL)])
def test_entry_outside_the_kernel(tmp_path: Path, entry: int) -> None:
    with pytest.raises(FitError, match=f"entry 0x{entry:x} is outside the kernel"):
        made(tmp_path, entry=entry)
    assert list(tmp_path.iterdir()) == []


def test_folder_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(HostError, match=r"me\.itb: cannot write: No such file or directory"):
        made(tmp_path / "nowhere")


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "me.itb").mkdir()
    with pytest.raises(HostError, match="cannot write: Is a directory"):
        made(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["me.itb"]
