# SPDX-License-Identifier: GPL-2.0-only
"""Lines of the guests' sources that the host build reaches, and what no host build holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from harness.hosttest.coverage import FileCoverage

ROOT = Path(__file__).resolve().parents[2]
_SOURCES = ("images/agency/modules", "images/me/soo")
"""The agency's modules, and what makes an ME of a kernel: store, bus, frontends."""


def outside(files: Sequence[FileCoverage], root: Path = ROOT) -> tuple[str, ...]:
    """C files of the agency's modules and of the ME's drivers that are in no program of the host, sorted."""
    known = {one.path for one in files}
    there = (str(path.relative_to(root)) for folder in _SOURCES for path in (root / folder).rglob("*.c"))
    return tuple(sorted(path for path in there if path not in known))


def ranges(numbers: Sequence[int]) -> str:
    """Rising numbers in short: `3, 7-9`."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ", ".join(f"{first}" if first == last else f"{first}-{last}" for first, last in found)


def report(files: Sequence[FileCoverage], root: Path = ROOT) -> Iterator[str]:
    """A line per file that has code, with what it lacks, the sum, and the files without figures."""
    yield "lines of the guests' sources, by the host build"
    coded = [one for one in files if one.lines]
    width = max((len(one.path) for one in coded), default=0)
    for one in coded:
        missed = f"  not {ranges(one.missed)}" if one.missed else ""
        yield f"  {one.path:<{width}}  {one.covered:>5} of {one.lines:>5}  {one.percent:5.1f} %{missed}"
    covered, total = sum(one.covered for one in files), sum(one.lines for one in files)
    yield f"{covered} of {total} lines: {100.0 * covered / total if total else 0.0:.1f} %"
    for path in outside(files, root):
        yield f"in no program of the host: {path}"


def as_values(files: Sequence[FileCoverage], root: Path = ROOT) -> dict[str, object]:
    """The same for programs."""
    return {"files": [asdict(one) for one in files], "outside": list(outside(files, root))}
