# SPDX-License-Identifier: GPL-2.0-only
"""Order in which kernel modules have to be loaded, read from the modules themselves.

Debian's package has no `modules.dep`: `depmod` writes it on installation, and nothing is installed here.
Each module names what it needs in its section `.modinfo` (`depends=a,b`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from harness.errors import HostError

_FIELD = re.compile(rb"(?:\A|\0)depends=([^\0]*)\0")


def module_name(path: Path) -> str:
    """The kernel's name of a module file: `virtio-rng.ko` is `virtio_rng`."""
    return path.name.split(".")[0].replace("-", "_")


def depends(path: Path) -> tuple[str, ...]:
    """Names of the modules that this one needs.

    :raise HostError: the file is no kernel module, or is compressed.
    """
    match = _FIELD.search(path.read_bytes())
    if match is None:
        raise HostError("not an uncompressed kernel module", where=str(path))
    return tuple(name.replace("-", "_") for name in match[1].decode().split(",") if name)


def modules_below(folder: Path) -> dict[str, Path]:
    """All module files below a folder by name."""
    return {module_name(path): path for path in sorted(folder.rglob("*.ko"))}


def load_order(wanted: Iterable[str], known: Mapping[str, Path]) -> list[Path]:
    """The wanted modules and all they need, each after what it depends on.

    :param known: every module that may be used, by name.
    :raise HostError: one is not there, or two need each other.
    """
    order: dict[str, Path] = {}

    def visit(name: str, chain: tuple[str, ...]) -> None:
        if name in order:
            return
        if name in chain:
            raise HostError(f"kernel modules need each other: {' '.join((*chain, name))}")
        path = known.get(name)
        if path is None:
            user = f", needed by {chain[-1]}" if chain else ""
            raise HostError(f"no kernel module {name}{user}")
        for needed in depends(path):
            visit(needed, (*chain, name))
        order[name] = path

    for name in wanted:
        visit(name, ())
    return list(order.values())
