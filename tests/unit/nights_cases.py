# SPDX-License-Identifier: GPL-2.0-only
"""Runs and nights for tests about the history."""

from __future__ import annotations

from dataclasses import replace

from harness.nights.model import Night, Past, Run, Session
from harness.outcome import Verdict, exit_code
from harness.report.facts import Facts


def a_run(scenario: str = "a/x", title: str = "", *, images: str = "i1", text: str = "t1",
          seconds: float = 1.0, verdict: Verdict | None = None, **measures: float) -> Run:
    """A run that failed with `title`, or passed if that is empty."""
    verdict = verdict if verdict is not None else Verdict.FAIL if title else Verdict.PASS
    facts = Facts("ref", images, text, "", title, "a/x.yaml:3", 7, "python3 -m harness run a/x.yaml",
                  ((title, "link", "this", "that"),) if title else (), measures)
    return Run(scenario, verdict, seconds, title and f"{title}: why", exit_code(verdict), "", facts)


def past(*nights: list[Run]) -> Past:
    """Nights from 2026-11-01 on."""
    return Past(tuple(_night(f"2026-11-{number:02}", runs) for number, runs in enumerate(nights, start=1)))


def _night(date: str, runs: list[Run]) -> Night:
    return Night(date, (Session(date, "nightly", tuple(replace(run, night=date) for run in runs)),))
