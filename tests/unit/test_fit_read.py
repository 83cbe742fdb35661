# SPDX-License-Identifier: GPL-2.0-only
"""Verifying FITs: ours, mkimage's, and every way to be wrong, with the section named."""

import random
from collections.abc import Callable
from pathlib import Path

import libfdt
import pytest

from harness.deadline import Deadline
from harness.dt.build import set_properties
from harness.dt.compile import compile_tree
from harness.errors import FitError
from harness.fit.build import Part, assemble
from harness.fit.read import Fit, verify
from harness.proc import run
from tests.unit.dt_samples import ME, compiled

KERNEL = b"\xa5kernel!" * 512
LOAD = 0x40080000
SOURCE = """/ { description = "from mkimage"; #address-cells = <1>;
images {
  so3 { description = "kernel"; data = /incbin/("kernel.bin"); type = "kernel"; arch = "arm64"; os = "linux";
        compression = "none"; load = <0x40080000>; entry = <0x40080000>;
        hash-1 { algo = "crc32"; }; hash-2 { algo = "sha1"; }; hash-3 { algo = "sha256"; };
        hash-4 { algo = "md5"; }; hash@5 { algo = "sha512"; }; };
  fdt { description = "tree"; data = /incbin/("me.dtb"); type = "flat_dt"; arch = "arm64";
        compression = "none"; hash-1 { algo = "sha384"; }; };
  disk { description = "disk"; data = /incbin/("kernel.bin"); type = "ramdisk"; arch = "arm64"; os = "linux";
        compression = "none"; };
};
configurations { default = "so3"; so3 { kernel = "so3"; fdt = "fdt"; ramdisk = "disk"; }; };
};"""


@pytest.fixture(scope="module")
def good() -> bytes:
    """An ME image of ours."""
    return assemble((Part("me", "ME", "Mobile entity", KERNEL, LOAD, LOAD),
                     Part("fdt", "flat_dt", "Tree", compile_tree(ME))), "an ME")


def by_mkimage(folder: Path, *options: str) -> bytes:
    """A FIT made by U-Boot's tool from the source above."""
    (folder / "kernel.bin").write_bytes(KERNEL)
    (folder / "me.dtb").write_bytes(compile_tree(ME))
    (folder / "fit.its").write_text(f"/dts-v1/;\n{SOURCE}\n")
    run(["mkimage", *options, "-f", "fit.its", "fit.itb"], cwd=folder, deadline=Deadline.after(20, "mkimage"))
    return (folder / "fit.itb").read_bytes()


def refusal(data: bytes) -> str:
    with pytest.raises(FitError) as caught:
        verify(data, name="x.itb")
    return str(caught.value)


def without(data: bytes, path: str, prop: str | None = None) -> bytes:
    """A FIT that lacks a node or a property."""
    fit = libfdt.Fdt(data)
    if prop is None:
        fit.del_node(fit.path_offset(path))
    else:
        fit.delprop(fit.path_offset(path), prop)
    return bytes(fit.as_bytearray()[:fit.totalsize()])


def test_ours_is_accepted(good: bytes) -> None:
    fit = verify(good)
    assert isinstance(fit, Fit)
    assert fit.kernel.data == KERNEL


def test_u_boots_is_accepted_with_all_hashes(tmp_path: Path) -> None:
    fit = verify(by_mkimage(tmp_path), kind="kernel")
    assert fit.kernel.hashes == ("crc32", "sha1", "sha256", "md5", "sha512")
    assert fit.fdt.hashes == ("sha384",)
    assert fit.ramdisk is not None
    assert fit.ramdisk.hashes == ()
    assert (fit.description, fit.configuration) == ("from mkimage", "so3")


def test_a_fit_that_is_no_me(tmp_path: Path) -> None:
    assert refusal(by_mkimage(tmp_path)) == "x.itb: image 'so3' has type \"kernel\", not \"ME\""


def test_data_outside_the_tree_is_not_supported(tmp_path: Path) -> None:
    assert refusal(by_mkimage(tmp_path, "-E")) == (
        "x.itb: image 'so3' has its data outside the tree, which is not supported; make it by mkimage "
        "without -E")


@pytest.mark.parametrize("algo", ["crc32", "sha1", "sha256", "md5", "sha512"])
def test_each_hash_catches_a_flipped_bit(tmp_path: Path, algo: str) -> None:
    data = by_mkimage(tmp_path)
    order = ["crc32", "sha1", "sha256", "md5", "sha512"]
    for number, other in enumerate(order, 1):
        if other != algo:
            data = without(data, f"/images/so3/hash{'@' if number == 5 else '-'}{number}")
    at = data.index(KERNEL)
    text = refusal(data[:at] + b"\xa4" + data[at + 1:])
    assert text.startswith(f"x.itb: image 'so3' data: {algo} is ")


def test_every_cut_names_its_section(good: bytes) -> None:
    sections: dict[str, None] = {}
    for length in range(len(good)):
        text = refusal(good[:length])
        assert text.startswith(f"x.itb: truncated after {length} bytes, in section: ")
        sections[text.partition("section: ")[2].partition(";")[0]] = None
    assert list(sections) == [
        "header", "memory reservations", "structure block",
        "image 'me'", "image 'me' data", "hash-1 of image 'me'",
        "image 'fdt'", "image 'fdt' data", "hash-1 of image 'fdt'", "strings block"]


def test_cut_in_data_is_told_from_cut_beside_it(good: bytes) -> None:
    start = good.index(KERNEL)
    assert "section: image 'me' data;" in refusal(good[:start])
    assert "section: image 'me' data;" in refusal(good[:start + len(KERNEL) - 1])
    assert "section: image 'me';" in refusal(good[:start + len(KERNEL) + 40])


def test_cut_in_free_space(good: bytes) -> None:
    fit = libfdt.Fdt(good)
    fit.resize(len(good) + 100)
    assert "in section: free space at the end" in refusal(bytes(fit.as_bytearray())[:-1])


def test_zero_bytes_after_the_end_are_padding(good: bytes) -> None:
    assert verify(good + bytes(512)).kernel.data == KERNEL
    assert refusal(good + bytes(8) + b"x") == "x.itb: 9 bytes after the end of the tree"


@pytest.mark.parametrize(("change", "text"), [
    (lambda fit: b"PK\3\4" + fit[4:], "header: this is no FIT, it starts with 50 4b 03 04"),
    (lambda fit: fit[:20] + b"\0\0\0\2" + fit[24:], "structure block: version 2 of the format"),
    (lambda fit: fit.replace(b"\0\0\0\2\0\0\0\2\0\0\0\x09", b"\0\0\0\2\0\0\0\7\0\0\0\x09"),
     "structure block: damaged: FDT_ERR_BADSTRUCTURE"),
    (lambda fit: without(fit, "/images"), "node /images is missing; this tree is no FIT"),
    (lambda fit: without(fit, "/configurations"), "node /configurations is missing"),
    (lambda fit: without(without(fit, "/images/me"), "/images/fdt"), "node /images has no image"),
    (lambda fit: without(fit, "/images/me"), "names the kernel 'me', which is no image; images: fdt"),
    (lambda fit: without(fit, "/images/fdt"), "names the fdt 'fdt', which is no image; images: me"),
    (lambda fit: without(fit, "/images/me", "data"), "image 'me' has no data"),
    (lambda fit: without(fit, "/images/fdt", "type"), "image 'fdt' has no type"),
    (lambda fit: without(fit, "/images/me", "load"), "image 'me' has no load address"),
    (lambda fit: without(fit, "/images/me", "entry"), "image 'me' has no entry address"),
    (lambda fit: without(fit, "/images/me/hash-1", "value"), "hash-1 says nothing; the file is damaged"),
    (lambda fit: without(fit, "/images/me/hash-1", "algo"), "hash-1 of image 'me': unknown algorithm ''"),
    (lambda fit: without(fit, "/configurations", "default"), "node /configurations has no default"),
    (lambda fit: without(fit, "/configurations/conf-1"), "default configuration 'conf-1' is missing"),
    (lambda fit: without(fit, "/configurations/conf-1", "kernel"), "configuration 'conf-1' names no kernel"),
    (lambda fit: without(fit, "/configurations/conf-1", "fdt"), "configuration 'conf-1' names no fdt"),
])
def test_what_is_wrong_is_named(good: bytes, change: Callable[[bytes], bytes], text: str) -> None:
    found = refusal(change(good))
    assert found.startswith("x.itb: ")
    assert text in found


@pytest.mark.parametrize(("path", "prop", "value", "text"), [
    ("/images/me", "type", b"kernel\0", "image 'me' has type \"kernel\", not \"ME\""),
    ("/images/fdt", "type", b"avz_dt\0", "image 'fdt' has type \"avz_dt\", not \"flat_dt\""),
    ("/images/me", "compression", b"gzip\0", "image 'me' is compressed (gzip), which is not supported"),
    ("/images/me", "load", b"\0\0", "image 'me' load: 2 bytes are no address"),
    ("/images/me", "entry", b"\0\0\0\4", "image 'me' entry 0x4 is outside its data"),
    ("/images/me/hash-1", "algo", b"crc16\0", "hash-1 of image 'me': unknown algorithm 'crc16'"),
    ("/images/me/hash-1", "value", b"\0\0\0\0", "but hash-1 says 00000000; the file is damaged"),
    ("/configurations", "default", b"none\0", "default configuration 'none' is missing"),
    ("/configurations/conf-1", "fdt", b"me\0", "image 'me' has type \"ME\", not \"flat_dt\""),
])
def test_wrong_value_is_named(good: bytes, path: str, prop: str, value: bytes, text: str) -> None:
    assert text in refusal(set_properties(good, {path: {prop: value}}))


def test_image_that_is_no_device_tree() -> None:
    fit = assemble((Part("me", "ME", "Mobile entity", KERNEL, LOAD, LOAD),
                    Part("fdt", "flat_dt", "Tree", compile_tree(ME)[:200])), "an ME")
    assert refusal(fit).startswith("x.itb: image 'fdt' data: truncated: 200 of ")


def test_a_device_tree_is_no_fit(tmp_path: Path) -> None:
    assert refusal(compiled(tmp_path, "/ { x { }; };")) == (
        "x.itb: node /images is missing; this tree is no FIT")


def test_damage_gives_a_fit_or_a_fit_error(good: bytes) -> None:
    """Cuts, flipped bits and shuffled blocks; any other exception fails the test."""
    pick = random.Random(2)
    refused = 0
    for _ in range(1500):
        data = bytearray(good)
        for _ in range(pick.randrange(1, 5)):
            # Half of the damage goes to the parts that are parsed; most of the file is the kernel's data.
            end = pick.choice((300, len(data)))
            data[pick.randrange(min(end, len(data)))] ^= 1 << pick.randrange(8)
        if pick.random() < 0.3:
            del data[pick.randrange(len(data)):]
        if pick.random() < 0.1:
            data[100:200], data[200:300] = data[200:300], data[100:200]
        try:
            verify(bytes(data), name="x.itb")
        except FitError:
            refused += 1
    assert refused > 1000
