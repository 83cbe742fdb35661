# SPDX-License-Identifier: GPL-2.0-only
"""Figures and how they are shown."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from harness.errors import HostError


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value.

    :param baseline: the same measured with the plain tool; None if there is none
    :param note: how it was measured
    """

    name: str
    value: float
    unit: str
    baseline: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Value divided by baseline."""
        return self.value / self.baseline if self.baseline else None


def table(figures: Sequence[Figure]) -> str:
    """The figures for people, one a line."""
    rows = [("figure", "value", "unit", "baseline", "ratio", "measured")]
    for figure in figures:
        baseline = "-" if figure.baseline is None else f"{figure.baseline:.2f}"
        ratio = "-" if figure.ratio is None else f"{figure.ratio:.2f}"
        rows.append((figure.name, f"{figure.value:.2f}", figure.unit, baseline, ratio, figure.note))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
                     for row in rows)


def as_json(figures: Sequence[Figure]) -> str:
    """The figures for programs: a list of objects with name, value, unit, baseline, ratio, note."""
    return json.dumps([{**asdict(figure), "ratio": figure.ratio} for figure in figures], indent=2) + "\n"


def write_json(figures: Sequence[Figure], path: Path) -> None:
    """:raise HostError: the file cannot be written"""
    try:
        path.write_text(as_json(figures))
    except OSError as error:
        raise HostError(f"cannot write the figures: {error}", where=str(path)) from error
