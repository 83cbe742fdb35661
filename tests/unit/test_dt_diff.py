# SPDX-License-Identifier: GPL-2.0-only
"""Expected against effective: every kind of difference, readable; nothing when there is none."""

import pytest

from harness.dt.diff import LINUX_IGNORED, Difference, diff, render
from harness.dt.view import Tree

BE = "/agency/backends/vdummy"


def tree(**changes: bytes | None) -> Tree:
    """A small tree; a keyword sets (or with None removes) a property of the backend's node."""
    props = {"compatible": b"vdummy,backend\0", "status": b"ok\0", "reg": b"\0\0\0\1\0\0\0\2"}
    wanted = {name: value for name, value in {**props, **changes}.items() if value is not None}
    return Tree({"/": {}, "/agency": {}, "/agency/backends": {}, BE: wanted, "/chosen": {}})


def only(expected: Tree, effective: Tree) -> Difference:
    found = diff(expected, effective)
    assert len(found) == 1
    return found[0]


def test_equal_trees_do_not_differ() -> None:
    assert diff(tree(), tree()) == []


def test_order_does_not_matter() -> None:
    turned = Tree({path: dict(reversed(list(props.items())))
                   for path, props in reversed(list(tree().nodes.items()))})
    assert diff(tree(), turned) == []


def test_changed_string() -> None:
    found = only(tree(), tree(status=b"disabled\0"))
    assert found == Difference(BE, "status", '"ok"', '"disabled"')
    assert str(found) == f'{BE}/status: expected "ok", observed "disabled"'


def test_changed_cells() -> None:
    found = only(tree(), tree(reg=b"\0\0\0\1\0\0\0\3"))
    assert (found.expected, found.observed) == ("<0x00000001 0x00000002>", "<0x00000001 0x00000003>")


def test_missing_and_surplus_property() -> None:
    assert str(only(tree(), tree(status=None))) == f'{BE}/status: expected "ok", observed nothing'
    assert str(only(tree(status=None), tree())) == f'{BE}/status: expected nothing, observed "ok"'


def test_empty_property_is_not_a_missing_one() -> None:
    assert str(only(tree(x=b""), tree())) == f"{BE}/x: expected a property without a value, observed nothing"


def test_missing_node_is_one_difference() -> None:
    less = tree().without(("/agency",))
    assert diff(tree(), less) == [Difference("/agency", None, "a node", None)]
    assert diff(less, tree()) == [Difference("/agency", None, None, "a node")]
    assert str(diff(less, tree())[0]) == "/agency: expected nothing, observed a node"


def test_renamed_node_is_two() -> None:
    other = Tree({path.replace("vdummy", "vdumny"): props for path, props in tree().nodes.items()})
    assert [found.path for found in diff(tree(), other)] == [BE, "/agency/backends/vdumny"]


def test_each_node_reports_its_own() -> None:
    both = Tree({**tree(status=b"okay\0").nodes, "/chosen": {"bootargs": b"quiet\0"}})
    assert [(found.path, found.prop) for found in diff(tree(), both)] == [
        (BE, "status"), ("/chosen", "bootargs")]


def test_ignored_is_what_is_listed_and_no_more() -> None:
    booted = Tree({**tree().nodes, "/chosen": {"linux,initrd-start": b"\x48\0\0\0", "bootargs": b"x\0"}})
    assert [found.prop for found in diff(tree(), booted, LINUX_IGNORED)] == ["bootargs"]
    elsewhere = tree(**{"linux,initrd-start": b"\x48\0\0\0"})
    assert [found.path for found in diff(tree(), elsewhere, LINUX_IGNORED)] == [BE]


def test_every_ignored_property_has_a_reason() -> None:
    assert all(entry.reason for entry in LINUX_IGNORED)


def test_both_sides_share_a_notation() -> None:
    found = only(tree(reg=b"ABC\0"), tree(reg=b"\0\0\0\1"))
    assert (found.expected, found.observed) == ("<0x41424300>", "<0x00000001>")


def test_long_values_are_shown_from_the_difference_on() -> None:
    one, other = bytes(640), bytes(400) + b"\1" + bytes(239)
    found = only(tree(x=one), tree(x=other))
    assert found.observed is not None
    assert found.observed.startswith("<0x01000000 0x0")
    assert found.observed.endswith("(bytes 400 to 464 of 640)")


@pytest.mark.parametrize(("value", "text"), [
    (b"", "a property without a value"),
    (b"\0", '""'),
    (b"ok\0", '"ok"'),
    (b"arm,pl011\0arm,primecell\0", '"arm,pl011", "arm,primecell"'),
    (b"\0\0\0\x10", "<0x00000010>"),
    (b"\xff\0\1", "[ff 00 01]"),
    (b"no final zero", "[6e 6f 20 66 69 6e 61 6c 20 7a 65 72 6f]"),
    (b"a" * 99 + b"\0", '"' + "a" * 64 + '" (bytes 0 to 64 of 100)'),
])
def test_rendering(value: bytes, text: str) -> None:
    assert render(value) == text
