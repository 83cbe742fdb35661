# SPDX-License-Identifier: GPL-2.0-only
"""The overlay matrix: each device type's backend and frontends in each condition, as systems to boot."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from harness.model.presence import Node, Nodes, Presence, presence

KINDS = ("vdummy", "vuart")
_NODES = tuple(Node)
_NAMES = ("alpha", "beta", "gamma")
# Base trees by the types that they lack.
_BASES = {
    "agency": {("vdummy",): "agency-virt64-no-be", ("vuart",): "agency-virt64-no-vuart",
               KINDS: "agency-virt64-bare"},
    "me": {("vdummy",): "me-virt64-no-fe", ("vuart",): "me-virt64-no-vuart", KINDS: "me-virt64-bare"},
}


@dataclass(frozen=True)
class Case:
    """One system of the matrix."""

    agency: Nodes
    mes: tuple[Nodes, ...]

    @property
    def name(self) -> str:
        """For instance ``on,off-absent,on`` (vdummy and vuart of the agency, then of each ME)."""
        return "-".join(",".join(nodes[kind].value.replace("-", "") for kind in KINDS)
                        for nodes in (self.agency, *self.mes))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the MEs."""
        return _NAMES[: len(self.mes)]

    @property
    def expected(self) -> Presence:
        """What the model says that there is."""
        return presence(self.agency, self.mes)

    def system(self) -> dict[str, object]:
        """The keys of a scenario that boot it."""
        return {
            "about": f"Overlay matrix: {self.name}.",
            "agency": _trees("agency", "be", self.agency),
            "mes": [{"name": name, **_trees("me", "fe", nodes)}
                    for name, nodes in zip(self.names, self.mes, strict=True)],
            "steps": [{"inject": list(self.names)}],
        }


def _trees(who: str, side: str, nodes: Nodes) -> dict[str, object]:
    """Base and overlays that bring the nodes into their conditions; base trees have all of them off."""
    lacking = tuple(kind for kind in KINDS if nodes[kind] in (Node.ABSENT, Node.NO_STATUS))
    base = {"base": _BASES[who][lacking]} if lacking else {}
    overlays = [f"{kind}-{side}-{nodes[kind].value}" for kind in KINDS if nodes[kind].enabled]
    return base | {"overlays": overlays}


def covering() -> Iterator[Case]:
    """Few systems of one to three MEs with each pair of conditions of each type's two sides."""
    for at, vdummy in enumerate(_NODES):
        agency = dict(zip(KINDS, (vdummy, _NODES[(at + 1) % len(_NODES)]), strict=True))
        mes = [dict(zip(KINDS, (node, _NODES[(turn + at) % len(_NODES)]), strict=True))
               for turn, node in enumerate(_NODES)]
        split = 3 if at % 2 else 2
        yield Case(agency, tuple(mes[:split]))
        yield Case(agency, tuple(mes[split:]))


def sample(count: int, seed: int) -> Iterator[Case]:
    """Further systems, drawn from all that there are."""
    draw = random.Random(seed)
    pairs = [dict(zip(KINDS, nodes, strict=True)) for nodes in product(_NODES, repeat=len(KINDS))]
    for _ in range(count):
        yield Case(draw.choice(pairs), tuple(draw.choice(pairs) for _ in range(draw.randint(1, 3))))
