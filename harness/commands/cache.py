# SPDX-License-Identifier: GPL-2.0-only
"""`harness cache`: what is in the cache, and `--prune`: keep it within its bounds."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence

from harness.cache.bounds import Bounds, Item, enforce, survey
from harness.cache.store import Cache
from harness.deadline import wall_clock

_HEAD = ("KIND", "ENTRY", "ON DISK", "AGE", "UNUSED FOR", "")
_MIB, _GIB = 1 << 20, 1 << 30
_UNITS = ((86400.0, "d"), (3600.0, "h"), (60.0, "min"))


def main(arguments: argparse.Namespace) -> int:
    """List what there is, or remove what is too much."""
    cache = Cache(progress=print)
    bounds = Bounds.chosen()
    if arguments.prune:
        removed = enforce(cache, bounds)
        _show(removed)
        print(f"removed {len(removed)} entries, {_size(removed)}")
    items = survey(cache.root)
    if not arguments.prune:
        _show(items)
    print(f"{cache.root}: {_size(items)} of at most {bounds.size / _GIB:g} GiB; "
          f"entries go that were not used for {bounds.age / 86400:g} days")
    return 0


def _size(items: Iterable[Item]) -> str:
    return f"{sum(item.size for item in items) / _MIB:.0f} MiB"


def _show(items: Sequence[Item]) -> None:
    if not items:
        return
    now = wall_clock().timestamp()
    rows = [(item.kind, item.name, _size([item]), _span(now - item.made), _span(now - item.used),
             "in use" if item.busy else "" if item.entry else "stays") for item in items]
    widths = [max(map(len, column)) for column in zip(_HEAD, *rows, strict=True)]
    for row in (_HEAD, *rows):
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


def _span(seconds: float) -> str:
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 0.0):.0f} s"
