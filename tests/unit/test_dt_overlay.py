# SPDX-License-Identifier: GPL-2.0-only
"""Merging by libfdt: on the tree that QEMU dumps, in order, with every refusal explained."""

from pathlib import Path

import pytest

from harness.dt.compile import compile_tree
from harness.dt.overlay import apply, same_meaning
from harness.dt.view import Tree
from harness.errors import DtError
from tests.unit.dt_samples import AGENCY, ME, compiled, faulty, overlay, qemu_tree

BE = "/agency/backends/vdummy"


def merge(*sources: Path, base: bytes | None = None) -> Tree:
    """The tree after merging our overlays into QEMU's tree, or into `base`."""
    compiled_overlays = [(source.name, compile_tree(source)) for source in sources]
    return Tree.parse(apply(qemu_tree() if base is None else base, compiled_overlays))


def refusal(*sources: Path, base: bytes | None = None) -> str:
    with pytest.raises(DtError) as caught:
        merge(*sources, base=base)
    return str(caught.value)


def test_qemus_tree_has_no_labels() -> None:
    assert "/__symbols__" not in Tree.parse(qemu_tree()).nodes


def test_base_overlay_brings_nodes_and_labels() -> None:
    tree = merge(AGENCY)
    assert not tree.enabled(BE)
    labels = {label: tree.text("/__symbols__", label) for label in tree.nodes["/__symbols__"]}
    assert labels == {"agency": "/agency", "backends": "/agency/backends",
                      **{f"{path.rpartition('/')[2]}_be": path for path in tree.children("/agency/backends")}}
    assert labels["vdummy_be"] == BE


def test_qemus_nodes_stay_as_they_were() -> None:
    before, after = Tree.parse(qemu_tree()), merge(AGENCY)
    assert {path: after.nodes[path] for path in before.nodes} == dict(before.nodes)


def test_later_overlay_uses_labels_of_an_earlier_one() -> None:
    assert merge(AGENCY, overlay("vdummy-be-on")).enabled(BE)


def test_off_undoes_on() -> None:
    tree = merge(AGENCY, overlay("vdummy-be-on"), overlay("vdummy-be-off"))
    assert not tree.enabled(BE)
    assert same_meaning(tree, merge(AGENCY))


def test_phandles_of_an_overlay_do_not_meet_those_of_the_base() -> None:
    phandles = [props["phandle"] for props in merge(AGENCY).nodes.values() if "phandle" in props]
    assert len(phandles) == len(set(phandles))


def test_many_labels_find_room(tmp_path: Path) -> None:
    """The paths of merged labels are longer than in the overlay: the first guess of room is too small."""
    deep = "x" * 31
    nodes = " ".join(f"l{n}: n{n} {{ }};" for n in range(400))
    base = compiled(tmp_path, f"/ {{ {deep} {{ {deep} {{ {deep} {{ t: {deep} {{ }}; }}; }}; }}; }};")
    patch = compiled(tmp_path, f"/plugin/;\n&t {{ {nodes} }};", "many.dtso")
    assert len(Tree.parse(apply(base, [("many", patch)])).nodes["/__symbols__"]) == 401


@pytest.mark.parametrize(("name", "text"), [
    ("missing-label.dtso", "label 'vdummy_bee', the target of fragment@0, is not in the tree it is applied "
                           "to; nearest label: vdummy_be"),
    ("missing-reference.dtso", "label 'nobody', used by property companion of "
                               "/fragment@0/__overlay__/vdummy, is not in the tree it is applied to; "
                               "labels that it has: agency, backends, "),
    ("missing-path.dtso", "target path /agency/backend (/fragment@0) is not in the tree it is applied to; "
                          "nearest path: /agency/backends"),
    ("no-target.dtso", "/fragment@0 has neither target nor target-path"),
    ("not-an-overlay.dtso", "this is no overlay: it has no fragment; put `/plugin/;` after `/dts-v1/;` and "
                            "target a label or a path"),
    ("empty.dtso", "this is no overlay: it has no fragment; put `/plugin/;` after `/dts-v1/;` and "
                   "target a label or a path"),
    ("changes-nothing.dtso", "the overlay changes nothing in the tree that it is applied to; that tree has "
                             "all of it already: drop the overlay or list it after others"),
])
def test_refusals_say_which_and_why(name: str, text: str) -> None:
    said = refusal(AGENCY, faulty(name))
    assert said.startswith(f"{name}: {text}") if text.endswith(", ") else said == f"{name}: {text}"


def test_label_without_base_overlay() -> None:
    assert refusal(overlay("vdummy-be-on")) == (
        "vdummy-be-on.dtso: label 'vdummy_be', the target of fragment@0, is not in the tree it is applied "
        "to, which has no labels; compile that tree with `dtc -@`, or use &{/path}")


def test_overlay_for_the_other_side() -> None:
    text = refusal(AGENCY, overlay("vdummy-fe-on"))
    assert text.startswith("vdummy-fe-on.dtso: label 'vdummy_fe', the target of fragment@0, is not in")
    assert text.endswith("nearest label: vdummy_be")


def test_label_of_a_node_that_is_gone(tmp_path: Path) -> None:
    base = compiled(tmp_path, '/ { __symbols__ { gone = "/old"; }; other { }; };')
    patch = compiled(tmp_path, "/plugin/;\n&gone { a; };", "patch.dtso")
    with pytest.raises(DtError, match="label 'gone' stands for /old, which is not in the tree"):
        apply(base, [("patch", patch)])


@pytest.mark.parametrize("twice", [AGENCY, overlay("vdummy-be-on")], ids=lambda path: path.stem)
def test_second_time_changes_nothing(twice: Path) -> None:
    """Merged again, an overlay renumbers phandles and says its labels once more; that is no change."""
    sources = [AGENCY] if twice == AGENCY else [AGENCY, twice]
    assert "changes nothing" in refusal(*sources, twice)


def test_no_status_needs_the_base_without_the_node() -> None:
    assert "changes nothing" in refusal(AGENCY, overlay("vdummy-be-no-status"))


def test_a_new_empty_node_is_a_change(tmp_path: Path) -> None:
    patch = compiled(tmp_path, "/plugin/;\n&{/chosen} { x { }; };", "patch.dtso")
    assert "/chosen/x" in Tree.parse(apply(qemu_tree(), [("patch", patch)])).nodes


def test_same_value_by_another_phandle_is_a_change(tmp_path: Path) -> None:
    base = compile_tree(ME)
    patch = compiled(tmp_path, "/plugin/;\n&avz { memory-region = <&gic>; };", "patch.dtso")
    same = compiled(tmp_path, "/plugin/;\n&avz { memory-region = <&shared>; };", "same.dtso")
    assert apply(base, [("patch", patch)])
    with pytest.raises(DtError, match="same: the overlay changes nothing"):
        apply(base, [("same", same)])


@pytest.mark.parametrize("length", [0, 7, 39, 40, 100, 300])
def test_truncated_overlay_is_named(length: int) -> None:
    cut = compile_tree(AGENCY)[:length]
    with pytest.raises(DtError, match=r"^cut\.dtbo: truncated"):
        apply(qemu_tree(), [("cut.dtbo", cut)])


def test_damaged_base_is_named() -> None:
    with pytest.raises(DtError, match=r"^mine: no flattened device tree: it starts with 0x12345678"):
        apply(b"\x12\x34\x56\x78" + bytes(60), [], name="mine")


def test_no_overlay_keeps_the_meaning() -> None:
    assert same_meaning(Tree.parse(qemu_tree()), Tree.parse(apply(qemu_tree(), [])))
