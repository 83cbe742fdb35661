# SPDX-License-Identifier: GPL-2.0-only
"""One short block of text for a scenario that did not pass."""

from __future__ import annotations

from harness.outcome import Verdict
from harness.scenario.result import Result

_MOST_VIOLATIONS = 5


def failure_block(result: Result) -> str:
    """What a person needs first: verdict, rule, step, folder, and how to run it again.

    A traceback is shown only where the harness itself is at fault.
    """
    lines = [f"{result.verdict.name}: {result.name}: {result.sentence or result.reason}"]
    told = result.sentence in result.reason or any(one.rule in result.reason for one in result.violations)
    if result.sentence and not told:
        lines.append(f"  reason     {result.reason}")
    if result.where:
        lines.append(f"  step       {result.where}")
    for violation in result.violations[:_MOST_VIOLATIONS]:
        lines.append(f"  violation  {violation.rule} at {violation.place}: expected {violation.expected}, "
                     f"observed {violation.observed}")
        if violation.event:
            lines.append(f"             after event: {violation.event}")
    hidden = len(result.violations) - _MOST_VIOLATIONS
    if hidden > 0:
        lines.append(f"             and {hidden} more")
    lines += [f"  {'place' if not at else '':<9}  {place}" for at, place in enumerate(result.places)]
    if result.run_dir is not None:
        lines.append(f"  folder     {result.run_dir}")
    if result.verdict is not Verdict.SKIP:
        lines.append(f"  reproduce  {result.reproduce}")
    if result.traceback:
        lines += ["  this is a bug of the harness:", result.traceback.rstrip()]
    return "\n".join(lines)


def facts_block(result: Result) -> str:
    """What a full-system run was made of, one line each."""
    lines = [f"seed {result.seed}", *(f"{name}: {value}" for name, value in result.facts.items())]
    return "\n".join(lines)
