# SPDX-License-Identifier: GPL-2.0-only
"""What a system needs in its device tree to come up, and does not find there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.dt.view import Tree


@dataclass(frozen=True, slots=True)
class Need:
    """A node without which a system does not start: what it is for, and how it may call itself."""

    what: str
    compatible: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """A need that a tree does not fulfil.

    :ivar disabled: a node that would, if its status were okay; empty if there is none.
    """

    what: str
    compatible: str
    disabled: str = ""

    def __str__(self) -> str:
        why = f"{self.disabled} is disabled" if self.disabled else "no such node is there"
        return f"no {self.what}, no enabled node is compatible with {self.compatible}: {why}"


# Of arm64 Linux on QEMU's machine `virt`: without one of these it does not get to its prompt.
AGENCY = (
    Need("interrupt controller", ("arm,gic-v3", "arm,cortex-a15-gic", "arm,gic-400")),
    Need("timer", ("arm,armv8-timer", "arm,armv7-timer")),
    Need("console", ("arm,pl011", "arm,sbsa-uart")),
)
# It boots without these, but nothing of it is heard beside its console.
PORTS = (Need("PCI host, which has all ports", ("pci-host-ecam-generic",)),)
# An ME without a timer lives: it only never gives up waiting.
ME = (
    Need("AVZ window", ("soo,avz",)),
    Need("interrupt controller", ("arm,gic-v3",)),
)


def missing(tree: Tree, needs: tuple[Need, ...]) -> Iterator[Missing]:
    """The needs that `tree` does not fulfil."""
    for need in needs:
        nodes = [path for name in need.compatible for path in tree.nodes_compatible(name)]
        if not any(tree.enabled(path) for path in nodes):
            yield Missing(need.what, need.compatible[0], nodes[0] if nodes else "")


def lacks_backend(tree: Tree, device: str) -> Missing | None:
    """Why the agency has no backend of a type; None: its tree enables one."""
    return next(missing(tree, (Need(f"{device} backend", (f"{device},backend",)),)), None)
