# SPDX-License-Identifier: GPL-2.0-only
"""What Linux makes of a tree. The listing below is from a booted agency: QEMU 7.2, Debian's kernel 6.1."""

from harness.dt import effective
from harness.dt.build import agency_tree
from harness.dt.diff import LINUX_IGNORED, diff
from harness.dt.linux import as_linux_shows
from harness.dt.view import Tree
from tests.unit.dt_samples import AGENCY, overlay, qemu_tree

BOOTARGS = "console=ttyAMA0 panic=-1 quiet"
RECORDED = """/agency/
/agency/phandle 00008006
/agency/domain-size 20000000
/agency/compatible 736f6f2c6167656e637900
/agency/backends/
/agency/backends/phandle 00008007
/agency/backends/vuart/
/agency/backends/vuart/phandle 00008009
/agency/backends/vuart/compatible 76756172742c6261636b656e6400
/agency/backends/vuart/status 64697361626c656400
/agency/backends/vuart/name 767561727400
/agency/backends/vdummy/
/agency/backends/vdummy/phandle 00008008
/agency/backends/vdummy/compatible 7664756d6d792c6261636b656e6400
/agency/backends/vdummy/status 6f6b00
/agency/backends/vdummy/name 7664756d6d7900
/agency/backends/name 6261636b656e647300
/agency/name 6167656e637900
/chosen/
/chosen/linux,initrd-end 48270200
/chosen/bootargs 636f6e736f6c653d747479414d41302070616e69633d2d3120717569657400
/chosen/linux,initrd-start 48000000
/chosen/stdout-path 2f706c303131403930303030303000
/chosen/name 63686f73656e00
/memory@40000000/
/memory@40000000/device_type 6d656d6f727900
/memory@40000000/name 6d656d6f727900
/memory@40000000/reg 00000000400000000000000020000000
/__symbols__/
/__symbols__/agency 2f6167656e637900
/__symbols__/name 5f5f73796d626f6c735f5f00
/__symbols__/vuart_be 2f6167656e63792f6261636b656e64732f767561727400
/__symbols__/vdummy_be 2f6167656e63792f6261636b656e64732f7664756d6d7900
/__symbols__/backends 2f6167656e63792f6261636b656e647300
"""
HEADS = ("/agency", "/chosen", "/memory@40000000", "/__symbols__")


def expected() -> Tree:
    """What the recorded part of that agency was to show."""
    merged = agency_tree(qemu_tree(), [AGENCY, overlay("vdummy-be-on")]).tree
    shown = as_linux_shows(merged, bootargs=BOOTARGS)
    others = [path for path in shown.children("/") if path not in HEADS]
    younger = [path for path in shown.children("/agency/backends") if f"{path}/" not in RECORDED]
    found = shown.without([*others, *younger]).nodes
    labels = {label: path for label, path in found["/__symbols__"].items() if f"/{label} " in RECORDED}
    return Tree({**found, "/": {}, "/__symbols__": labels})


def test_a_booted_agency_shows_what_is_expected() -> None:
    assert diff(expected(), effective.parse(RECORDED, "agency"), LINUX_IGNORED) == []


def test_another_status_shows() -> None:
    changed = RECORDED.replace("status 6f6b00", "status 64697361626c656400")
    assert [str(found) for found in diff(expected(), effective.parse(changed, "agency"), LINUX_IGNORED)] == [
        '/agency/backends/vdummy/status: expected "ok", observed "disabled"']


def test_another_command_line_shows() -> None:
    chosen = {**expected().nodes["/chosen"], "bootargs": b"quiet\0"}
    shown = Tree({**expected().nodes, "/chosen": chosen})
    assert [found.prop for found in diff(shown, effective.parse(RECORDED, "agency"), LINUX_IGNORED)] == [
        "bootargs"]


def test_names_lack_the_unit_address_and_a_name_of_its_own_stays() -> None:
    shown = as_linux_shows(Tree({"/": {}, "/a@1": {}, "/b": {"name": b"c\0"}}), bootargs=None)
    assert {path: shown.value(path, "name") for path in shown.nodes} == {
        "/": b"\0", "/a@1": b"a\0", "/b": b"c\0", "/chosen": b"chosen\0"}
    assert "bootargs" not in shown.nodes["/chosen"]


def test_the_merged_tree_is_left_alone() -> None:
    merged = Tree({"/": {}, "/chosen": {}})
    as_linux_shows(merged, bootargs="quiet")
    assert merged.nodes == {"/": {}, "/chosen": {}}
