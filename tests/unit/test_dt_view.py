# SPDX-License-Identifier: GPL-2.0-only
"""The read-only view: pyfdt on trees of today, and on what is no tree."""

import random
import struct
from collections.abc import Callable
from pathlib import Path

import libfdt
import pytest

from harness.dt.build import agency_tree
from harness.dt.compile import compile_tree
from harness.dt.view import Tree
from harness.errors import DtError
from tests.unit.dt_samples import AGENCY, ME, compiled, overlay, qemu_tree


def by_libfdt(data: bytes) -> dict[str, dict[str, bytes]]:
    """The same tree read by libfdt, the judge."""
    fdt = libfdt.Fdt(data)
    nodes: dict[str, dict[str, bytes]] = {}
    offset, depth = 0, 0
    while depth >= 0:
        props = {}
        at = fdt.first_property_offset(offset, quiet=(libfdt.NOTFOUND,))
        while at >= 0:
            prop = fdt.get_property_by_offset(at)
            props[prop.name] = bytes(prop)
            at = fdt.next_property_offset(at, quiet=(libfdt.NOTFOUND,))
        nodes[fdt.get_path(offset)] = props
        offset, depth = fdt.next_node(offset, depth, quiet=(libfdt.NOTFOUND,))
    return nodes


@pytest.mark.parametrize("read", [
    pytest.param(qemu_tree, id="qemu"),
    pytest.param(lambda: compile_tree(ME), id="me"),
    pytest.param(lambda: compile_tree(AGENCY), id="overlay"),
    pytest.param(lambda: agency_tree(qemu_tree(), [AGENCY, overlay("vdummy-be-on")]).dtb, id="merged"),
])
def test_pyfdt_agrees_with_libfdt(read: Callable[[], bytes]) -> None:
    assert Tree.parse(read()).nodes == by_libfdt(read())


def test_values_that_pyfdt_would_guess_wrong(tmp_path: Path) -> None:
    data = compiled(tmp_path, """/ { a { empty; str = ""; list = "x", "", "y"; cells = <0x41424300>;
        bytes = [80 ff 00]; long = /bits/ 64 <0xfffffffffffffff0>; same = <1>; b { }; }; };""")
    assert Tree.parse(data).nodes["/a"] == {
        "empty": b"", "str": b"\0", "list": b"x\0\0y\0", "cells": b"ABC\0", "bytes": b"\x80\xff\0",
        "long": b"\xff" * 7 + b"\xf0", "same": b"\0\0\0\1"}


def test_property_and_child_of_one_name(tmp_path: Path) -> None:
    tree = Tree.parse(compiled(tmp_path, "/ { a { b = <1>; b { c; }; }; };"))
    assert tree.value("/a", "b") == b"\0\0\0\1"
    assert tree.nodes["/a/b"] == {"c": b""}


def test_nops_are_skipped(tmp_path: Path) -> None:
    fdt = libfdt.Fdt(compiled(tmp_path, "/ { a { b = <1>; c = <2>; }; d { }; };"))
    libfdt.fdt_nop_property(fdt._fdt, fdt.path_offset("/a"), "b")
    libfdt.fdt_nop_node(fdt._fdt, fdt.path_offset("/d"))
    assert Tree.parse(bytes(fdt.as_bytearray())).nodes == {"/": {}, "/a": {"c": b"\0\0\0\2"}}


@pytest.mark.parametrize(("status", "enabled"), [
    ("", True), ('status = "okay";', True), ('status = "ok";', True), ('status = "disabled";', False),
    ('status = "fail";', False), ('status = "OK";', False), ('status = "";', False), ("status;", False),
    ('status = "ok", "disabled";', True), ("status = [6f 6b];", True),
])
def test_enabled_is_the_specifications(tmp_path: Path, status: str, enabled: bool) -> None:
    tree = Tree.parse(compiled(tmp_path, f"/ {{ x {{ {status} }}; }};"))
    assert tree.enabled("/x") is enabled


def test_absent_node_is_not_enabled() -> None:
    assert not Tree.parse(compile_tree(ME)).enabled("/ME/frontends/vuart")


def test_nodes_compatible_sees_every_string() -> None:
    tree = Tree.parse(compile_tree(ME))
    assert tree.nodes_compatible("vdummy,frontend") == ("/ME/frontends/vdummy",)
    assert tree.nodes_compatible("arm,primecell") == ("/serial@9000000",)
    assert tree.nodes_compatible("vdummy") == ()


def test_children_are_direct_ones() -> None:
    tree = Tree.parse(compile_tree(ME))
    assert tree.children("/ME") == ("/ME/frontends",)
    assert "/ME" in tree.children("/")
    assert "/" not in tree.children("/")


def test_without_takes_subtrees_whole() -> None:
    rest = Tree.parse(compile_tree(ME)).without(("/ME",), ("phandle",))
    assert not [path for path in rest.nodes if path.startswith("/ME")]
    assert all("phandle" not in props for props in rest.nodes.values())


def test_free_space_after_the_tree_is_ignored() -> None:
    data = compile_tree(ME)
    assert Tree.parse(data + b"junk").nodes == Tree.parse(data).nodes


@pytest.mark.parametrize(("data", "text"), [
    (b"", "truncated in its header: 0 of 40 bytes"),
    (b"\xd0\x0d\xfe\xed", "truncated in its header: 4 of 40 bytes"),
    (b"ELF!" + bytes(60), "no flattened device tree: it starts with 0x454c4621"),
    (struct.pack(">10I", 0xD00DFEED, 40, 40, 40, 40, 3, 2, 0, 0, 0), "version 3 of the format"),
    (struct.pack(">10I", 0xD00DFEED, 99, 40, 40, 40, 17, 16, 0, 0, 0), "truncated: 40 of 99 bytes"),
])
def test_what_is_no_tree(data: bytes, text: str) -> None:
    with pytest.raises(DtError, match=text):
        Tree.parse(data, "mine")


def test_node_that_is_there_twice() -> None:
    data = compile_tree(ME).replace(b"\0\0\0\1psci\0\0\0\0", b"\0\0\0\1chosen\0\0")
    with pytest.raises(DtError, match="damaged: node /chosen is there twice"):
        Tree.parse(data, "mine")


def test_damage_gives_a_tree_or_a_dt_error() -> None:
    good = compile_tree(ME)
    pick = random.Random(1)
    refused = 0
    for _ in range(1500):
        data = bytearray(good[:pick.choice((len(good), pick.randrange(len(good))))])
        for _ in range(pick.randrange(4)):
            if data:
                data[pick.randrange(len(data))] ^= 1 << pick.randrange(8)
        try:
            Tree.parse(bytes(data), "mine")
        except DtError:
            refused += 1
    assert refused > 700
