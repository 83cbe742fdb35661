# SPDX-License-Identifier: GPL-2.0-only
"""What the side in gdb is told of its machine; standard library only, for gdb has its own Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Facts:
    """One machine.

    :ivar gdb: socket of QEMU's gdbstub.
    :ivar control: socket of `harness.debug.control`.
    :ivar images: files with symbols, by what users call them.
    :ivar kernel_names: a file with address and name of each function of the kernel; empty: there is none.
    :ivar me_extent: from where to where the MEs' program is.
    :ivar shared_pages: addresses at which MEs may have the page that they share with the agency.
    :ivar modules: names of our modules, whether they are loaded or not.
    :ivar domains: names of MEs.
    :ivar end: after how many instructions a replay is to stop; 0: not known.
    """

    gdb: str
    control: str
    images: Mapping[str, str]
    kernel_names: str
    me_extent: tuple[int, int]
    shared_pages: tuple[int, ...]
    modules: tuple[str, ...]
    domains: Mapping[int, str]
    end: int
    replayed: bool


def domains_of(raw: Mapping[str, str]) -> dict[int, str]:
    """Names by domain, as JSON has them."""
    return {int(number): name for number, name in raw.items()}
