# SPDX-License-Identifier: GPL-2.0-only
"""What Linux shows in /proc/device-tree for a tree that QEMU was given.

Compared with the merged tree, that view has (QEMU 7.2 `arm_load_dtb`, Linux 6.1 `populate_properties`):

- in each node a property `name`, unless it has one: the node's name without the unit address;
- in /chosen, `bootargs` as given by -append, and the place of the ramdisk;
- /memory@..., rewritten by QEMU with the values that QEMU had dumped for the same machine.

Everything else, /__symbols__ and phandles included, is there byte by byte; a booted agency showed it.
"""

from harness.dt.view import Nodes, Tree


def as_linux_shows(merged: Tree, *, bootargs: str | None) -> Tree:
    """The tree to expect in the agency, but for `harness.dt.diff.LINUX_IGNORED`.

    :param merged: the tree that was given to QEMU
    :param bootargs: the text of -append; None or empty: none was given
    """
    nodes: Nodes = {path: dict(props) for path, props in merged.nodes.items()}
    chosen = nodes.setdefault("/chosen", {})
    if bootargs:
        chosen["bootargs"] = bootargs.encode() + b"\0"
    for path, props in nodes.items():
        props.setdefault("name", path.rpartition("/")[2].partition("@")[0].encode() + b"\0")
    return Tree(nodes)
