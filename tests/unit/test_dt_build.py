# SPDX-License-Identifier: GPL-2.0-only
"""Trees of scenarios: each overlay's effect, the variants without a node, identities of MEs."""

from pathlib import Path

import pytest

from harness.dt.build import agency_tree, load, me_tree, set_properties
from harness.dt.compile import compile_tree
from harness.dt.library import available, find
from harness.dt.view import Tree
from harness.errors import DtError
from tests.unit.dt_samples import AGENCY, DTS, ME, faulty, overlay, qemu_tree

BE = "/agency/backends/vdummy"
FE = "/ME/frontends/vdummy"
NO_BE = DTS / "base" / "agency-virt64-no-be.dtso"
NO_FE = DTS / "base" / "me-virt64-no-fe.dts"


@pytest.mark.parametrize(("base", "overlays", "status"), [
    (AGENCY, [], b"disabled\0"),
    (AGENCY, ["vdummy-be-on"], b"ok\0"),
    (AGENCY, ["vdummy-be-ok"], b"ok\0"),
    (AGENCY, ["vdummy-be-okay"], b"okay\0"),
    (AGENCY, ["vdummy-be-on", "vdummy-be-off"], b"disabled\0"),
    (NO_BE, ["vdummy-be-no-status"], None),
])
def test_backend_variants(base: Path, overlays: list[str], status: bytes | None) -> None:
    tree = agency_tree(qemu_tree(), [base, *map(overlay, overlays)]).tree
    assert tree.nodes_compatible("vdummy,backend") == (BE,)
    assert tree.value(BE, "status") == status
    assert tree.enabled(BE) is (status != b"disabled\0")


@pytest.mark.parametrize(("base", "overlays", "status"), [
    (ME, [], b"disabled\0"),
    (ME, ["vdummy-fe-on"], b"ok\0"),
    (ME, ["vdummy-fe-okay"], b"okay\0"),
    (ME, ["vdummy-fe-on", "vdummy-fe-off"], b"disabled\0"),
    (NO_FE, ["vdummy-fe-no-status"], None),
])
def test_frontend_variants(base: Path, overlays: list[str], status: bytes | None) -> None:
    tree = me_tree(base, list(map(overlay, overlays))).tree
    assert tree.nodes_compatible("vdummy,frontend") == (FE,)
    assert tree.value(FE, "status") == status
    assert tree.enabled(FE) is (status != b"disabled\0")


def test_missing_nodes_are_missing() -> None:
    agency, me = agency_tree(qemu_tree(), [NO_BE]).tree, me_tree(NO_FE, []).tree
    assert BE not in agency.nodes
    assert FE not in me.nodes
    assert agency.text("/__symbols__", "backends") == "/agency/backends"
    assert me.text("/__symbols__", "frontends") == "/ME/frontends"
    assert "vdummy_be" not in agency.nodes["/__symbols__"]
    assert "vdummy_fe" not in me.nodes["/__symbols__"]


def test_variants_differ_in_that_node_alone() -> None:
    full, less = me_tree(ME, []).tree, me_tree(NO_FE, []).tree
    ignored = ("/__symbols__", FE)
    assert full.without(ignored, ("phandle",)).nodes == less.without(ignored, ("phandle",)).nodes


def test_ring_start_is_close_to_the_wrap() -> None:
    tree = me_tree(ME, [overlay("vdummy-fe-on"), overlay("vdummy-fe-ring-start")]).tree
    start = int.from_bytes(tree.nodes[FE]["ring-start"], "big")
    assert 0 < (1 << 32) - start <= 4096
    assert tree.enabled(FE)


def test_identity_of_an_me() -> None:
    merged = me_tree(ME, [], fault="fe-hang-probe", spid=0xFEDCBA9876543210, name="alpha")
    assert merged.tree.text("/ME", "fault") == "fe-hang-probe"
    assert merged.tree.value("/ME", "spid") == bytes.fromhex("fedcba9876543210")
    assert merged.tree.text("/ME", "me_name") == "alpha"
    assert Tree.parse(merged.dtb).nodes == merged.tree.nodes


def test_without_identity_the_base_speaks() -> None:
    tree = me_tree(ME, []).tree
    assert tree.text("/ME", "me_name") == "SOO.reference"
    assert "fault" not in tree.nodes["/ME"]


@pytest.mark.parametrize(("identity", "text"), [
    ({"name": ""}, "name '' of an ME is not 1 to 39 printable ASCII characters"),
    ({"name": "x" * 40}, "is not 1 to 39"),
    ({"name": "é"}, "is not 1 to 39"),
    ({"name": "a\nb"}, "is not 1 to 39"),
    ({"fault": "a\0b"}, "is not 1 to 63"),
    ({"spid": 1 << 64}, "spid 0x10000000000000000 does not fit in 64 bits"),
    ({"spid": -1}, "does not fit in 64 bits"),
])
def test_identity_that_does_not_fit(identity: dict[str, object], text: str) -> None:
    with pytest.raises(DtError, match=text):
        me_tree(ME, [], **identity)  # type: ignore[arg-type]


def test_sources_are_kept_in_order() -> None:
    overlays = [AGENCY, overlay("vdummy-be-on")]
    assert agency_tree(qemu_tree(), overlays).sources == tuple(overlays)
    assert me_tree(ME, [overlay("vdummy-fe-on")]).sources == (ME, overlay("vdummy-fe-on"))


def test_result_is_packed_and_repeatable() -> None:
    one, two = (agency_tree(qemu_tree(), [AGENCY]).dtb for _ in range(2))
    assert one == two
    assert len(one) < 16384 < len(qemu_tree())


def test_compiled_files_do_as_well(tmp_path: Path) -> None:
    base, patch = tmp_path / "me.dtb", tmp_path / "on.dtbo"
    base.write_bytes(compile_tree(ME))
    patch.write_bytes(compile_tree(overlay("vdummy-fe-on")))
    assert me_tree(base, [patch]).tree.nodes == me_tree(ME, [overlay("vdummy-fe-on")]).tree.nodes


def test_load_names_what_is_wrong(tmp_path: Path) -> None:
    cut = tmp_path / "cut.dtb"
    cut.write_bytes(compile_tree(ME)[:100])
    with pytest.raises(DtError, match=r"cut\.dtb: truncated: 100 of \d+ bytes"):
        load(cut)
    with pytest.raises(DtError, match=r"none\.dtb: cannot be read: No such file"):
        load(tmp_path / "none.dtb")


def test_refusal_names_the_overlays_file() -> None:
    with pytest.raises(DtError) as caught:
        agency_tree(qemu_tree(), [AGENCY, faulty("missing-label.dtso")])
    assert str(caught.value).startswith(f"{faulty('missing-label.dtso')}: label 'vdummy_bee'")


def test_set_properties_makes_changes_and_keeps_the_rest() -> None:
    before = compile_tree(ME)
    after = Tree.parse(set_properties(before, {"/ME": {"fault": b"x\0", "spid": b"1"}, "/": {"new": b""}}))
    old = Tree.parse(before)
    assert after.nodes["/ME"] == {**old.nodes["/ME"], "fault": b"x\0", "spid": b"1"}
    assert after.nodes["/"] == {**old.nodes["/"], "new": b""}
    assert after.without(("/ME", "/")).nodes == old.without(("/ME", "/")).nodes


def test_set_properties_does_not_make_nodes() -> None:
    with pytest.raises(DtError, match=r"^mine: no node /nowhere, so its property x cannot be set$"):
        set_properties(compile_tree(ME), {"/nowhere": {"x": b""}}, name="mine")


def test_me_base_without_me_node(tmp_path: Path) -> None:
    source = tmp_path / "other.dts"
    source.write_text("/dts-v1/;\n/ { };\n")
    with pytest.raises(DtError, match=r"other\.dts: no node /ME"):
        me_tree(source, [], name="alpha")


def test_find_by_name_and_by_path() -> None:
    assert find("vdummy-be-on", [DTS / "overlays"]) == overlay("vdummy-be-on")
    assert find(str(faulty("empty.dtso")), []) == faulty("empty.dtso")


def test_first_folder_wins(tmp_path: Path) -> None:
    mine = tmp_path / "vdummy-be-on.dtso"
    mine.touch()
    assert find("vdummy-be-on", [tmp_path, DTS / "overlays"]) == mine
    assert available([DTS / "overlays", tmp_path])["vdummy-be-on"] == overlay("vdummy-be-on")


def test_unknown_overlay_names_the_nearest() -> None:
    with pytest.raises(DtError) as caught:
        find("vdumy-be-on", [DTS / "overlays"], where="s.yaml:4")
    assert str(caught.value) == (
        f"s.yaml:4: no overlay 'vdumy-be-on' in {DTS / 'overlays'}; nearest: vdummy-be-on")


def test_unknown_overlay_where_nothing_is_near(tmp_path: Path) -> None:
    with pytest.raises(DtError, match="known: none"):
        find("x", [tmp_path])
    with pytest.raises(DtError, match="no such file"):
        find(str(tmp_path / "x.dtso"), [DTS / "overlays"])
