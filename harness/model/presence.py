# SPDX-License-Identifier: GPL-2.0-only
"""Which links exist, by how the nodes of backends and frontends stand in the device trees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum


class Node(Enum):
    """How the node of a backend or frontend stands in its tree."""

    ON = "on"
    OFF = "off"
    ABSENT = "absent"
    NO_STATUS = "no-status"

    @property
    def enabled(self) -> bool:
        """A node without a status counts as enabled, one that is not there does not."""
        return self in (Node.ON, Node.NO_STATUS)


Nodes = Mapping[str, Node]


@dataclass(frozen=True, slots=True)
class Presence:
    """What a system of these trees has.

    :ivar backends: device types with a directory below ``backend``, sorted.
    :ivar links: device types of the links of each ME, sorted, in the order of the MEs.
    :ivar missed: device types that each ME looks for in vain, sorted.
    """

    backends: tuple[str, ...]
    links: tuple[tuple[str, ...], ...]
    missed: tuple[tuple[str, ...], ...]


def presence(agency: Nodes, mes: Sequence[Nodes]) -> Presence:
    """A link needs both sides; a backend alone has its directory, a frontend alone has nothing."""
    backends = tuple(sorted(kind for kind, node in agency.items() if node.enabled))
    fronts = [sorted(kind for kind, node in me.items() if node.enabled) for me in mes]
    return Presence(
        backends,
        tuple(tuple(kind for kind in kinds if kind in backends) for kinds in fronts),
        tuple(tuple(kind for kind in kinds if kind not in backends) for kinds in fronts),
    )
