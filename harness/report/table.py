# SPDX-License-Identifier: GPL-2.0-only
"""The table at the end of a session: each scenario with verdict, duration and reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from harness.outcome import Verdict
from harness.wording import counted


@dataclass(frozen=True, slots=True)
class Row:
    """One scenario of the session.

    :ivar exit_status: 0, or who must act, see `harness.errors`.
    :ivar folder: of its run; empty if it left none.
    :ivar reproduce: the line that runs it again, as far as it is known.
    """

    name: str
    verdict: Verdict
    duration: float
    reason: str
    exit_status: int = 0
    folder: str = ""
    reproduce: str = ""


def table(rows: Sequence[Row], width: int) -> list[str]:
    """Lines of at most `width` columns, in the order of `rows`."""
    longest = min(max((len(row.name) for row in rows), default=0), width // 2)
    lines = []
    for row in rows:
        name = row.name if len(row.name) <= longest else row.name[: longest - 3] + "..."
        line = f"{name:<{longest}}  {row.verdict.name:<5}  {row.duration:6.1f} s  {row.reason}"
        lines.append(line.rstrip() if len(line) <= width else line[: width - 3].rstrip() + "...")
    return lines


def totals(rows: Sequence[Row]) -> str:
    """How many scenarios ended in which way; a skipped one is always counted."""
    counts = Counter(row.verdict for row in rows)
    parts = [f"{counts[verdict]} {verdict.name}" for verdict in Verdict if counts[verdict]]
    return f"{counted(len(rows), 'scenario')}: {', '.join(parts) or 'none'}"
