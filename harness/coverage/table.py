# SPDX-License-Identifier: GPL-2.0-only
"""The table: each expected row, how often it was reached, and in which scenario first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.coverage.rows import Kind, Row


@dataclass(frozen=True, slots=True)
class Reached:
    """One row of the table. `first` is empty, and `times` 0, if nothing reached it."""

    row: Row
    times: int
    first: str


@dataclass(frozen=True, slots=True)
class Table:
    """The expected rows in their order."""

    rows: tuple[Reached, ...]

    @property
    def missed(self) -> tuple[Row, ...]:
        """What nothing reached."""
        return tuple(line.row for line in self.rows if not line.times)

    @property
    def percent(self) -> float:
        """Share of rows that were reached; 0 for an empty table."""
        return 100.0 * (len(self.rows) - len(self.missed)) / len(self.rows) if self.rows else 0.0

    def lines(self) -> Iterator[str]:
        """The table as text, a count for each kind, and what was not reached."""
        for kind in Kind:
            yield from self._part(kind)
        reached = len(self.rows) - len(self.missed)
        yield f"{reached} of {len(self.rows)} reached: {_percent(self.percent)}"
        for row in self.missed:
            yield f"not reached: {row}"

    def _part(self, kind: Kind) -> Iterator[str]:
        part = [line for line in self.rows if line.row.kind is kind]
        if not part:
            return
        yield f"{kind.value} ({sum(1 for line in part if line.times)} of {len(part)})"
        width = max(len(line.row.name) for line in part)
        for line in part:
            yield f"  {line.row.name:<{width}}  {line.times:>7}  {line.first or '-'}"

    def as_values(self) -> dict[str, object]:
        """The same for programs."""
        return {
            "percent": round(self.percent, 2),
            "rows": [{"kind": line.row.kind.value, "name": line.row.name, "times": line.times,
                      "first": line.first or None} for line in self.rows],
            "missed": [str(row) for row in self.missed],
        }


def make(expected: Sequence[Row], runs: Sequence[tuple[str, Counter[Row]]]) -> Table:
    """The table over runs in their order, each with its scenario's name."""
    times: Counter[Row] = Counter()
    first: dict[Row, str] = {}
    for name, found in runs:
        times.update(found)
        for row in found:
            first.setdefault(row, name)
    return Table(tuple(Reached(row, times[row], first.get(row, "")) for row in expected))


def _percent(value: float) -> str:
    """Never 100 % for less than all."""
    return "100 %" if value == 100.0 else f"{min(value, 99.9):.1f} %"
