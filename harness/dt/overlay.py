# SPDX-License-Identifier: GPL-2.0-only
"""Overlays, merged on the host by libfdt; what fails is explained, what has no effect is refused.

Labels: a tree compiled with `dtc -@` lists its labels in /__symbols__, and libfdt adds those of an
overlay when it merges it, so an overlay can use the labels of the ones before it. The tree that
QEMU makes has no /__symbols__: it gets an empty one first, and its own nodes are reached by path.
"""

import functools
from collections.abc import Sequence

from harness.dt.blob import Blob, LibfdtError
from harness.dt.explain import explain, fragments
from harness.dt.view import Tree
from harness.errors import DtError

BOOKKEEPING = ("/__symbols__", "/__fixups__", "/__local_fixups__")
"""Nodes for the merging of trees, which say nothing about the machine."""

# Scenarios of one process ask for few different trees, again and again; one has 8 KB.
_REMEMBERED = 256
_PHANDLES = ("phandle", "linux,phandle")


def apply(base: bytes, overlays: Sequence[tuple[str, bytes]], *, name: str = "base tree") -> bytes:
    """Merge overlays into a tree, in order.

    :param overlays: the file's name, for error texts, and the compiled overlay
    :param name: the same for `base`
    :return: the merged tree, packed
    :raise DtError: a tree is damaged, an overlay does not apply, or one changes nothing; the error
        names the overlay, the label or path, and the cause
    """
    return _apply(base, tuple(overlays), name)


@functools.lru_cache(maxsize=_REMEMBERED)
def _apply(base: bytes, overlays: tuple[tuple[str, bytes], ...], name: str) -> bytes:
    merged = Blob(base, name)
    merged.add_node("/__symbols__")
    before = Tree.parse(merged.packed(), name)
    for overlay_name, overlay in overlays:
        patch = Tree.parse(overlay, overlay_name)
        if not fragments(patch):
            raise DtError("this is no overlay: it has no fragment", where=overlay_name,
                          hint="put `/plugin/;` after `/dts-v1/;` and target a label or a path")
        try:
            merged.apply(overlay)
        except LibfdtError as error:
            cause, hint = explain(before, patch, str(error))
            raise DtError(cause, where=overlay_name, hint=hint) from error
        after = Tree.parse(merged.packed(), name)
        if same_meaning(before, after):
            raise DtError("the overlay changes nothing in the tree that it is applied to", where=overlay_name,
                          hint="that tree has all of it already: drop the overlay or list it after others")
        before = after
    return merged.packed()


def same_meaning(one: Tree, other: Tree) -> bool:
    """Whether two trees describe the same machine: labels and numbers of phandles do not count."""
    return (one.without(BOOKKEEPING, _PHANDLES).nodes
            == other.without(BOOKKEEPING, _PHANDLES).nodes)
