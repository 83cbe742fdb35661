# SPDX-License-Identifier: GPL-2.0-only
"""Flaky scenarios, and how often they fail.

A scenario is flaky if the same images and the same text of it gave both PASS and another verdict. Its flake
rate is the share of the runs with such images and text that did not pass. SKIP is no run.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from harness.nights.model import Past, Run, Series
from harness.outcome import Verdict

DEFINITION = ("A scenario is flaky if the same images (same image key) and the same text of the scenario "
              "gave both PASS and another verdict. Its flake rate: of the runs with such images and text, "
              "the share that did not pass. SKIP does not count as a run.")


@dataclass(frozen=True, slots=True)
class Flake:
    """A flaky scenario.

    :ivar runs: with images and text that gave both; `bad` of them did not pass.
    :ivar titles: what they failed with, the most frequent first.
    :ivar nights: dates of bad runs.
    :ivar seeds: of the bad runs.
    """

    series: Series
    runs: int
    bad: int
    titles: tuple[str, ...]
    nights: tuple[str, ...]
    seeds: tuple[int, ...]

    @property
    def rate(self) -> float:
        """Between 0 and 1, both excluded."""
        return self.bad / self.runs


def flakes(past: Past) -> tuple[Flake, ...]:
    """All flaky scenarios, the worst first."""
    found = [flake for series, runs in past.series().items() if (flake := _flake(series, runs)) is not None]
    return tuple(sorted(found, key=lambda flake: (-flake.rate, str(flake.series))))


def _flake(series: Series, runs: list[Run]) -> Flake | None:
    by_version: dict[tuple[str, str], list[Run]] = {}
    for run in runs:
        if run.version is not None and run.verdict is not Verdict.SKIP:
            by_version.setdefault(run.version, []).append(run)
    mixed = [run for same in by_version.values() if len({run.failed for run in same}) == 2 for run in same]
    if not mixed:
        return None
    bad = [run for run in mixed if run.failed]
    titles = tuple(title for title, _ in Counter(run.title for run in bad).most_common())
    return Flake(series, len(mixed), len(bad), titles, tuple(sorted({run.night for run in bad})),
                 tuple(run.facts.seed for run in bad))
