# SPDX-License-Identifier: GPL-2.0-only
"""The device tree that each guest should have, against the one that it told; see `harness.scenario.trees`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.dt import diff, effective
from harness.errors import DtError

_EXPECTED, _OBSERVED = ".expected.tree", ".observed.tree"
_MOST = 200


@dataclass(frozen=True, slots=True)
class Comparison:
    """One guest's trees.

    :ivar who: the guest; of a further machine with that machine's name before it.
    :ivar nodes: how many the expected tree has.
    :ivar differences: the first few hundred; empty if the trees are equal.
    :ivar unreadable: why they could not be compared, or empty.
    """

    who: str
    nodes: int
    differences: tuple[diff.Difference, ...] = ()
    left_out: int = 0
    unreadable: str = ""


def comparisons(folder: Path) -> list[Comparison]:
    """Of every guest whose tree was read in this run."""
    found = sorted(folder.glob(f"*{_EXPECTED}")) + sorted(folder.glob(f"*/*{_EXPECTED}"))
    return [_compare(file, str(file.relative_to(folder)).removesuffix(_EXPECTED)) for file in found]


def _compare(file: Path, who: str) -> Comparison:
    other = file.with_name(file.name.removesuffix(_EXPECTED) + _OBSERVED)
    try:
        expected = effective.parse(file.read_text(), who)
        observed = effective.parse(other.read_text(errors="replace"), who)
    except (OSError, DtError) as error:
        return Comparison(who, 0, unreadable=str(error))
    ignored = diff.LINUX_IGNORED if who.rpartition("/")[2] == "agency" else ()
    found = diff.diff(expected, observed, ignored)
    return Comparison(who, len(expected.nodes), tuple(found[:_MOST]), max(0, len(found) - _MOST))
