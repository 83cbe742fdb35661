# SPDX-License-Identifier: GPL-2.0-only
"""The lines in which guests report their trees."""

from collections.abc import Callable

import pytest

from harness.dt import effective
from harness.dt.build import agency_tree, me_tree
from harness.dt.diff import diff
from harness.dt.view import Tree
from harness.errors import DtError
from tests.unit.dt_samples import AGENCY, ME, overlay, qemu_tree

LINES = """/
/name 00
/#size-cells 00000002
/cpus/
/cpus/cpu@0/
/cpus/cpu@0/reg 00000000
/cpus/cpu@0/dma-coherent\x20
"""


def test_nodes_and_properties() -> None:
    assert effective.parse(LINES, "agency").nodes == {
        "/": {"name": b"\0", "#size-cells": b"\0\0\0\2"}, "/cpus": {},
        "/cpus/cpu@0": {"reg": b"\0\0\0\0", "dma-coherent": b""}}


@pytest.mark.parametrize("change", [
    lambda text: text.replace("\n", "\r\n"),
    lambda text: text.replace("\n", "\n\n"),
    lambda text: text.rstrip(),
    lambda text: "\n".join(reversed(text.split("\n"))),
    lambda text: text.replace("/cpus/\n", ""),
])
def test_what_does_not_count(change: Callable[[str], str]) -> None:
    assert effective.parse(change(LINES), "agency").nodes == effective.parse(LINES, "agency").nodes


def test_listing_is_the_inverse() -> None:
    for tree in (agency_tree(qemu_tree(), [AGENCY]).tree, me_tree(ME, [overlay("vdummy-fe-on")]).tree):
        assert diff(tree, effective.parse(effective.listing(tree), "agency")) == []


@pytest.mark.parametrize(("line", "text"), [
    ("cpus/ 00", "'cpus/ 00' does not start with the path of a node"),
    ("sh: dtdump: not found", "'sh: dtdump: not found' does not start with the path of a node"),
    ("/cpus//reg 00", "'/cpus//reg 00' does not start with the path of a node"),
    ("/cpus/ 00", "node /cpus/ has a value"),
    ("/cpus/x 0", "'0' is not the value of /cpus/x in hexadecimal digits"),
    ("/cpus/x 0g", "'0g' is not the value of /cpus/x in hexadecimal digits"),
    ("/cpus/x 00 00", "'00 00' is not the value of /cpus/x in hexadecimal digits"),
    ("/cpus/x [3.1] usb", "'[3.1] usb' is not the value of /cpus/x in hexadecimal digits"),
    ("/name 00", "property /name is there twice"),
    ("/y " + "zz" * 99, "'" + "zz" * 20 + "...' is not the value of /y in hexadecimal digits"),
])
def test_malformed_line_is_named(line: str, text: str) -> None:
    with pytest.raises(DtError) as caught:
        effective.parse(f"{LINES}{line}\n", "alpha")
    assert str(caught.value) == f"alpha:8: {text}"


@pytest.mark.parametrize("text", ["", "\n\r\n", "/\n"])
def test_no_tree_at_all(text: str) -> None:
    with pytest.raises(DtError, match=r"^alpha: no line describes a node or a property$"):
        effective.parse(text, "alpha")


def test_a_cut_line_is_a_difference() -> None:
    tree = Tree({"/": {"compatible": b"soo,me\0"}})
    assert len(diff(tree, effective.parse(effective.listing(tree)[:-5], "alpha"))) == 1
