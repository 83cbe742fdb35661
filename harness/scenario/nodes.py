# SPDX-License-Identifier: GPL-2.0-only
"""Which backends and frontends the trees of a run have."""

from __future__ import annotations

from harness.dt.view import Tree
from harness.scenario.prepare import Prepared

BACKENDS = "/agency/backends"
FRONTENDS = "/ME/frontends"


def backend_types(tree: Tree) -> list[str]:
    """Device types whose backend the agency's tree enables."""
    return enabled(tree, BACKENDS)


def known_types(prepared: Prepared) -> set[str]:
    """Device types that some tree of the run has a node for, enabled or not."""
    found = set(types(prepared.agency.tree, BACKENDS)) if prepared.agency is not None else set()
    for me in prepared.mes.values():
        found |= set(types(me.tree.tree, FRONTENDS))
    return found


def types(tree: Tree, folder: str) -> list[str]:
    prefix = folder + "/"
    return [path[len(prefix):] for path in tree.nodes
            if path.startswith(prefix) and "/" not in path[len(prefix):]]


def enabled(tree: Tree, folder: str) -> list[str]:
    return [kind for kind in types(tree, folder) if tree.enabled(f"{folder}/{kind}")]
